// Reads InfluxDB's line protocol.

import { setField } from '../../event/object.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, float, type ObjectValue, type Value } from '../../event/value.ts';
import { Collection, Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { type InfluxLine, InfluxProblem, influxLines, parseInfluxLine } from '../formats/influxdb_line.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

const METRIC = Kind.objectOf({
  name: Kind.of('bytes'),
  tags: Kind.object(Collection.of<string>([], Kind.of('bytes'))).with('null'),
  timestamp: Kind.of('timestamp', 'null'),
  kind: Kind.of('bytes'),
  gauge: Kind.objectOf({ value: Kind.of('float') }),
});

/** Tags of all metrics together: each metric carries those of its line, so a line could make many out of few. */
const TAGS_MAX = 1_000_000;

export const parseInfluxdb = defineFunction({
  name: 'parse_influxdb',
  category: 'Parse',
  doc: "Reads [InfluxDB's line protocol](https://docs.influxdata.com/influxdb/cloud/reference/syntax/line-protocol/) as a list of metrics.",
  parameters: [required('value', 'bytes', 'The lines.')],
  failures: ['`value` has a line that is not of the protocol.', 'A field is text, which no metric can hold.'],
  notices: [
    'The results are objects in the shape of metrics; a `log_to_metric` transform with `all_metrics` makes metrics of them.',
    'Each field becomes a gauge that is named by the measurement and the field, with an underscore between.',
  ],
  returns: { kinds: ['array'], fallible: true },
  hasLooseType: true,
  type: () => typeDef(Kind.array(Collection.of<number>([], METRIC)), 'maybe'),
  examples: [
    {
      title: 'A point with two fields',
      source: 'parse_influxdb!("disk,host=web1 used=12i,full=f 1612386835000000000")',
      result: [
        {
          name: 'disk_used',
          tags: { host: 'web1' },
          timestamp: new Timestamp(1612386835, 0),
          kind: 'absolute',
          gauge: { value: new Float(12) },
        },
        {
          name: 'disk_full',
          tags: { host: 'web1' },
          timestamp: new Timestamp(1612386835, 0),
          kind: 'absolute',
          gauge: { value: new Float(0) },
        },
      ],
    },
    {
      title: 'No fields',
      source: 'parse_influxdb!("disk host")',
      error:
        'function call error for "parse_influxdb" at (0:28): InfluxDB line protocol parsing error: No fields were provided',
    },
  ],
  run(value: string | Uint8Array) {
    const metrics: Value[] = [];
    let tags = 0;
    try {
      for (const text of influxLines(utf8Text(value))) {
        const line = parseInfluxLine(text);
        tags += line.tags.length * line.fields.length;
        if (tags > TAGS_MAX) return fail(`InfluxDB line protocol parsing error: more than ${TAGS_MAX} tags`);
        const failure = pushMetrics(metrics, line);
        if (failure) return failure;
      }
    } catch (error) {
      if (error instanceof InfluxProblem) return fail(`InfluxDB line protocol parsing error: ${error.message}`);
      throw error;
    }
    return metrics;
  },
});

function pushMetrics(metrics: Value[], line: InfluxLine): Failure | undefined {
  const timestamp = line.timestamp === undefined ? undefined : timeOf(line.timestamp);
  for (const [field, value] of line.fields) {
    if (typeof value === 'string')
      return fail(
        "Error while converting InfluxDB line protocol metric to Vector's metric model: field set values of type string are not supported",
      );
    const metric: ObjectValue = {
      gauge: { value: float(value) },
      kind: 'absolute',
      name: `${line.measurement}_${field}`,
    };
    if (line.tags.length > 0) {
      const tags: ObjectValue = {};
      for (const [name, text] of line.tags) setField(tags, name, text);
      metric['tags'] = tags;
    }
    if (timestamp) metric['timestamp'] = timestamp;
    metrics.push(metric);
  }
  return undefined;
}

function timeOf(nanos: bigint): Timestamp {
  const within = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return new Timestamp(Number((nanos - within) / 1_000_000_000n), Number(within));
}

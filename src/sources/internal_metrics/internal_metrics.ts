// Sends what the process counts of itself as metrics, at intervals.
//
// Bound: as many metrics a round as there are series, whose number the declarations and the limits of labels bound;
// nothing is kept between rounds. While the pipeline is busy rounds are left out, not queued.

import type { SourceContext } from '../../component/context.ts';
import { defineSource, type Output } from '../../component/define.ts';
import { metricBatch } from '../../event/batch.ts';
import { sizeOfMetrics } from '../../event/event_size.ts';
import { formatPath, parsePath } from '../../event/path.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { type ConfigOf, float, object, ParseProblem, parsed, string } from '../../schema/schema.ts';
import { sleep } from '../../std/clock.ts';
import { componentReceivedBytes, Throughput } from '../../telemetry/component_metrics.ts';
import type { Counter } from '../../telemetry/telemetry.ts';
import { cardinality, type MetricMaker, metricOf } from './reading.ts';

const options = {
  namespace: string('The namespace of all metrics but those that only Sluice has.', { default: 'vector' }),
  scrape_interval_secs: float('Seconds between two rounds.', {
    default: 1,
    unit: 'seconds',
    validate: (seconds) => (seconds >= 0 ? undefined : 'must not be below 0'),
  }),
  tags: object(
    'Tags that are added to every metric.',
    {
      host_key: parsed(
        string(
          'The tag that gets the name of this host, `log_schema.host_key` by default. An empty name keeps it out.',
          { optional: true, examples: ['host'] },
        ),
        tagName,
      ),
      pid_key: string('The tag that gets the id of this process; without a name there is none.', {
        optional: true,
        examples: ['pid'],
      }),
    },
    { optional: true },
  ),
};

type Config = ConfigOf<typeof options>;

/** A tag is named as a field is written. */
function tagName(text: string): string | ParseProblem {
  if (text === '') return text;
  const path = parsePath(text);
  return typeof path === 'string' ? new ParseProblem(path) : formatPath(path);
}

/** Shorter intervals are as good as this one. */
const INTERVAL_MIN_MS = 10;

export const source = defineSource({
  type: 'internal_metrics',
  status: 'stable',
  summary: 'Exposes the metrics that Sluice counts of itself.',
  options,
  examples: [
    { title: 'Once a second', config: '' },
    { title: 'With the process in the tags', config: 'scrape_interval_secs: 15\ntags:\n  pid_key: pid' },
  ],
  outputs: () => [{ port: undefined, types: ['metric'] }],
  acknowledges: false,
  build(config, context) {
    const maker = makerOf(config, context);
    const intervalMs = Math.max(config.scrape_interval_secs * 1000, INTERVAL_MIN_MS);
    return { run: (output, stop) => emit(context, maker, intervalMs, output, stop) };
  },
});

function makerOf({ namespace, tags }: Config, { id, type, globals }: SourceContext): MetricMaker {
  const { host } = globals.logSchema;
  const hostKey = tags?.host_key ?? (host && formatPath(host));
  return {
    namespace,
    tags: [
      ...(hostKey ? [[hostKey, globals.hostname] as const] : []),
      ...(tags?.pid_key ? [[tags.pid_key, String(process.pid)] as const] : []),
    ],
    metadata: { value: {}, sourceId: id, sourceType: type },
  };
}

async function emit(
  context: SourceContext,
  maker: MetricMaker,
  intervalMs: number,
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  const { clock } = context;
  const received = Throughput.received(context);
  const bytes = context.counter(componentReceivedBytes, { protocol: 'internal' });
  for (let next = clock.monotonic(); !stop.aborted; next = Math.max(next + intervalMs, clock.monotonic())) {
    await sleep(clock, next - clock.monotonic(), stop);
    if (stop.aborted) return;
    await sendRound(context, maker, received, bytes, output);
  }
}

async function sendRound(
  context: SourceContext,
  maker: MetricMaker,
  received: Throughput,
  bytes: Counter,
  output: Output,
): Promise<void> {
  const timestamp = Timestamp.fromMs(context.clock.now());
  const readings = context.readings();
  const events = [...readings, ...cardinality(readings.length)].map((reading) => metricOf(reading, maker, timestamp));
  const sizeBytes = sizeOfMetrics(events);
  bytes.add(sizeBytes);
  received.add(events.length, sizeBytes);
  const { chunkSizeEvents } = context.globals;
  for (let start = 0; start < events.length; start += chunkSizeEvents)
    await output.send(metricBatch(events.slice(start, start + chunkSizeEvents)));
}

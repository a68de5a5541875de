// Series of a registry in Prometheus' text format: for programs that use metrics as a library and serve them themselves
// (`sluice/metrics/prometheus`).

import { BUCKET_LIMITS } from '../../telemetry/buckets.ts';
import type { Reading } from '../../telemetry/telemetry.ts';
import type { Exposed } from './exposition.ts';
import { labelName, metricName } from './names.ts';
import { writeText } from './write_text.ts';

export { TEXT_CONTENT_TYPE } from './write_text.ts';

const LIMITS = BUCKET_LIMITS.slice(0, -1);

/** The text that a scraper is answered with; `registry.all()` gives the readings. */
export function prometheusText(readings: Iterable<Reading>): string {
  return [
    ...writeText(readings, (reading) => ({
      name: metricName(undefined, reading.name),
      help: reading.doc ?? reading.name,
      labels: Object.entries(reading.labels).map(([name, value]) => [labelName(name), value] as const),
      timestampMs: undefined,
      value: exposed(reading),
    })),
  ].join('');
}

function exposed({ type, value, sum, buckets = [] }: Reading): Exposed {
  if (type !== 'histogram') return { type, value };
  return { type, limits: LIMITS, counts: buckets.slice(0, -1), count: value, sum };
}

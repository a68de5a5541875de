// A number made of internal metrics.

import { float, type ObjectValue } from '../../event/value.ts';
import { Failure } from '../4_run/failure.ts';
import { METRIC_KEY, METRIC_TAGS, prepareMetricLookup } from '../formats/metric_query.ts';
import { defineFunction, required } from '../function.ts';

const FUNCTIONS = {
  sum: 'All values added.',
  avg: 'The mean of the values.',
  max: 'The greatest value.',
  min: 'The least value.',
} as const;

type AggregateFunction = keyof typeof FUNCTIONS;

export const aggregateVectorMetrics = defineFunction({
  name: 'aggregate_vector_metrics',
  category: 'Metrics',
  doc:
    'Makes one number of the internal metrics of a name, as they were when metrics were last gathered; `null` if there ' +
    'are none. Only counters and gauges count.',
  parameters: [
    required('function', 'bytes', 'What to make of the values.', { values: FUNCTIONS, compileTime: true }),
    METRIC_KEY,
    METRIC_TAGS,
  ],
  returns: { kinds: ['float', 'null'], fallible: false },
  examples: [
    {
      title: 'The load of all components',
      source: 'aggregate_vector_metrics("avg", "utilization")',
      compileOnly: true,
    },
  ],
  prepare(call) {
    const name = call.oneOf('function', Object.keys(FUNCTIONS)) as AggregateFunction;
    const lookup = prepareMetricLookup(call);
    return (_function: undefined, key: string | Uint8Array, tags: ObjectValue) => {
      const found = lookup(key, tags);
      if (found instanceof Failure) return found;
      const values = found.map(({ value }) => value).filter((value) => value !== undefined);
      return values.length === 0 ? null : float(aggregated(name, values));
    };
  },
});

function aggregated(name: AggregateFunction, values: readonly number[]): number {
  if (name === 'max') return values.reduce((a, b) => Math.max(a, b));
  if (name === 'min') return values.reduce((a, b) => Math.min(a, b));
  const sum = values.reduce((a, b) => a + b);
  return name === 'sum' ? sum : sum / values.length;
}

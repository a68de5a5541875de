// Internal metrics.

import type { ObjectValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { Failure } from '../4_run/failure.ts';
import { METRIC_KEY, METRIC_KIND, METRIC_TAGS, metricValue, prepareMetricLookup } from '../formats/metric_query.ts';
import { defineFunction } from '../function.ts';

export const findVectorMetrics = defineFunction({
  name: 'find_vector_metrics',
  category: 'Metrics',
  doc: 'Gives all internal metrics of a name, as they were when metrics were last gathered.',
  parameters: [METRIC_KEY, METRIC_TAGS],
  returns: { kinds: ['array'], fallible: false },
  type: () => typeDef(Kind.arrayOf([], METRIC_KIND())),
  examples: [
    {
      title: 'The load of components',
      source: 'find_vector_metrics("utilization", tags: { "component_id": "parse_*" })',
      compileOnly: true,
    },
  ],
  prepare(call) {
    const lookup = prepareMetricLookup(call);
    return (key: string | Uint8Array, tags: ObjectValue) => {
      const found = lookup(key, tags);
      return found instanceof Failure ? found : found.map(metricValue);
    };
  },
});

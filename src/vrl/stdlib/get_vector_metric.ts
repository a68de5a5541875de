// One internal metric.

import type { ObjectValue } from '../../event/value.ts';
import { typeDef } from '../2_check/type_def.ts';
import { Failure } from '../4_run/failure.ts';
import { METRIC_KEY, METRIC_KIND, METRIC_TAGS, metricValue, prepareMetricLookup } from '../formats/metric_query.ts';
import { defineFunction } from '../function.ts';

export const getVectorMetric = defineFunction({
  name: 'get_vector_metric',
  category: 'Metrics',
  doc: 'Gives the first internal metric of a name, as it was when metrics were last gathered; `null` if there is none.',
  parameters: [METRIC_KEY, METRIC_TAGS],
  returns: { kinds: ['object', 'null'], fallible: false },
  type: () => typeDef(METRIC_KIND().with('null')),
  examples: [
    {
      title: 'The load of a component',
      source: 'get_vector_metric("utilization", tags: { "component_id": "parse" })',
      compileOnly: true,
    },
  ],
  prepare(call) {
    const lookup = prepareMetricLookup(call);
    return (key: string | Uint8Array, tags: ObjectValue) => {
      const found = lookup(key, tags);
      if (found instanceof Failure) return found;
      return found[0] ? metricValue(found[0]) : null;
    };
  },
});

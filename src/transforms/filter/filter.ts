// Passes on the events that meet a condition.

import { buildCondition, condition, conditionProblems } from '../../component/condition.ts';
import { defineTransform } from '../../component/define.ts';
import { kept } from '../../component/sort_events.ts';
import { decode, finish } from '../../event/batch.ts';

export const transform = defineTransform({
  type: 'filter',
  status: 'stable',
  summary: 'Filter events based on a set of conditions.',
  options: {
    condition: condition('The condition that events must meet to be passed on; the others are dropped.', {
      examples: ['.message == "value"', { type: 'datadog_search', source: '*stack' }],
    }),
  },
  examples: [
    { title: 'Leave out what is only for debugging', config: `condition: .level != "debug"` },
    { title: 'Keep logs alone', config: `condition:\n  type: is_log` },
  ],
  sample: { condition: '.message == "value"' },
  inputs: () => ['log', 'metric', 'trace'],
  outputs: (_, inputs) => [{ port: undefined, types: inputs }],
  verify: (config, setting) => conditionProblems(config.condition, setting, ['condition']),
  build(config, context) {
    const check = buildCondition(config.condition, context);
    return {
      process(given, emit) {
        const batch = decode(given);
        const passed = kept(batch, (event) => check.check(batch.type, event));
        context.faults.discarded(batch.count - (passed?.count ?? 0), 'Events filtered out', true);
        if (passed) emit(passed);
        else finish(batch);
      },
    };
  },
});

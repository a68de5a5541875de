// Passes on the events that meet a condition.

import { buildCondition, condition, conditionProblems } from '../../component/condition.ts';
import { defineTransform } from '../../component/define.ts';
import { kept } from '../../component/sort_events.ts';
import { decode, finish } from '../../event/batch.ts';

const FILTERED = 'Events filtered out';

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
      step() {
        let filtered = 0;
        return {
          needs: check.needs,
          run(event) {
            if (check.check('log', event)) return 1;
            filtered += 1;
            return 0;
          },
          settle() {
            context.faults.discarded(filtered, FILTERED, true);
            filtered = 0;
          },
        };
      },
      process(given, emit) {
        const batch = decode(given);
        const passed = kept(batch, (event) => check.check(batch.type, event));
        context.faults.discarded(batch.count - (passed?.count ?? 0), FILTERED, true);
        if (passed) emit(passed);
        else finish(batch);
      },
    };
  },
});

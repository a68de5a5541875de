// Passes events on after a while.

import { buildCondition, condition, conditionProblems } from '../../component/condition.ts';
import { defineTransform } from '../../component/define.ts';
import { stateKeeper } from '../../component/state/state_keeper.ts';
import { keptState } from '../../component/state/state_option.ts';
import { decode, decodedBatch, finish } from '../../event/batch.ts';
import type { Event } from '../../event/event.ts';
import { oneOf, uint } from '../../schema/schema.ts';
import { DelayQueue } from './delay_queue.ts';

export const transform = defineTransform({
  type: 'delay',
  status: 'beta',
  summary: 'Delay events passing through a topology by a fixed time.',
  options: {
    delay_ms: uint('How long an event is held back. What is held back when the input ends goes on at once.', {
      unit: 'milliseconds',
      examples: [5_000],
    }),
    condition: condition('The events that are held back; others go on at once. All of them unless given.', {
      optional: true,
    }),
    queue_capacity: uint('Most events that are held back at a time. The queue is full with 64 MiB of them, too.', {
      default: 500,
      min: 1,
    }),
    overflow_strategy: oneOf(
      ['block', 'drop_newest', 'forward'],
      'What is done with an event for which the queue has no room: `block` takes no more until it has, `drop_newest` drops the event, `forward` passes it on at once.',
      { default: 'block' },
    ),
    state: keptState(),
  },
  examples: [
    { title: 'Five seconds later', config: `delay_ms: 5000\nqueue_capacity: 10000` },
    {
      title: 'What failed waits for a minute',
      config: `delay_ms: 60000\ncondition: .attempt > 1\noverflow_strategy: drop_newest`,
    },
  ],
  sample: { delay_ms: 5_000, queue_capacity: 500, overflow_strategy: 'block' },
  inputs: () => ['log', 'metric', 'trace'],
  outputs: (_, inputs) => [{ port: undefined, types: inputs }],
  verify: (config, setting) => (config.condition ? conditionProblems(config.condition, setting, ['condition']) : []),
  build(config, context) {
    const check = config.condition && buildCondition(config.condition, context);
    const queue = new DelayQueue(config, context);
    queue.keeper = stateKeeper(config.state, context, queue);
    return {
      start: (emit) => queue.start(emit),
      process(given, emit) {
        const batch = decode(given);
        const [now, later]: [Event[], Event[]] = [[], []];
        for (const event of batch.events as readonly Event[])
          (!check || check.check(batch.type, event) ? later : now).push(event);
        if (now.length > 0) emit(decodedBatch(batch.type, now, batch.finalizer.retain()));
        const wait = later.length > 0 ? queue.add(batch.type, later, batch.finalizer) : undefined;
        finish(batch);
        return wait;
      },
      end: (emit) => queue.end(emit),
    };
  },
});

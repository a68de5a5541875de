// The door of the buffers: what waits in front of a sink.

import { assert } from '../std/assert.ts';
import type { Clock } from '../std/clock.ts';
import type { Faults } from '../telemetry/component_metrics.ts';
import type { Recorder } from '../telemetry/telemetry.ts';
import { type Capacity, StageMetrics } from './buffer_metrics.ts';
import { EventBuffer } from './event_buffer.ts';
import { MemoryStage, type WhenFull } from './memory.ts';

export { bufferSendDuration } from './buffer_metrics.ts';
export { EventBuffer } from './event_buffer.ts';

/** A stage as configured. */
export interface StageOptions {
  readonly type: 'memory' | 'disk';
  readonly max_events?: number;
  readonly max_size?: number;
  readonly when_full: WhenFull;
}

export interface BufferContext {
  /** Label `buffer_id`: the id of the sink. */
  readonly id: string;
  readonly recorder: Recorder;
  readonly faults: Faults;
  readonly clock: Clock;
}

/** Capacity of a memory stage that names none. */
const MAX_EVENTS_DEFAULT = 500;

/** Stages of one buffer: each is a label value. */
const STAGES_MAX = 16;

/** Builds a buffer of stages that `bufferProblem` has nothing against. */
export function buildBuffer(stages: readonly StageOptions[], context: BufferContext): EventBuffer {
  const problem = bufferProblem(stages);
  assert(problem === undefined, `a buffer is built of stages that work together: ${problem}`);
  return new EventBuffer(
    stages.map((stage, index) => {
      const capacity = capacityOf(stage);
      const metrics = new StageMetrics(context.recorder, context.clock, context.id, stage.type, index, capacity);
      return new MemoryStage(capacity, stage.when_full, metrics);
    }),
    context.faults,
    context.clock,
  );
}

/** Why the stages cannot work together, or undefined when they can. */
export function bufferProblem(stages: readonly StageOptions[]): string | undefined {
  if (stages.length === 0) return 'a buffer needs at least one stage';
  if (stages.length > STAGES_MAX) return `a buffer has at most ${STAGES_MAX} stages`;
  if (stages.some(({ type }) => type === 'disk'))
    return 'this version has no disk buffer: use `type: memory`, which loses what it holds when the process is killed';
  if (stages.at(-1)!.when_full === 'overflow')
    return 'the last stage of a buffer has nothing to overflow to: set its `when_full` to `block` or `drop_newest`';
  if (stages.slice(0, -1).some(({ when_full }) => when_full !== 'overflow'))
    return 'every stage of a buffer but the last must have `when_full: overflow`: nothing would reach the next one';
  return undefined;
}

function capacityOf({ max_events, max_size }: StageOptions): Capacity {
  return max_size === undefined
    ? { unit: 'events', max: max_events ?? MAX_EVENTS_DEFAULT }
    : { unit: 'bytes', max: max_size };
}

// The program as a step of a segment: run on the fields it needs, with the outcomes it has on whole events.

import type { TransformContext } from '../../component/context.ts';
import type { CutProgram } from '../../component/program_step.ts';
import { cloneFields } from '../../engine/segment/partial_event.ts';
import { SEVERAL, type SegmentEvent, type Step } from '../../engine/segment/step.ts';
import { isObject } from '../../event/value.ts';
import type { Failure } from '../../vrl/vrl.ts';
import {
  annotated,
  EventProgram,
  eventsOf,
  Fates,
  keepsOriginal,
  type Outcome,
  type RemapOptions,
  Undo,
} from './run_program.ts';

/** Bits of the ports. */
const PASSED = 1;
const DROPPED = 2;

/** `settle` is told what became of the events of each batch. */
export function remapStep(
  { program, replacing }: CutProgram,
  options: RemapOptions,
  context: TransformContext,
  settle: (stopped: Pick<Outcome, 'failed' | 'aborted'>) => void,
): Step {
  const whole = new EventProgram(program);
  const rest = replacing?.text?.rest && new EventProgram(replacing.text.rest);
  const keeps = keepsOriginal(program, options);
  const undo = new Undo(program);
  const writesRoot = program.writes.some(({ target, segments }) => target === 'event' && segments.length === 0);
  const fates = new Fates(options);

  /** Sends on what came in, which `event` is again. */
  const stopped = (event: SegmentEvent, failure: Failure, isPassed: boolean): number => {
    if (isPassed && !replacing) return PASSED;
    event.complete();
    if (isPassed) return PASSED;
    const { value, metadata } = annotated(event, failure, context, 'log');
    event.replace(value);
    event.metadata = metadata;
    return DROPPED;
  };

  const run = (event: SegmentEvent): number => {
    if (keeps) undo.save(event.value, cloneFields);
    const failure = whole.apply(event);
    if (failure) {
      const fate = fates.of(failure);
      if (fate === 'gone') return 0;
      event.value = undo.restored(event.value);
      return stopped(event, failure, fate === 'passed');
    }
    if (replacing) event.replace(event.value);
    if (!writesRoot || isObject(event.value)) return PASSED;
    event.several = eventsOf(event, context);
    return SEVERAL;
  };

  const runRest = (event: SegmentEvent, before: SegmentEvent): number => {
    const failure = rest?.apply(event);
    if (!failure) return PASSED;
    const fate = fates.of(failure);
    if (fate === 'gone') return 0;
    event.become(before);
    return stopped(event, failure, fate === 'passed');
  };

  const text = replacing?.text;
  return {
    needs: program,
    ...(replacing && {
      replaces: {
        reads: replacing.reads,
        ...(text && {
          text: {
            format: text.format,
            path: text.path,
            pattern: text.pattern,
            keepsOthers: text.keepsOthers,
            needs: text.rest ?? { reads: [], writes: [] },
            run: runRest,
          },
        }),
      },
    }),
    run,
    settle: () => settle(fates.take()),
  };
}

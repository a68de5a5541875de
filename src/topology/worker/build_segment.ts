// The steps of a segment on a worker, from the same definitions and options as on the main thread. What they count and
// say goes into a notebook.

import type { TransformContext } from '../../component/context.ts';
import type { TransformDefinition } from '../../component/define.ts';
import { programEnvironment } from '../../component/program_environment.ts';
import type { Branch } from '../../engine/segment/segment.ts';
import { Notebook } from '../../engine/workers/notes.ts';
import { systemClock } from '../../std/clock.ts';
import { systemRandom } from '../../std/random.ts';
import { Faults } from '../../telemetry/component_metrics.ts';
import type { Environment } from '../../vrl/vrl.ts';
import type { BranchRecipe, ComponentRecipe, SegmentRecipe } from '../segment_recipe.ts';
import { transforms } from './transforms.gen.ts';

/** Rejects with the reason when it can only be built on the main thread. */
export async function buildSegment(recipe: unknown): Promise<{ readonly root: Branch; readonly notebook: Notebook }> {
  const { root, levels, globals } = recipe as SegmentRecipe;
  const notebook = new Notebook(levels, systemClock);
  return { root: await branchOf(root, { notebook, globals }), notebook };
}

interface Setting extends Pick<SegmentRecipe, 'globals'> {
  readonly notebook: Notebook;
}

async function branchOf(recipe: BranchRecipe, setting: Setting): Promise<Branch> {
  if (recipe.kind === 'leaf') return recipe;
  const { component, index } = recipe;
  const load = (transforms as Readonly<Record<string, () => Promise<TransformDefinition<unknown>>>>)[component.type];
  if (!load) throw new Error(`workers know no transform \`${component.type}\``);
  const transform = await (await load()).build(component.options, contextOf(component, index, setting));
  const step = transform.step?.() ?? 'it keeps something from one event to the next';
  if (typeof step === 'string') throw new Error(`${component.id}: ${step}`);
  const ports: Branch[][] = [];
  for (const branches of recipe.ports) ports.push(await Promise.all(branches.map((one) => branchOf(one, setting))));
  return { kind: 'step', step, index, ports };
}

function contextOf(
  { id, type, logNamespaces }: ComponentRecipe,
  step: number,
  { notebook, globals }: Setting,
): TransformContext {
  const line = (level: 'error' | 'debug'): Line => {
    return (message, fields, place) => notebook.line(step, level, message, fields, place);
  };
  const counter: TransformContext['counter'] = (definition, labels) => notebook.counter(step, definition, labels);
  return {
    id,
    kind: 'transform',
    type,
    globals,
    clock: systemClock,
    random: systemRandom,
    log: notebook.logger(step),
    faults: new Faults({ counter }, { error: line('error'), debug: line('debug') }),
    logNamespaces,
    environment: (timezone = globals.timezone) => environmentOf(timezone, step, notebook),
    counter,
    gauge: mainThreadOnly,
    histogram: mainThreadOnly,
    stateBytesMax: Number.POSITIVE_INFINITY,
    // Segments keep nothing between batches; a worker's heap is an owner of its own.
    owns: () => () => {},
    disown() {},
    get arena() {
      return mainThreadOnly();
    },
  };
}

type Line = TransformContext['log']['error'];

/** Programs that look into tables or at metrics do not compile with this, and stay on the main thread. */
function environmentOf(timezone: string, step: number, notebook: Notebook): Environment {
  return programEnvironment({
    timezone,
    now: () => systemClock.now(),
    random: systemRandom,
    log: (level, message, { start }, rateLimitSecs) =>
      notebook.line(step, level, message, { vrl_position: start }, String(start), rateLimitSecs),
  });
}

function mainThreadOnly(): never {
  throw new Error('it needs what only the main thread has');
}

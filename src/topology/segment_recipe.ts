// What a worker builds a segment from: the components it stands for, by type and options, as plain data.

import type { Globals } from '../component/context.ts';
import type { LeafForm } from '../engine/segment/leaf.ts';
import type { Branch } from '../engine/segment/segment.ts';
import type { LogNamespace } from '../event/log_schema.ts';
import { isPlain } from '../std/plain.ts';
import type { Level, Logger } from '../telemetry/log.ts';
import type { TransformNode } from './transform_node.ts';

export interface SegmentRecipe {
  readonly globals: Globals;
  /** Levels of log lines that somebody sees. */
  readonly levels: readonly Level[];
  readonly root: BranchRecipe;
}

export type BranchRecipe =
  | {
      readonly kind: 'step';
      readonly component: ComponentRecipe;
      readonly index: number;
      readonly ports: readonly (readonly BranchRecipe[])[];
    }
  | { readonly kind: 'leaf'; readonly form: LeafForm; readonly index: number };

export interface ComponentRecipe {
  readonly id: string;
  readonly type: string;
  readonly options: unknown;
  readonly logNamespaces: readonly LogNamespace[];
}

const LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const;

/** The recipe of a segment, or why it is for the main thread alone. */
export function recipeOf(
  root: Branch,
  steps: readonly TransformNode[],
  globals: Globals,
  log: Logger,
): SegmentRecipe | string {
  if (keepsEvents(root)) return 'a component of it keeps something from one event to the next';
  if (wantsEvents(root)) return 'a consumer behind it wants events';
  const recipe = { globals, levels: LEVELS.filter((level) => log.enabled(level)), root: branchOf(root, steps) };
  return isPlain(recipe) ? recipe : 'its options are not plain data';
}

function keepsEvents(branch: Branch): boolean {
  return branch.kind === 'step' && (branch.step.keeping !== undefined || branch.ports.flat().some(keepsEvents));
}

function wantsEvents(branch: Branch): boolean {
  if (branch.kind === 'step') return branch.ports.flat().some(wantsEvents);
  const { form } = branch;
  return form === 'events' || (typeof form === 'object' && form.form === 'taker');
}

function branchOf(branch: Branch, steps: readonly TransformNode[]): BranchRecipe {
  if (branch.kind === 'leaf') return branch;
  const { index, ports } = branch;
  const { id, config, recipe: options } = steps[index]!;
  const { definition, logNamespaces } = config;
  return {
    kind: 'step',
    component: { id, type: definition.type, options, logNamespaces },
    index,
    ports: ports.map((branches) => branches.map((one) => branchOf(one, steps))),
  };
}

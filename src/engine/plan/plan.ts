// Cuts a graph into segments, and says of each how its events are looked at and why not faster.
//
//   tier 0   nobody looks inside: frames go from slot to sink
//   tier 1   partial events: only the fields that programs name are decoded, the rest stays text
//   tier 2   whole events: everything is decoded, in one pass over the batch
//
// The planner knows components by what they say of themselves: a step, a form of frames, or why there is none. What it
// finds before any data comes holds for the usual event; one that does not fit takes the next tier on its own.

import { formatPath } from '../../event/path.ts';
import { SYSLOG_FIELDS } from '../../event/syslog.ts';
import { byteMatcherOf } from '../../vrl/vrl.ts';
import { type Field, fieldsOf, type KnownFields } from '../segment/fields.ts';
import type { LeafForm, LeafTaker } from '../segment/leaf.ts';
import type { Branch } from '../segment/segment.ts';
import type { Needs, Step, TextReplacement } from '../segment/step.ts';
import { textFields } from '../segment/text_base.ts';

/** Most components and consumers in one segment: where ways meet again, what is behind counts once for each. */
const BRANCHES_MAX = 256;

/** A component of the graph that logs go into. */
export interface PlanNode {
  readonly id: string;
  /** What it does to an event; text says why it cannot be a part of a segment. Undefined for a sink. */
  step(): Step | string | undefined;
  /**
   * For a sink the form of frames that it passes through, `events` where it looks at them itself; for a transform that
   * is no step how it takes them.
   */
  readonly form: LeafForm;
  /** Of a transform, by port: who is behind it. */
  outputs(): readonly (readonly PlanNode[])[];
}

/** Stateless components from where raw batches come in up to their consumers. */
export interface SegmentPlan<N extends PlanNode> {
  readonly root: Branch;
  /** Components by the index of their step, and consumers by that of their leaf. */
  readonly steps: readonly N[];
  readonly leaves: readonly N[];
  /** Why consumers that are transforms are no part of it, by id. */
  readonly barriers: ReadonlyMap<string, string>;
}

export function planSegment<N extends PlanNode>(entrance: N): SegmentPlan<N> {
  const steps: N[] = [];
  const leaves: N[] = [];
  const barriers = new Map<string, string>();
  let branches = 0;
  const leaf = (node: N, form: LeafForm): Branch => ({ kind: 'leaf', form, index: leaves.push(node) - 1 });
  const branchOf = (node: N): Branch => {
    branches += 1;
    const step = branches > BRANCHES_MAX ? `more than ${BRANCHES_MAX} components are behind one entrance` : node.step();
    if (step === undefined) return leaf(node, node.form);
    if (typeof step === 'string') {
      barriers.set(node.id, step);
      return leaf(node, branches > BRANCHES_MAX ? 'events' : node.form);
    }
    const index = steps.push(node) - 1;
    return { kind: 'step', step, index, ports: node.outputs().map((port) => port.map((one) => branchOf(one as N))) };
  };
  return { root: branchOf(entrance), steps, leaves, barriers };
}

/** Whether a segment would do nothing that its one consumer does not do itself: events, or messages as they came. */
export function isIdle(root: Branch): boolean {
  return root.kind === 'leaf' && (typeof root.form === 'string' || root.form.form === 'text');
}

/** What a partial event must hold for a branch and what is behind it. */
export function needsOf(branch: Branch): readonly Needs[] {
  if (branch.kind === 'leaf') {
    const { form } = branch;
    if (isTaker(form)) return [form.taker.needs];
    return typeof form === 'string' || form.form === 'json' || !form.message
      ? []
      : [{ reads: [form.message], writes: [] }];
  }
  const { step } = branch;
  // The text is read where it lies; and behind a replacement nothing is left of what came in.
  if (readFieldsOf(branch)) return [];
  if (step.replaces) return [{ reads: step.replaces.reads, writes: [] }];
  return [step.needs, ...needsBehind(branch)];
}

function isTaker(form: LeafForm): form is LeafTaker {
  return typeof form !== 'string' && form.form === 'taker';
}

type StepBranch = Extract<Branch, { readonly kind: 'step' }>;

function needsBehind({ ports }: StepBranch): readonly Needs[] {
  return ports.flat().flatMap(needsOf);
}

/** The fields of the text that replaces the event; undefined when it has to be decoded whole. */
export function readFieldsOf(branch: StepBranch): KnownFields | undefined {
  const text = branch.step.replaces?.text;
  const fields = text && fieldsOf([text.needs, ...needsBehind(branch)]);
  if (!fields || !('fields' in fields)) return undefined;
  if (text.format === 'syslog' && structuredData(fields) !== undefined) return undefined;
  return leavesChoice(text) ? undefined : fields;
}

/** Whether text can match a pattern in more than one way, as far as can be told. */
function leavesChoice({ format, pattern }: TextReplacement): boolean {
  return format === 'regex' && (pattern === undefined || !byteMatcherOf(pattern));
}

/** The name of a field that is no field of every syslog message: structured data may have any name. */
function structuredData({ fields }: KnownFields): string | undefined {
  return fields.find(({ names }) => !(SYSLOG_FIELDS as readonly string[]).includes(names[0]!))?.names[0];
}

/** How a segment looks at its events, in lines for people. */
export function describe<N extends PlanNode>({ root, steps, leaves, barriers }: SegmentPlan<N>): readonly string[] {
  const lines: string[] = [];
  const visit = (branch: Branch, indent: string, whole: string | undefined): void => {
    if (branch.kind === 'leaf') {
      lines.push(
        `${indent}${leaves[branch.index]!.id}: ${leafText(branch.form, barriers.get(leaves[branch.index]!.id))}`,
      );
      return;
    }
    const read = readFieldsOf(branch);
    const { id } = steps[branch.index]!;
    lines.push(`${indent}${id}: ${stepText(branch, read, whole)}`);
    const after = branch.step.replaces ? (read ? undefined : (reasonFor(branch) ?? 'the event was replaced')) : whole;
    for (const port of branch.ports) for (const one of port) visit(one, `${indent}  `, after);
  };
  const fields = fieldsOf(needsOf(root));
  visit(root, '', 'whole' in fields ? fields.whole : textFields(fields) ? undefined : 'a field is called `__proto__`');
  return lines;
}

function stepText(branch: StepBranch, read: KnownFields | undefined, whole?: string): string {
  if (read) return `tier 1, ${HOW[branch.step.replaces!.text!.format]} and decodes ${namesOf(read.fields)}`;
  if (whole !== undefined) return `tier 2, decodes the whole event: ${whole}`;
  const { step } = branch;
  const fields = fieldsOf([step.replaces ? { reads: step.replaces.reads, writes: [] } : step.needs]);
  const names = 'fields' in fields ? namesOf(fields.fields) : 'the whole event';
  const reason = reasonFor(branch);
  return `tier 1, decodes ${names}${reason === undefined ? '' : `, then makes a whole event: ${reason}`}`;
}

/** How texts are read in parts. */
const HOW: Readonly<Record<TextReplacement['format'], string>> = {
  json: 'indexes the JSON text',
  syslog: 'finds its way in the message',
  regex: 'finds the captures where the text lies',
};

/** Why what replaces the event is decoded whole. */
function reasonFor(branch: StepBranch): string | undefined {
  const { replaces } = branch.step;
  if (!replaces) return undefined;
  if (!replaces.text) return 'what it puts in the place of the event is not what a text says';
  const fields = fieldsOf([replaces.text.needs, ...needsBehind(branch)]);
  if ('whole' in fields) return `behind the parsing, ${fields.whole}`;
  if (leavesChoice(replaces.text)) return 'text may match the pattern in more than one way';
  const name = replaces.text.format === 'syslog' ? structuredData(fields) : undefined;
  return name === undefined ? undefined : `behind the parsing, it needs \`${name}\`, which may be structured data`;
}

function needsText(needs: Needs): string {
  const fields = fieldsOf([needs]);
  return 'fields' in fields ? namesOf(fields.fields) : 'whole events';
}

function namesOf(fields: readonly Field[]): string {
  if (fields.length === 0) return 'nothing';
  return fields.map(({ names }) => formatPath({ target: 'event', segments: [...names] })).join(', ');
}

function leafText(form: LeafForm, barrier: string | undefined): string {
  if (isTaker(form)) return `looks at ${needsText(form.taker.needs)} as events come out, and keeps none`;
  if (barrier !== undefined) return `takes whole events: ${barrier}`;
  if (form === 'events') return 'takes whole events: its encoding or templates look into them';
  if (form === 'discard') return 'counts them';
  return form.form === 'json' ? 'frames of JSON, spliced from the text that came in' : 'the message as it is';
}

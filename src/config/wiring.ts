// How components are connected: inputs written as ids and patterns become outputs, events of the right types flow along
// every edge, nothing flows in a circle, and nothing ends nowhere unnoticed. Works with what is known: a component that
// is itself wrong gives no second complaint here.

import type { OutputDefinition } from '../component/define.ts';
import type { EventType } from '../event/event.ts';
import type { ConfigPath, Problem } from '../schema/schema.ts';
import { type Glob, parseGlob } from '../std/glob.ts';
import { nearest } from '../std/suggest.ts';

export interface WiredNode {
  readonly kind: 'source' | 'transform' | 'sink' | 'enrichment table';
  readonly id: string;
  readonly path: ConfigPath;
  /** As they are written; undefined when that is wrong in itself. Sources have none. */
  readonly inputs: readonly string[] | undefined;
  /** Types that it takes; undefined when that is not known. */
  readonly accepts: readonly EventType[] | undefined;
  /** What it sends when these types reach it; undefined when that is not known. */
  readonly outputs: ((inputs: readonly EventType[]) => readonly OutputDefinition[]) | undefined;
}

export interface Wiring {
  /** Output ids by the id of the component that they feed. */
  readonly inputs: ReadonlyMap<string, readonly string[]>;
  /** Types that reach a component. */
  readonly inputTypes: ReadonlyMap<string, readonly EventType[]>;
  readonly outputs: ReadonlyMap<string, readonly OutputDefinition[]>;
  readonly problems: readonly Problem[];
}

const ALL_TYPES: readonly EventType[] = ['log', 'metric', 'trace'];

/** An edge, and the entry of `inputs` that made it. */
interface Edge {
  readonly output: string;
  readonly entry: number;
}

interface State {
  readonly nodes: ReadonlyMap<string, WiredNode>;
  /** Owners of outputs by output id. */
  readonly owners: Map<string, WiredNode>;
  /** Output ids that can be suggested. */
  readonly known: readonly string[];
  readonly isRelaxed: boolean;
  /** Events may be put in anywhere, and inputs that lead nowhere are left out. */
  readonly isForTests: boolean;
  readonly edges: Map<string, readonly Edge[]>;
  readonly problems: Problem[];
  /** Names that a wrong input probably meant. */
  readonly guesses: Set<string>;
}

export function wire(nodes: readonly WiredNode[], isRelaxed: boolean, isForTests = false): Wiring {
  const byId = new Map<string, WiredNode>();
  for (const node of nodes) if (!byId.has(node.id)) byId.set(node.id, node);
  const owners = new Map(nodes.flatMap((node) => outputIds(node).map((output) => [output, node] as const)));
  const known = [...owners.keys()];
  const state: State = {
    nodes: byId,
    owners,
    known,
    isRelaxed,
    isForTests,
    edges: new Map(),
    problems: [],
    guesses: new Set(),
  };
  for (const node of nodes) if (node.kind !== 'source' && node.inputs) state.edges.set(node.id, expand(state, node));
  findCycles(state);
  const { inputTypes, outputs } = flow(state);
  if (!isForTests) warnOfUnused(state, outputs);
  const inputs = new Map([...state.edges].map(([id, edges]) => [id, edges.map(({ output }) => output)]));
  return { inputs, inputTypes, outputs, problems: state.problems };
}

function outputId(id: string, { port }: OutputDefinition): string {
  return port === undefined ? id : `${id}.${port}`;
}

/** The outputs of a node whatever reaches it; of one that is not known, its id stands for all of them. */
function outputIds(node: WiredNode): string[] {
  if (node.kind === 'sink' || node.kind === 'enrichment table') return [];
  if (!node.outputs) return [node.id];
  return node.outputs(node.accepts ?? ALL_TYPES).map((output) => outputId(node.id, output));
}

function expand(state: State, node: WiredNode): Edge[] {
  const edges: Edge[] = [];
  const inputs = node.inputs!;
  if (inputs.length === 0 && node.kind !== 'enrichment table' && !state.isForTests)
    report(state, node, undefined, `${title(node.kind)} "${node.id}" has no inputs`);
  for (const [entry, written] of inputs.entries()) {
    for (const output of matching(state, node, written, entry)) {
      const first = edges.find((edge) => edge.output === output);
      if (first) reportDuplicate(state, node, output, entry, first.entry);
      else edges.push({ output, entry });
    }
  }
  return edges;
}

function title(kind: WiredNode['kind']): string {
  return `${kind[0]!.toUpperCase()}${kind.slice(1)}`;
}

function report(state: State, node: WiredNode, entry: number | undefined, message: string, hint?: string): void {
  const path = [...node.path, 'inputs', ...(entry === undefined ? [] : [entry])];
  state.problems.push({ severity: 'error', path, message, ...(hint === undefined ? {} : { hint }) });
}

function reportDuplicate(state: State, node: WiredNode, output: string, entry: number, first: number): void {
  const earlier = node.inputs![first]!;
  const hint = earlier === output ? 'leave one of them out' : `\`${earlier}\` matches it already`;
  report(state, node, entry, `\`${output}\` is an input of \`${node.id}\` twice`, hint);
}

/** The outputs that an entry of `inputs` names. */
function matching(state: State, node: WiredNode, written: string, entry: number): string[] {
  if (state.owners.has(written)) return [written];
  const glob = parseGlob(written);
  const isPattern = /[*?[]/.test(written);
  const found = typeof glob === 'string' ? [] : matchingGlob(state, node, glob);
  if (found.length > 0) return found;
  const unknown = unknownOwner(state, written);
  if (unknown) {
    state.owners.set(written, unknown);
    return [written];
  }
  if (state.isForTests) return [];
  if (isPattern && typeof glob === 'string') report(state, node, entry, glob);
  else if (!isPattern || !state.isRelaxed) report(state, node, entry, ...explain(state, node, written, isPattern));
  return [];
}

function matchingGlob(state: State, node: WiredNode, glob: Glob): string[] {
  return state.known.filter((id) => state.owners.get(id)!.id !== node.id && glob.matches(id));
}

/** A component whose outputs are not known may well have this one. */
function unknownOwner({ nodes }: State, written: string): WiredNode | undefined {
  const owner = nodes.get(written.split('.')[0]!);
  return owner && (owner.kind === 'source' || owner.kind === 'transform') && !owner.outputs ? owner : undefined;
}

function explain(state: State, node: WiredNode, written: string, isPattern: boolean): [string, string | undefined] {
  const quoted = (ids: readonly string[]): string => ids.map((id) => `\`${id}\``).join(', ');
  const candidates = state.known.filter((id) => state.owners.get(id)!.id !== node.id);
  const others = candidates.length <= 12 ? `there are ${quoted(candidates)}` : undefined;
  if (isPattern) return [`no component matches \`${written}\``, candidates.length > 0 ? others : undefined];
  const owner = state.nodes.get(written.split('.')[0]!);
  if (owner?.kind === 'sink' || owner?.kind === 'enrichment table')
    return [
      `\`${owner.id}\` is ${owner.kind === 'sink' ? 'a sink' : 'an enrichment table'}, which sends nothing on`,
      undefined,
    ];
  if (owner) {
    const own = candidates.filter((id) => state.owners.get(id) === owner);
    for (const id of own) state.guesses.add(id);
    const message =
      written === owner.id
        ? `\`${written}\` has named outputs only`
        : `\`${owner.id}\` has no output \`${written.slice(owner.id.length + 1)}\``;
    return [message, own.length > 0 ? `its outputs are ${quoted(own)}` : 'it has none'];
  }
  const guess = nearest(written, candidates);
  if (guess !== undefined) state.guesses.add(guess);
  return [
    `there is no component \`${written}\``,
    guess === undefined ? (candidates.length > 0 ? others : undefined) : `did you mean \`${guess}\`?`,
  ];
}

/** Goes up from the sinks, then from what leads to none. Each way back is one problem. */
function findCycles(state: State): void {
  const done = new Set<string>();
  for (const kind of ['sink', 'transform'] as const)
    for (const node of state.nodes.values()) if (node.kind === kind && !done.has(node.id)) goUp(state, node, done);
}

/** A walk without recursion: chains may be long. */
function goUp(state: State, start: WiredNode, done: Set<string>): void {
  const trail: { readonly node: WiredNode; next: number }[] = [{ node: start, next: 0 }];
  const places = new Map([[start.id, 0]]);
  for (let step = trail.at(-1); step; step = trail.at(-1)) {
    const { node } = step;
    const edge = state.edges.get(node.id)?.[step.next++];
    if (!edge) {
      done.add(node.id);
      places.delete(node.id);
      trail.pop();
      continue;
    }
    const above = state.owners.get(edge.output);
    if (!above || done.has(above.id)) continue;
    const place = places.get(above.id);
    if (place === undefined) {
      places.set(above.id, trail.length);
      trail.push({ node: above, next: 0 });
      continue;
    }
    const chain = [...trail.slice(place).map((one) => one.node.id), above.id].reverse().join(' -> ');
    report(state, node, edge.entry, `Cyclic dependency detected in the chain [ ${chain} ]`);
  }
}

interface Flow {
  readonly inputTypes: Map<string, readonly EventType[]>;
  readonly outputs: Map<string, readonly OutputDefinition[]>;
}

/** Follows types from the sources down, and compares them with what each component takes. */
function flow(state: State): Flow {
  const found: Flow = { inputTypes: new Map(), outputs: new Map() };
  for (const node of inOrder(state)) {
    const types = node.kind === 'source' ? [] : incoming(state, found, node);
    found.inputTypes.set(node.id, types);
    if (node.outputs) found.outputs.set(node.id, node.outputs(types));
  }
  return found;
}

/** Each component after those that feed it; those in circles come last. */
function inOrder({ nodes, edges, owners }: State): WiredNode[] {
  const waiting = new Map<string, number>();
  const below = new Map<string, WiredNode[]>();
  for (const node of nodes.values()) {
    const above = new Set((edges.get(node.id) ?? []).map(({ output }) => owners.get(output)?.id));
    above.delete(undefined);
    waiting.set(node.id, above.size);
    for (const id of above) pushTo(below, id!, node);
  }
  const order = [...nodes.values()].filter(({ id }) => waiting.get(id) === 0);
  for (const node of order) {
    for (const next of below.get(node.id) ?? []) {
      const left = waiting.get(next.id)! - 1;
      waiting.set(next.id, left);
      if (left === 0) order.push(next);
    }
  }
  return [...order, ...[...nodes.values()].filter(({ id }) => waiting.get(id)! > 0)];
}

function pushTo<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

function incoming(state: State, found: Flow, node: WiredNode): readonly EventType[] {
  if (state.isForTests) return node.accepts ?? ALL_TYPES;
  const reached = new Set<EventType>();
  for (const { output, entry } of state.edges.get(node.id) ?? []) {
    const above = state.owners.get(output);
    const types = above && typesOf(found, above, output);
    for (const type of types ?? ALL_TYPES) reached.add(type);
    if (types && node.accepts && !types.some((type) => node.accepts!.includes(type)))
      report(state, node, entry, ...mismatch(output, types, node.id, node.accepts));
  }
  return ALL_TYPES.filter((type) => reached.has(type) && (node.accepts?.includes(type) ?? true));
}

/** Types of an output; undefined when they are not known: of a broken component, or in a circle. */
function typesOf({ outputs }: Flow, owner: WiredNode, output: string): readonly EventType[] | undefined {
  return outputs.get(owner.id)?.find((one) => outputId(owner.id, one) === output)?.types;
}

function mismatch(
  output: string,
  sent: readonly EventType[],
  id: string,
  taken: readonly EventType[],
): [string, string | undefined] {
  const words = (types: readonly EventType[]): string => types.map((type) => `${type}s`).join(' and ') || 'nothing';
  const bridge = taken.map((type) => BRIDGES[`${sent[0]} ${type}`]).find((name) => name !== undefined);
  const hint = sent.length === 1 && bridge !== undefined ? `put a \`${bridge}\` transform between them` : undefined;
  return [`\`${output}\` sends ${words(sent)}, but \`${id}\` takes ${words(taken)} only`, hint];
}

const BRIDGES: Readonly<Record<string, string>> = {
  'metric log': 'metric_to_log',
  'log metric': 'log_to_metric',
  'trace log': 'trace_to_log',
};

/** Says nothing while it is not known what all consumers want. */
function warnOfUnused(state: State, outputs: Flow['outputs']): void {
  const nodes = [...state.nodes.values()];
  if (nodes.some(({ kind, inputs }) => kind !== 'source' && !inputs)) return;
  const used = new Set([...state.edges.values()].flatMap((edges) => edges.map(({ output }) => output)));
  for (const node of nodes.filter(({ kind }) => kind === 'source' || kind === 'transform')) {
    const ids = outputs.get(node.id)?.map((output) => outputId(node.id, output));
    if (!ids && [...used].some((id) => state.owners.get(id) === node)) continue;
    const unused = (ids ?? [node.id]).filter((id) => !used.has(id) && !state.guesses.has(id));
    const names = unused.length > 0 && unused.length === ids?.length ? [node.id] : unused;
    for (const name of names)
      state.problems.push({
        severity: 'warning',
        path: node.path,
        message: `${title(node.kind)} "${name}" has no consumers`,
        hint: 'what it sends is thrown away',
        atKey: true,
      });
  }
}

// Puts the documents of several files together. Between files there are rules for every global option, and what two
// files say differently is a conflict; inside a configuration directory, fragments simply go into each other.

import { formatConfigPath } from '../schema/schema.ts';
import {
  type DocumentNode,
  type FileProblem,
  type MapNode,
  type Member,
  memberOf,
  type Place,
  plainValue,
  positionOf,
} from './document.ts';
import { DEFAULT_API_ADDRESS, DEFAULT_DATA_DIR } from './global_options.ts';
import { type Environment, type Interpolation, interpolate } from './interpolate.ts';

type Path = readonly string[];

/** How the values of two files become one. */
type Rule =
  /** Members by name; the same name twice is an error. */
  | 'union'
  /** One list after the other. */
  | 'concatenate'
  /** The first that is set; another value is a conflict. */
  | 'same'
  /** The same, where the default value counts as not set. */
  | 'unless default'
  /** A list that only one file may set. */
  | 'one list'
  | 'first'
  | 'last'
  | 'or'
  | 'and'
  /** Each member by its own rule. */
  | 'members';

const RULES: Readonly<Record<string, Rule>> = {
  sources: 'union',
  transforms: 'union',
  sinks: 'union',
  secret: 'union',
  enrichment_tables: 'union',
  tests: 'concatenate',
  expire_metrics_per_metric_set: 'concatenate',
  data_dir: 'unless default',
  proxy: 'members',
  'proxy.enabled': 'and',
  'proxy.no_proxy': 'one list',
  log_schema: 'members',
  'log_schema.host_key': 'unless default',
  'log_schema.message_key': 'unless default',
  'log_schema.metadata_key': 'unless default',
  'log_schema.source_type_key': 'unless default',
  'log_schema.timestamp_key': 'unless default',
  telemetry: 'members',
  'telemetry.tags': 'members',
  'telemetry.tags.emit_service': 'or',
  'telemetry.tags.emit_source': 'or',
  buffer_utilization_ewma_half_life_seconds: 'first',
  latency_ewma_alpha: 'first',
  metrics_storage_refresh_period: 'first',
  api: 'members',
  'api.enabled': 'or',
  'api.address': 'unless default',
  healthchecks: 'members',
  'healthchecks.enabled': 'and',
  'healthchecks.require_healthy': 'or',
  schema: 'members',
  'schema.enabled': 'or',
  'schema.validation': 'or',
  provider: 'last',
};

const DEFAULTS: Readonly<Record<string, string>> = {
  data_dir: DEFAULT_DATA_DIR,
  'api.address': DEFAULT_API_ADDRESS,
  'log_schema.host_key': '.host',
  'log_schema.message_key': '.message',
  'log_schema.metadata_key': '.metadata',
  'log_schema.source_type_key': '.source_type',
  'log_schema.timestamp_key': '.timestamp',
};

interface Merging {
  readonly problems: FileProblem[];
  /** The text of a leaf with its variables: what is compared. */
  readonly textOf: (text: string) => string;
}

export interface Merged {
  readonly root: MapNode;
  readonly problems: readonly FileProblem[];
}

/** Merges the documents of files, in their order. There is at least one. */
export function mergeFiles(roots: readonly MapNode[], env: Environment, mode: Interpolation): Merged {
  const merging: Merging = { problems: [], textOf: (text) => interpolate(text, env, mode).text };
  const root = roots.reduce((merged, next) => mergeMembers(merging, merged, next, []));
  return { root, problems: merging.problems };
}

function mergeMembers(merging: Merging, first: MapNode, second: MapNode, path: Path): MapNode {
  const members = new Map(first.members);
  for (const [key, member] of second.members) {
    const known = members.get(key);
    members.set(key, known ? mergeMember(merging, known, member, [...path, key]) : member);
  }
  return { ...first, members };
}

function mergeMember(merging: Merging, first: Member, second: Member, path: Path): Member {
  const name = path.join('.');
  const rule: Rule = Object.hasOwn(RULES, name) ? RULES[name]! : 'same';
  const [a, b] = [first.value, second.value];
  if (isNull(a) || rule === 'last') return isNull(b) ? first : second;
  if (isNull(b) || rule === 'first') return first;
  const both = (value: DocumentNode): Member => ({ key: first.key, value });
  if (rule === 'members' && a.kind === 'map' && b.kind === 'map') return both(mergeMembers(merging, a, b, path));
  if (rule === 'union' && a.kind === 'map' && b.kind === 'map') return both(union(merging, a, b, path));
  if (rule === 'concatenate' && a.kind === 'list' && b.kind === 'list') {
    if (name === 'tests') checkTestNames(merging, a.items, b.items);
    return both({ ...a, items: [...a.items, ...b.items] });
  }
  if (rule === 'or') return isTrue(merging, a) ? first : second;
  if (rule === 'and') return isTrue(merging, a) ? second : first;
  if (rule === 'one list' && isEmptyList(a)) return second;
  if (rule === 'one list' && isEmptyList(b)) return first;
  if (rule === 'unless default' && isDefault(merging, a, name)) return second;
  if (rule === 'unless default' && isDefault(merging, b, name)) return first;
  if (rule === 'one list' || !isSame(merging, a, b, name)) reportConflict(merging, first.key, second.key, path);
  return first;
}

function isNull(node: DocumentNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

function isEmptyList(node: DocumentNode): boolean {
  return node.kind === 'list' && node.items.length === 0;
}

function isTrue({ textOf }: Merging, node: DocumentNode): boolean {
  return node.kind === 'scalar' && textOf(String(node.value)).trim() === 'true';
}

/** A path with or without the dot in front, and a folder with or without the slash behind, are the same. */
function spelling({ textOf }: Merging, node: DocumentNode, name: string): string {
  const text = textOf(JSON.stringify(plainValue(node), (_, value) => (typeof value === 'bigint' ? `${value}` : value)));
  if (name.startsWith('log_schema.')) return text.replace(/^"\./, '"');
  return name === 'data_dir' ? text.replace(/\/"$/, '"') : text;
}

function isDefault(merging: Merging, node: DocumentNode, name: string): boolean {
  const fallback: DocumentNode = { kind: 'scalar', place: node.place, value: DEFAULTS[name]! };
  return spelling(merging, node, name) === spelling(merging, fallback, name);
}

function isSame(merging: Merging, a: DocumentNode, b: DocumentNode, name: string): boolean {
  return spelling(merging, a, name) === spelling(merging, b, name);
}

function union(merging: Merging, a: MapNode, b: MapNode, path: Path): MapNode {
  const members = new Map(a.members);
  for (const [key, member] of b.members) {
    const known = members.get(key);
    if (known) {
      const message = `\`${formatConfigPath([...path, key])}\` is defined twice`;
      merging.problems.push({ severity: 'error', message, hint: whereElse(known.key), place: member.key });
    } else members.set(key, member);
  }
  return { ...a, members };
}

function whereElse(place: Place): string {
  const { line } = positionOf(place);
  return `the first is in ${place.file.path}, line ${line}`;
}

function reportConflict({ problems }: Merging, first: Place, second: Place, path: Path): void {
  const { line } = positionOf(first);
  problems.push({
    severity: 'error',
    message: `\`${path.join('.')}\` has another value than in ${first.file.path}`,
    hint: `see line ${line} there, and keep one of the two`,
    place: second,
  });
}

function checkTestNames(merging: Merging, known: readonly DocumentNode[], more: readonly DocumentNode[]): void {
  const named = (test: DocumentNode): DocumentNode | undefined => memberOf(test, 'name');
  for (const test of more) {
    const name = named(test);
    if (name?.kind !== 'scalar') continue;
    const other = known.map(named).find((node) => node?.kind === 'scalar' && node.value === name.value);
    if (!other) continue;
    const message = `the test \`${name.value}\` is defined twice`;
    merging.problems.push({ severity: 'error', message, hint: whereElse(other.place), place: name.place });
  }
}

/**
 * Merges the fragments of a directory: objects go into each other, lists are joined, a later value of the same type
 * replaces an earlier one.
 */
export function mergeFragments(first: DocumentNode, second: DocumentNode, problems: FileProblem[]): DocumentNode {
  if (isNull(first)) return second;
  if (isNull(second)) return first;
  if (first.kind === 'map' && second.kind === 'map') {
    const members = new Map(first.members);
    for (const [key, member] of second.members) {
      const known = members.get(key);
      if (known) members.set(key, { key: member.key, value: mergeFragments(known.value, member.value, problems) });
      else members.set(key, member);
    }
    return { ...first, members };
  }
  if (first.kind === 'list' && second.kind === 'list') return { ...first, items: [...first.items, ...second.items] };
  if (typeName(first) === typeName(second)) return second;
  problems.push({
    severity: 'error',
    message: `this is ${typeName(second)}, and ${typeName(first)} in ${first.place.file.path}`,
    hint: `see line ${positionOf(first.place).line} there`,
    place: second.place,
  });
  return first;
}

function typeName(node: DocumentNode): string {
  if (node.kind === 'map') return 'an object';
  if (node.kind === 'list') return 'a list';
  return typeof node.value === 'string' ? 'text' : typeof node.value === 'boolean' ? 'true or false' : 'a number';
}

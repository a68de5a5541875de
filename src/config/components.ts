// Reads the components of a configuration: which there are, of what type, and whether their options are right. How they
// are connected is looked at later.

import {
  type ConfigPath,
  check,
  type Fields,
  fieldsOf,
  type Option,
  object,
  type Problem,
  string,
} from '../schema/schema.ts';
import { nearest } from '../std/suggest.ts';
import { type DocumentNode, type MapNode, memberOf } from './document.ts';
import { interpolate } from './interpolate.ts';
import { currentName, KINDS, type Kind, knownComponents, SECTION_OF } from './known_components.ts';
import { COMMON_OPTIONS, componentOption, type Definition, definitionsOf, type Registry } from './registry.ts';
import { rawValue, type Substitution } from './substitute.ts';

/** A component as it is written. */
export interface WrittenComponent {
  readonly kind: Kind;
  readonly id: string;
  readonly path: ConfigPath;
  /** The type as it is written; undefined when there is none that could be read. */
  readonly type: string | undefined;
  /** Undefined when there is no such type. */
  readonly definition: Definition | undefined;
  /** The values that options check; undefined when it is no object. */
  readonly raw: Readonly<Record<string, unknown>> | undefined;
}

/** A component whose options were checked, as far as they are right. */
export interface CheckedComponent extends WrittenComponent {
  /** Its own options; undefined when something is wrong with them. */
  readonly config: unknown;
  /** The options of its kind; undefined when something is wrong with them. */
  readonly common: Readonly<Record<string, unknown>> | undefined;
  readonly isValid: boolean;
}

/** The components of a document, in its order: sources, transforms, sinks. */
export function readComponents(root: MapNode, registry: Registry, substitution: Substitution): WrittenComponent[] {
  return KINDS.flatMap((kind) => {
    const section = memberOf(root, SECTION_OF[kind]);
    if (section?.kind !== 'map') return [];
    return [...section.members].map(([id, { value }]) => readComponent(kind, id, value, registry, substitution));
  });
}

function readComponent(
  kind: Kind,
  id: string,
  node: DocumentNode,
  registry: Registry,
  substitution: Substitution,
): WrittenComponent {
  const path = [SECTION_OF[kind], id];
  const type = typeOf(node, substitution);
  const definitions = definitionsOf(registry, kind);
  const name = type === undefined ? undefined : currentName(kind, type);
  const definition = name !== undefined && Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  if (node.kind !== 'map') return { kind, id, path, type, definition, raw: undefined };
  const raw = definition
    ? rawValue(substitution, node, componentOption(kind, definition), path)
    : rawValue(substitution, onlyCommon(kind, node), COMMON[kind], path);
  return { kind, id, path, type, definition, raw: raw as Record<string, unknown> };
}

function typeOf(node: DocumentNode, { env, mode }: Substitution): string | undefined {
  const type = memberOf(node, 'type');
  return type?.kind === 'scalar' && typeof type.value === 'string'
    ? interpolate(type.value, env, mode).text
    : undefined;
}

const COMMON: Readonly<Record<Kind, Option<unknown>>> = {
  source: object('The options of every source.', COMMON_OPTIONS.source),
  transform: object('The options of every transform.', COMMON_OPTIONS.transform),
  sink: object('The options of every sink.', COMMON_OPTIONS.sink),
};

/** What can be said about a component of an unknown type: whether its other options hold programs is not known. */
function onlyCommon(kind: Kind, node: MapNode): MapNode {
  const isKnown = (key: string): boolean => key === 'type' || Object.hasOwn(COMMON_OPTIONS[kind], key);
  return { ...node, members: new Map([...node.members].filter(([key]) => isKnown(key))) };
}

export function checkComponents(
  components: readonly WrittenComponent[],
  registry: Registry,
  problems: Problem[],
): CheckedComponent[] {
  problems.push(...idProblems(components), ...typeProblems(components, registry));
  return components.map((component) => checkComponent(component, problems));
}

function checkComponent(component: WrittenComponent, problems: Problem[]): CheckedComponent {
  const { kind, definition, raw, path } = component;
  if (!raw) return { ...component, config: undefined, common: undefined, isValid: false };
  const option = definition && componentOption(kind, definition);
  const own = option && check(option, raw, path);
  problems.push(...(own?.problems ?? []));
  const common = check(COMMON[kind], pick(raw, COMMON_OPTIONS[kind]), path);
  // Unknown keys are looked at with the common options as well: one that is meant to be `inputs` stands for it.
  const unknown = check(COMMON[kind], without(raw, option ? ownFields(option, kind) : { type: option }), path);
  const isNew = (problem: Problem): boolean =>
    isKnown(problem, common.problems) && !isKnown(problem, own?.problems ?? []);
  problems.push(...unknown.problems.filter(isNew));
  const shared = { ...component, common: common.value as CheckedComponent['common'] };
  if (!own || !definition) return { ...shared, config: undefined, isValid: false };
  // The combined option looks at common options, too; what is wrong with them is no fault of its own configuration.
  const config =
    own.value ?? check(definition.options, without(raw, { ...COMMON_OPTIONS[kind], type: option }), path).value;
  return { ...shared, config, isValid: own.value !== undefined && common.value !== undefined };
}

/** The options of a component that are not those of its kind, under all their names. */
function ownFields(option: Option<unknown>, kind: Kind): Readonly<Record<string, unknown>> {
  const own = Object.entries(fieldsOf(option.info)).filter(([name]) => !Object.hasOwn(COMMON_OPTIONS[kind], name));
  return Object.fromEntries(
    own.flatMap(([name, { info }]) => [name, ...(info.aliases ?? [])].map((key) => [key, info])),
  );
}

function pick(raw: Readonly<Record<string, unknown>>, fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => Object.hasOwn(fields, key)));
}

function without(
  raw: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !Object.hasOwn(names, key)));
}

function isKnown(problem: Problem, known: readonly Problem[]): boolean {
  return known.some(({ path, message }) => message === problem.message && path.join('\0') === problem.path.join('\0'));
}

function idProblems(components: readonly WrittenComponent[]): Problem[] {
  const problems: Problem[] = [];
  for (const { id, kind, path } of components) {
    const error = (message: string, hint: string): void =>
      void problems.push({ severity: 'error', path, message, hint, atKey: true });
    if (id === '') error(`a ${kind} has an empty name`, 'give it a name');
    else if (id.includes('.'))
      error(
        `the name \`${id}\` has a dot`,
        `a dot stands between a component and its output; write \`${id.replaceAll('.', '_')}\``,
      );
  }
  for (const [id, same] of Map.groupBy(components, (component) => component.id)) {
    if (same.length < 2) continue;
    const kinds = same.map(({ kind }) => kind).join(', ');
    const message = `More than one component with name "${id}" (${kinds}).`;
    problems.push({ severity: 'error', path: same[1]!.path, message, hint: 'give each its own name', atKey: true });
  }
  return problems;
}

/** One problem for each type that is not there, however many components have it. */
function typeProblems(components: readonly WrittenComponent[], registry: Registry): Problem[] {
  const problems: Problem[] = [];
  for (const component of components) {
    const { kind, path, raw, type } = component;
    if (!raw) problems.push({ severity: 'error', path, message: `a ${kind} is an object with a \`type\`` });
    else if (!Object.hasOwn(raw, 'type'))
      problems.push({ severity: 'error', path, message: '`type` is required', hint: `it names the type of ${kind}` });
    else if (type === undefined) problems.push(...check(string('The type.'), raw['type'], [...path, 'type']).problems);
  }
  const unknown = components.filter(({ definition, type }) => !definition && type !== undefined);
  for (const group of Map.groupBy(unknown, ({ kind, type }) => `${kind} ${type}`).values())
    problems.push(unknownType(group, registry));
  return problems;
}

function unknownType(group: readonly WrittenComponent[], registry: Registry): Problem {
  const { kind, path } = group[0]!;
  const type = group[0]!.type!;
  const users = group.map(({ id }) => `\`${id}\``);
  const used = users.length > 1 ? `used by ${users.slice(0, -1).join(', ')} and ${users.at(-1)}` : undefined;
  const problem = (message: string, hints: readonly (string | undefined)[]): Problem => {
    const hint = hints.filter((text) => text !== undefined).join('; ');
    return { severity: 'error', path: [...path, 'type'], message, ...(hint === '' ? {} : { hint }) };
  };
  if (knownComponents[kind].includes(currentName(kind, type)))
    return problem(`${kind} type \`${type}\` is one of Vector's that this version of Sluice does not have yet`, [used]);
  const others = KINDS.filter((other) => other !== kind && isType(registry, other, type));
  const elsewhere = others.length > 0 ? `\`${type}\` is a ${others.join(' and a ')}` : undefined;
  const built = Object.keys(definitionsOf(registry, kind));
  const guess = nearest(type, built) ?? nearest(type, knownComponents[kind]);
  return problem(`unknown ${kind} type \`${type}\``, [
    elsewhere ?? (guess === undefined ? undefined : `did you mean \`${guess}\`?`),
    used,
  ]);
}

function isType(registry: Registry, kind: Kind, type: string): boolean {
  return Object.hasOwn(definitionsOf(registry, kind), type) || knownComponents[kind].includes(type);
}

// From a document tree to the raw values that options check: variables and secrets are put into the leaves, so that
// their values can never become keys, lists or objects. Leaves that hold programs are left alone, and what must not be
// shown is noted on the way.

import { setField } from '../event/object.ts';
import type { ObjectValue, Value } from '../event/value.ts';
import {
  type ConfigPath,
  type Fields,
  fieldsFor,
  isPlainObject,
  type Option,
  type OptionInfo,
  type Problem,
  Substituted,
} from '../schema/schema.ts';
import type { DocumentNode, MapNode, ScalarNode } from './document.ts';
import { bareVariable, type Environment, type Interpolation, interpolate } from './interpolate.ts';

/** A `SECRET[backend.key]` in a leaf. */
export interface SecretUse {
  readonly backend: string;
  readonly key: string;
  readonly path: ConfigPath;
}

/** What a walk through a document came across. */
export interface Findings {
  readonly problems: Problem[];
  readonly secrets: SecretUse[];
  /** Variables without a value and the leaves that name them. */
  readonly unset: Map<string, ConfigPath[]>;
  /** Leaves whose value could not be made: complaints about it would only follow from that. */
  readonly broken: ConfigPath[];
  /** Texts that are shown nowhere. */
  readonly confidential: Set<string>;
}

export function noFindings(): Findings {
  return { problems: [], secrets: [], unset: new Map(), broken: [], confidential: new Set() };
}

export interface Substitution {
  readonly env: Environment;
  readonly mode: Interpolation;
  /** The value of a secret; undefined when there is none. */
  readonly secret: (backend: string, key: string) => string | undefined;
  readonly findings: Findings;
}

/** `SECRET[backend.key]`. */
const SECRET = /SECRET\[([\w-]+)\.([\w.\-/]+)\]/g;

/** Keys whose values are passwords whatever component they are in; names of files are not. */
export const CONFIDENTIAL_KEY =
  /(^|[_-])(pass(word|phrase|wd)?|secret|token|credentials?|(api|access|private|shared|auth|license|secret)[_-]?key|authorization|cookie|dsn)$/i;

/** A value that only says where it comes from, with or without quotes. */
export const ONLY_NAMES_SOURCE = /^["']?(\$\{[\w.]+\}|SECRET\[[\w./-]+\])+["']?$/;

/** The raw value of a node that `option` describes; without an option, leaves are substituted all the same. */
export function rawValue(
  substitution: Substitution,
  node: DocumentNode,
  option: Option<unknown> | undefined,
  path: ConfigPath,
): unknown {
  const isProgram = option !== undefined && holdsProgram(option.info);
  if (node.kind === 'scalar') return leafValue(substitution, node, option, path, isProgram);
  // What is inside a program's option, such as a condition written as an object, is not substituted either.
  if (isProgram) return frozenValue(substitution, node, path);
  if (node.kind === 'list')
    return node.items.map((item, index) => rawValue(substitution, item, option?.info.items, [...path, index]));
  const single = option && !option.info.fields && option.info.items && option.info.expand ? option.info.items : option;
  return mapValue(substitution, node, single, path);
}

function holdsProgram({ program, syntax, types }: OptionInfo): boolean {
  return program === true || syntax === 'vrl' || types.includes('condition');
}

function frozenValue(substitution: Substitution, node: DocumentNode, path: ConfigPath): unknown {
  if (node.kind === 'scalar') return leafValue(substitution, node, undefined, path, true);
  if (node.kind === 'list') return node.items.map((item, index) => frozenValue(substitution, item, [...path, index]));
  const result: ObjectValue = {};
  for (const [key, { value }] of node.members)
    setField(result, key, frozenValue(substitution, value, [...path, key]) as Value);
  return result;
}

function mapValue(
  substitution: Substitution,
  node: MapNode,
  option: Option<unknown> | undefined,
  path: ConfigPath,
): unknown {
  const result: ObjectValue = {};
  const info = option?.info;
  const fields = info ? fieldsFor(info, tagOf(substitution, node, info)) : {};
  for (const [key, { value }] of node.members) {
    const inner = info?.values ?? fieldNamed(fields, key);
    setField(result, key, rawValue(substitution, value, inner, [...path, key]) as Value);
  }
  for (const [name, field] of Object.entries(fields)) {
    const isAbsent = ![name, ...(field.info.aliases ?? [])].some((key) => node.members.has(key));
    if (field.info.placeholder && isAbsent) setField(result, name, placeholder(substitution, field) as never);
  }
  return result;
}

/** A default such as `${VECTOR_SELF_NODE_NAME}`, which is resolved whatever the flags say. */
function placeholder({ env }: Substitution, { info }: Option<unknown>): Substituted {
  return new Substituted(interpolate(String(info.default), env, 'default').text, false);
}

/** The member that selects the variant, with its variables: the fields of the others depend on it. */
function tagOf({ env, mode }: Substitution, node: MapNode, { variants }: OptionInfo): Record<string, unknown> {
  const tag = variants && node.members.get(variants.tag)?.value;
  if (tag?.kind !== 'scalar' || typeof tag.value !== 'string') return {};
  return { [variants!.tag]: interpolate(tag.value, env, mode).text };
}

function fieldNamed(fields: Fields, key: string): Option<unknown> | undefined {
  if (Object.hasOwn(fields, key)) return fields[key];
  return Object.values(fields).find(({ info }) => info.aliases?.includes(key));
}

function leafValue(
  substitution: Substitution,
  node: ScalarNode,
  option: Option<unknown> | undefined,
  path: ConfigPath,
  isProgram: boolean,
): unknown {
  const key = path.findLast((part) => typeof part === 'string');
  const isConfidential = option?.info.sensitive === true || (key !== undefined && CONFIDENTIAL_KEY.test(key));
  if (isConfidential) hide(substitution, node);
  const { value } = node;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return value;
  const { text, isSecret } =
    isProgram && substitution.mode !== 'dangerous'
      ? untouched(substitution, value, path)
      : substitute(substitution, value, path);
  if (isConfidential && text !== value) substitution.findings.confidential.add(text);
  if (option?.info.sensitive) return new Substituted(text, true);
  if (text === value) return value;
  const leaf = new Substituted(text, isSecret);
  return option?.info.expand ? expanded(option.info.expand, leaf) : leaf;
}

/** Notes a leaf that must not be shown, unless it only names where its value comes from. */
function hide({ findings }: Substitution, { place, value }: ScalarNode): void {
  if (value === null || value === '') return;
  if (typeof value === 'string' && ONLY_NAMES_SOURCE.test(value)) return;
  place.file.hidden.push([place.start, place.end]);
  findings.confidential.add(String(value));
}

/** A program, byte for byte. */
function untouched({ findings }: Substitution, text: string, path: ConfigPath): Replaced {
  for (const [whole] of text.matchAll(SECRET)) {
    findings.problems.push({
      severity: 'warning',
      path,
      message: `\`${whole}\` stays as it is: nothing is put into programs`,
      hint: 'with `--dangerously-allow-env-var-interpolation` it would be',
    });
  }
  return { text, isSecret: false };
}

interface Replaced {
  readonly text: string;
  readonly isSecret: boolean;
}

function substitute(substitution: Substitution, written: string, path: ConfigPath): Replaced {
  const { env, mode, findings } = substitution;
  const { text, problems, unset } = interpolate(written, env, mode);
  for (const message of problems) findings.problems.push({ severity: 'error', path, message });
  if (problems.length > 0) findings.broken.push(path);
  for (const name of unset) findings.unset.set(name, [...(findings.unset.get(name) ?? []), path]);
  if (mode === 'default') warnOfBareVariable(substitution, written, path);
  let isSecret = false;
  const result = text.replace(SECRET, (whole: string, backend: string, key: string) => {
    if (path[0] === 'secret') {
      const message = `\`${whole}\` cannot be used here, where it is said what secrets come from`;
      findings.problems.push({ severity: 'error', path, message });
      return whole;
    }
    findings.secrets.push({ backend, key, path });
    const value = substitution.secret(backend, key);
    if (value === undefined) {
      findings.broken.push(path);
      return whole;
    }
    isSecret = true;
    findings.confidential.add(value);
    return value;
  });
  if (isSecret) findings.confidential.add(result);
  return { text: result, isSecret };
}

/** Before Vector 0.57, `$NAME` was a variable. */
function warnOfBareVariable({ env, findings }: Substitution, text: string, path: ConfigPath): void {
  const name = bareVariable(text);
  if (name === undefined || !Object.hasOwn(env, name) || env[name] === undefined) return;
  findings.problems.push({
    severity: 'warning',
    path,
    message: `\`$${name}\` without braces stays as it is`,
    hint: `write \`\${${name}}\` for the value of the environment variable`,
  });
}

/** A shorthand that came from a variable: expanded as the value that its text spells, with the leaf in its place. */
function expanded(expand: (value: unknown) => unknown, leaf: Substituted): unknown {
  const spelled = { true: true, false: false }[leaf.text.trim()] ?? leaf.text;
  const result = expand(spelled);
  if (result === spelled) return leaf;
  const restore = (value: unknown): unknown => {
    if (value === spelled) return leaf;
    if (Array.isArray(value)) return value.map(restore);
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, restore(member)]));
  };
  return restore(result);
}

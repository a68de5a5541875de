// Compares options as they are declared with a description of Vector's: which options there are, and of what type,
// default, words and necessity. Pure: declarations and descriptions in, differences out.

import { type Fields, fieldsOf, type Option } from '../src/schema/schema.ts';

/** An option as the description has it. */
export interface Described {
  readonly type?: string | readonly string[];
  readonly required?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  /** A condition under which the option means something. */
  readonly when?: string;
  readonly required_when?: string;
  readonly required_one_of?: readonly string[];
}

/** Options by path: `a.b` a member, `a[]` an element, `a.*` a value of a map. */
export type DescribedOptions = Readonly<Record<string, Described | { readonly $ref: string }>>;

/** Groups that several components share: suffixes of the path that refers to them. */
export type Groups = Readonly<Record<string, { readonly options: Readonly<Record<string, Described>> }>>;

export interface Difference {
  readonly path: string;
  /** What is different, as `missing`, `not in the reference` or `default 1 instead of 2`. */
  readonly what: string;
}

/** Values past this one mean "no limit", in whatever way they are written. */
const LIMITLESS = 2 ** 53;

/** The options of a description with those of the groups that it refers to. */
export function resolved(options: DescribedOptions, groups: Groups): Map<string, Described> {
  const result = new Map<string, Described>();
  for (const [path, option] of Object.entries(options)) {
    if (!('$ref' in option)) result.set(path, option);
    else
      for (const [suffix, member] of Object.entries(groups[option.$ref]?.options ?? {}))
        result.set(`${path}${suffix}`, member);
  }
  return result;
}

/** Every option below one by its path. Hidden ones and other names are not in the description's list. */
export function declared(option: Option<unknown>): Map<string, Option<unknown>> {
  const found = new Map<string, Option<unknown>>();
  const visit = (current: Option<unknown>, path: string): void => {
    if (path !== '') found.set(path, current);
    const { items, values } = current.info;
    if (items) {
      found.set(`${path}[]`, items);
      visitMembers(items, `${path}[]`);
    }
    if (values) visit(values, path === '' ? '*' : `${path}.*`);
    visitMembers(current, path);
  };
  const visitMembers = (current: Option<unknown>, path: string): void => {
    const fields: Fields = fieldsOf(current.info);
    for (const [name, field] of Object.entries(fields)) visit(field, path === '' ? name : `${path}.${name}`);
    if (path.endsWith('[]') && current.info.values) visit(current.info.values, `${path}.*`);
  };
  visit(option, '');
  return found;
}

/** How declarations differ from a description, in the order of paths. */
export function compareOptions(option: Option<unknown>, described: ReadonlyMap<string, Described>): Difference[] {
  const ours = declared(option);
  const differences: Difference[] = [];
  for (const [path, wanted] of described) {
    const known = ours.get(path);
    if (!known) differences.push({ path, what: 'missing' });
    else for (const what of compareOne(known, wanted)) differences.push({ path, what });
  }
  const hidden = [...ours].filter(([, { info }]) => info.hidden).map(([path]) => path);
  for (const path of ours.keys()) {
    const isHidden = hidden.some((other) => path === other || isBelow(path, other));
    if (described.has(path) || isHidden || path.endsWith('[]') || path.endsWith('.*')) continue;
    differences.push({ path, what: 'not in the reference' });
  }
  const missing = differences.filter(({ what }) => what === 'missing').map(({ path }) => path);
  const isFollower = ({ path, what }: Difference): boolean =>
    what === 'missing' && missing.some((other) => isBelow(path, other));
  return differences.filter((difference) => !isFollower(difference)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(above) && /^[.[]/.test(path.slice(above.length));
}

function compareOne({ info }: Option<unknown>, wanted: Described): string[] {
  const found: string[] = [];
  const types = [wanted.type ?? []].flat();
  if (types.length > 0 && !sameTypes(info.types, types))
    found.push(`type ${info.types.join(' or ')} instead of ${types.join(' or ')}`);
  if (
    wanted.default !== undefined &&
    !sameValue(info.default, wanted.default) &&
    !holdsDefault(info.fields, wanted.default)
  )
    found.push(`default ${JSON.stringify(info.default)} instead of ${JSON.stringify(wanted.default)}`);
  if (wanted.default === undefined && info.default !== undefined && !isEmpty(info.default) && !info.fields)
    found.push(`default ${JSON.stringify(info.default)} instead of none`);
  found.push(...compareWords(info, wanted));
  const isConditional = wanted.when !== undefined || wanted.required_when !== undefined || wanted.required_one_of;
  if (wanted.required === true && !info.required && !isConditional) found.push('optional instead of required');
  if (wanted.required !== true && info.required && !isConditional) found.push('required instead of optional');
  return found;
}

function compareWords(info: Option<unknown>['info'], wanted: Described): string[] {
  if (!wanted.enum) return [];
  const ours = [...(info.enum ?? []), ...(info.notYet ?? []), ...Object.keys(info.enumAliases ?? {})];
  const missing = wanted.enum.filter((word) => !ours.includes(word));
  const more = (info.enum ?? []).filter((word) => !wanted.enum!.includes(word));
  return [
    ...(missing.length > 0 ? [`without the words ${missing.join(', ')}`] : []),
    ...(more.length > 0 ? [`with the words ${more.join(', ')}`] : []),
  ];
}

function sameTypes(ours: readonly string[], theirs: readonly string[]): boolean {
  return ours.includes('*') || [...new Set(ours)].sort().join() === [...theirs].sort().join();
}

function sameValue(ours: unknown, theirs: unknown): boolean {
  if (typeof ours === 'number' && typeof theirs === 'number' && ours >= LIMITLESS && theirs >= LIMITLESS) return true;
  return JSON.stringify(sortedKeys(ours)) === JSON.stringify(sortedKeys(theirs));
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sortedKeys(member)]),
  );
}

/** The default of an object is that of its members; a word is the shorthand of one of them. */
function holdsDefault(fields: Fields | undefined, wanted: unknown): boolean {
  if (!fields) return isEmpty(wanted);
  if (typeof wanted === 'object' && wanted !== null)
    return Object.entries(wanted).every(
      ([key, value]) =>
        fields[key] && (sameValue(fields[key].info.default, value) || holdsDefault(fields[key].info.fields, value)),
    );
  return Object.values(fields).some(({ info }) => sameValue(info.default, wanted));
}

/** No text, no list and no members are as good as no default. */
function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === '';
}

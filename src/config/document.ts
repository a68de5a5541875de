// A configuration document as a tree in which every key and value knows where it stands, whatever format it was
// written in and whatever files it was put together from.

import { setField } from '../event/object.ts';
import type { ObjectValue, Value } from '../event/value.ts';
import type { ConfigPath } from '../schema/schema.ts';

/** A file that was read. */
export interface ConfigFile {
  /** As the user named it. */
  readonly path: string;
  readonly text: string;
  /** Ranges that hold passwords and keys: never shown. Filled in when the options are known. */
  readonly hidden: (readonly [start: number, end: number])[];
}

/** A part of a file, in UTF-16 units. */
export interface Place {
  readonly file: ConfigFile;
  readonly start: number;
  readonly end: number;
}

/** Integers that a number cannot hold exactly are bigints. */
export type Scalar = string | number | bigint | boolean | null;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly place: Place;
  readonly value: Scalar;
}

export interface ListNode {
  readonly kind: 'list';
  readonly place: Place;
  readonly items: readonly DocumentNode[];
}

export interface Member {
  readonly key: Place;
  readonly value: DocumentNode;
}

export interface MapNode {
  readonly kind: 'map';
  readonly place: Place;
  readonly members: ReadonlyMap<string, Member>;
}

export type DocumentNode = ScalarNode | ListNode | MapNode;

/** Something wrong with a file itself. */
export interface FileProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
  readonly place: Place;
}

/** What a file holds: nothing when it could not be read as its format. */
export interface ParsedFile {
  readonly root: MapNode | undefined;
  readonly problems: readonly FileProblem[];
}

/** Lists and maps inside each other beyond this depth are refused in every format. */
export const NESTING_MAX = 128;

export const TOO_DEEP = `lists and objects are nested more than ${NESTING_MAX} deep`;

/** Documents of more values are refused: the positions of each cost memory, a kilobyte and more in YAML. */
export const VALUES_MAX = 100_000;

export const TOO_MANY = `there are more than ${VALUES_MAX} values in this file`;

/** The largest and smallest integers that Vector's configuration can hold. */
const INTEGER_MAX = 2n ** 63n - 1n;
const INTEGER_MIN = -(2n ** 63n);

/** Longer spellings of integers are out of range whatever they say: reading them would only cost time. */
const INTEGER_CHARS_MAX = 70;

/** An integer (`-12`, `0xff`) as a number where that is exact; a problem when it is out of range. */
export function integerOf(text: string): number | bigint | ParseText {
  if (text.length > INTEGER_CHARS_MAX) return { problem: 'this integer does not fit in 64 bits' };
  const magnitude = BigInt(text.replace(/^[-+]/, ''));
  const value = text.startsWith('-') ? -magnitude : magnitude;
  if (value > INTEGER_MAX || value < INTEGER_MIN) return { problem: `the integer ${value} does not fit in 64 bits` };
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

export interface ParseText {
  readonly problem: string;
}

export function isParseText(value: unknown): value is ParseText {
  return typeof value === 'object' && value !== null && 'problem' in value;
}

export function emptyMap(file: ConfigFile): MapNode {
  return { kind: 'map', place: { file, start: 0, end: 0 }, members: new Map() };
}

/** The member of a map, or undefined. */
export function memberOf(node: DocumentNode | undefined, key: string): DocumentNode | undefined {
  return node?.kind === 'map' ? node.members.get(key)?.value : undefined;
}

/** The value of a tree, with exact integers as bigints. Keys such as `__proto__` are ordinary. */
export function plainValue(node: DocumentNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  const result: ObjectValue = {};
  for (const [key, { value }] of node.members) setField(result, key, plainValue(value) as Value);
  return result;
}

/** Line and column, from 1; columns count characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export function positionOf({ file, start }: Place): Position {
  const { line, start: lineStart } = lineAt(file.text, start);
  let column = 1;
  // A character outside of the first plane takes two units, of which the second does not count.
  for (let at = lineStart; at < start; at++) if (!isLowSurrogate(file.text.charCodeAt(at))) column += 1;
  return { line, column };
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The line around an offset, without its line end. */
export function lineAt(
  text: string,
  offset: number,
): { readonly line: number; readonly start: number; readonly end: number } {
  const at = Math.min(offset, text.length);
  const start = text.lastIndexOf('\n', at - 1) + 1;
  let line = 1;
  for (let next = text.indexOf('\n'); next !== -1 && next < start; next = text.indexOf('\n', next + 1)) line += 1;
  const end = text.indexOf('\n', at);
  const last = end === -1 ? text.length : end;
  return { line, start, end: text[last - 1] === '\r' && last > start ? last - 1 : last };
}

/** Where a path leads, or the nearest place above it that was written. */
export interface Found {
  readonly place: Place;
  /** The path as it was written: a shorthand for a list of one leaves the index out. */
  readonly path: ConfigPath;
}

/**
 * Finds what a person should look at: the value of a leaf, the key of anything larger, and the key with `atKey`.
 */
export function findPlace(root: DocumentNode, path: ConfigPath, atKey = false): Found {
  let node: DocumentNode = root;
  let key: Place | undefined;
  const written: (string | number)[] = [];
  let isWhole = true;
  for (const part of path) {
    if (typeof part === 'number') {
      if (node.kind === 'list' && node.items[part]) {
        node = node.items[part];
        key = undefined;
      } else if (part === 0 && node.kind !== 'list') continue;
      else isWhole = false;
    } else {
      const member: Member | undefined = node.kind === 'map' ? node.members.get(part) : undefined;
      if (member) {
        node = member.value;
        key = member.key;
      } else isWhole = false;
    }
    written.push(part);
    if (!isWhole) break;
  }
  const rest = isWhole ? [] : path.slice(written.length);
  return { place: placeToShow(node, key, atKey && isWhole), path: [...written, ...rest] };
}

function placeToShow(node: DocumentNode, key: Place | undefined, atKey: boolean): Place {
  if (key === undefined) return node.place;
  const isEmpty = node.place.end <= node.place.start;
  return atKey || node.kind !== 'scalar' || isEmpty ? key : node.place;
}

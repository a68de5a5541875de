// Code that reads and writes the fields a segment needs of a JSON object: from the table that the kernel fills to a
// partial object, and from what steps made of that to the edits that the kernel applies. Made once per plan, since the
// names are known then.

import { formatFloat, stringifyJson } from '../../event/json.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { makeFunction } from '../../std/make_function.ts';
import { JsonEdit, JsonKind } from '../kernels/json_kernel.ts';
import type { TextKernel } from '../kernels/text_kernel.ts';
import type { Field } from './fields.ts';
import { UNREAD } from './partial_event.ts';

/** A member that the kernel looks for, and members of it. */
export interface JsonNode {
  readonly name: string;
  /** Its place in the tables of values and edits. */
  readonly index: number;
  readonly children: readonly JsonNode[];
  /** What is needed of it, where it is not only on the way to others. */
  readonly field: Field | undefined;
}

export interface JsonAccess {
  /** The partial object of what the table holds; fills `originals` by node index. */
  read(originals: (Value | undefined)[]): ObjectValue;
  /** Writes edits for what differs. False when there is no room for their text. */
  write(value: ObjectValue, originals: readonly (Value | undefined)[]): boolean;
}

export interface JsonTables {
  /** Three numbers per node: kind, start, end. */
  readonly table: Int32Array;
  /** Three numbers per node: action, where its text is, how long it is. */
  readonly edits: Int32Array;
  /** The value of a node that is there. */
  valueOf(index: number): Value;
  /**
   * Puts the JSON of a value where the kernel finds it, as the edit of a node inside of `depth` objects. False when there
   * is no room.
   */
  set(index: number, value: Value, depth: number): boolean;
}

export function jsonAccess(nodes: readonly JsonNode[], tables: JsonTables): JsonAccess {
  const parameters = ['T', 'D', 'valueOf', 'set', 'UNREAD'];
  const make = makeFunction(
    parameters,
    `"use strict";
return {
  read(O) {
${readMembers(nodes, 'E0', 0)}
    return E0;
  },
  write(E0, O) {
    let v;
${writeMembers(nodes, 'E0', 0)}
    return true;
  },
};`,
    'engine/json_access',
  ) as (...given: readonly unknown[]) => JsonAccess;
  const { table, edits } = tables;
  return make(
    table,
    edits,
    (index: number) => tables.valueOf(index),
    (index: number, value: Value, depth: number) => tables.set(index, value, depth),
    UNREAD,
  );
}

function readMembers(nodes: readonly JsonNode[], object: string, depth: number): string {
  return [`const ${object} = {};`, ...nodes.map((node) => readMember(node, object, depth))].join('\n');
}

function readMember({ name, index, children, field }: JsonNode, object: string, depth: number): string {
  const kind = `T[${3 * index}]`;
  const member = `${object}[${JSON.stringify(name)}]`;
  if (field) {
    const value = field.isRead ? `valueOf(${index})` : 'UNREAD';
    return `if (${kind} !== 0) O[${index}] = ${member} = ${value}; else O[${index}] = undefined;`;
  }
  const inner = `E${depth + 1}_${index}`;
  return `if (${kind} === ${JsonKind.OBJECT}) {
${readMembers(children, inner, depth + 1)}
${member} = ${inner};
} else if (${kind} !== 0) O[${index}] = ${member} = valueOf(${index}); else O[${index}] = undefined;`;
}

function writeMembers(nodes: readonly JsonNode[], object: string, depth: number): string {
  return nodes
    .filter(isWritten)
    .map((node) => writeMember(node, object, depth))
    .join('\n');
}

function isWritten({ field, children }: JsonNode): boolean {
  return field ? field.isWritten : children.some(isWritten);
}

function writeMember({ name, index, children, field }: JsonNode, object: string, depth: number): string {
  const kind = `T[${3 * index}]`;
  const member = `v = ${memberOf(object, name)};`;
  // A value that may have been changed in place has the same identity; text and numbers have none.
  const put = `if (v === undefined) { if (${kind} !== 0) D[${3 * index}] = ${JsonEdit.REMOVE}; }
else if (v !== UNREAD && (v !== O[${index}] || typeof v === 'object') && !set(${index}, v, ${depth + 1})) return false;`;
  if (field) return `${member}\n${put}`;
  const inner = `E${depth + 1}_${index}`;
  return `${member}
if (${kind} === ${JsonKind.OBJECT}) {
const ${inner} = v;
${writeMembers(children, inner, depth + 1)}
} else ${put}`;
}

/** A member that may not be there: a name as `constructor` must not lead to what all objects have. */
function memberOf(object: string, name: string): string {
  const member = `${object}[${JSON.stringify(name)}]`;
  return name in Object.prototype
    ? `Object.hasOwn(${object}, ${JSON.stringify(name)}) ? ${member} : undefined`
    : member;
}

/** Room for the text of edits, and how values get there. */
export class EditText {
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;
  readonly #edits: Int32Array;
  #at: number;

  /** Uses `bytes[start, end)` of the memory that the kernel sees. */
  constructor(bytes: Buffer, start: number, end: number, edits: Int32Array) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#at = start;
    this.#edits = edits;
  }

  /** The texts of the event before are not needed any more. */
  clear(): void {
    this.#at = this.#start;
  }

  set(index: number, value: Value, depth: number): boolean {
    const start = this.#at;
    return this.#edit(index, start, this.#put(value, depth));
  }

  /** The same for a value whose JSON is known. */
  setJson(index: number, json: string): boolean {
    const start = this.#at;
    const end = json.length <= SHORT && isAscii(json) ? this.#word(json) : this.#write(json);
    return this.#edit(index, start, end);
  }

  /** The same for the text in memory at [from, to). False as well when it is not UTF-8. */
  setText(index: number, text: TextKernel, from: number, to: number): boolean {
    const start = this.#at;
    const room = this.#end - start - 2;
    const length = room > 0 ? text.escape(from, to, start + 1, room) : -1;
    if (length < 0) return false;
    this.#bytes[start] = QUOTE;
    this.#bytes[start + 1 + length] = QUOTE;
    return this.#edit(index, start, start + length + 2);
  }

  #edit(index: number, start: number, end: number): boolean {
    if (end < 0) return false;
    this.#at = end;
    const edit = 3 * index;
    this.#edits[edit] = JsonEdit.SET;
    this.#edits[edit + 1] = start;
    this.#edits[edit + 2] = end - start;
    return true;
  }

  #put(value: Value, depth: number): number {
    if (typeof value === 'string' && value.length <= SHORT) return this.#short(value);
    if (value === true) return this.#word('true');
    if (value === false) return this.#word('false');
    if (typeof value === 'number') return this.#word(Number.isInteger(value) ? String(value) : formatFloat(value));
    return this.#write(stringifyJson(value, 0, depth));
  }

  #word(word: string): number {
    const bytes = this.#bytes;
    let at = this.#at;
    if (at + word.length > this.#end) return -1;
    for (let i = 0; i < word.length; i++) bytes[at++] = word.charCodeAt(i);
    return at;
  }

  /** Plain short text byte by byte, which costs less than one call out of JavaScript. */
  #short(text: string): number {
    const bytes = this.#bytes;
    let at = this.#at;
    if (at + text.length + 2 > this.#end) return -1;
    bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) return this.#write(stringifyJson(text));
      bytes[at++] = unit;
    }
    bytes[at++] = QUOTE;
    return at;
  }

  #write(text: string): number {
    if (this.#at + 3 * text.length > this.#end) return -1;
    return this.#at + this.#bytes.write(text, this.#at, 'utf8');
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7e) return false;
  return true;
}

const SHORT = 40;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

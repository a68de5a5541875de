// Partial events whose text is a JSON object: the kernel indexes it, the fields that are needed are read, and the output
// is spliced from the text and what steps changed.

import { parseJson } from '../../event/json.ts';
import { getField, removeField, setField, setFieldIfAbsent } from '../../event/object.ts';
import { cloneValue, isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { assert } from '../../std/assert.ts';
import { latin1Text, utf8Text } from '../../std/bytes.ts';
import { EMIT_COMPLEX, JsonEdit, type JsonKernel, JsonKind, type TrackedPaths } from '../kernels/json_kernel.ts';
import type { TextKernel } from '../kernels/text_kernel.ts';
import { CachedTexts } from './cached_texts.ts';
import type { Field, Fields, KnownFields } from './fields.ts';
import { EditText, type JsonAccess, type JsonNode, jsonAccess } from './json_access.ts';
import { type Base, type Others, type PartialEvent, UNREAD } from './partial_event.ts';

/** Bytes for the text of one event's edits; an event that needs more is written the ordinary way. */
export const EDIT_TEXT_BYTES = 65_536;

/** What a thread has for JSON: the kernel, its memory, and room for the text of edits. */
export interface JsonTools {
  readonly kernel: JsonKernel;
  readonly text: TextKernel;
  readonly bytes: Buffer;
  readonly editText: { readonly start: number; readonly end: number };
  /** What the kernel's tables are about now. */
  indexed: { base: unknown; start: number };
}

export class JsonBase implements Base {
  readonly #tools: JsonTools;
  readonly #tracked: TrackedPaths;
  readonly #nodes: readonly JsonNode[];
  readonly #byName: ReadonlyMap<string, JsonNode>;
  readonly #access: JsonAccess;
  readonly #texts: CachedTexts;
  readonly #editText: EditText;
  readonly #originals: (Value | undefined)[];

  /** Undefined when the kernel cannot follow these fields. */
  static of(fields: Fields, tools: JsonTools): JsonBase | undefined {
    if (!('fields' in fields) || fields.fields.some(({ names }) => names.includes('__proto__'))) return undefined;
    const tracked = tools.kernel.track(fields.fields.map(({ names }) => names));
    return tracked && new JsonBase(fields, tracked, tools);
  }

  private constructor(fields: KnownFields, tracked: TrackedPaths, tools: JsonTools) {
    this.#tools = tools;
    this.#tracked = tracked;
    this.#originals = new Array(tracked.count).fill(undefined);
    this.#texts = new CachedTexts(tools.bytes, tracked.count);
    this.#nodes = nodesOf(tracked, fields);
    this.#byName = new Map(this.#nodes.map((node) => [node.name, node]));
    const { kernel, bytes, editText } = tools;
    this.#editText = new EditText(bytes, editText.start, editText.end, kernel.edits);
    this.#access = jsonAccess(this.#nodes, {
      table: kernel.table,
      edits: kernel.edits,
      valueOf: (index) => this.#valueOf(index),
      set: (index, value, depth) => this.#editText.set(index, value, depth),
    });
  }

  /**
   * Makes `event` the partial event of the object in memory at [start, end), with the fields of `others` that it has not.
   * False when that is for the ordinary way.
   */
  read(event: PartialEvent, start: number, end: number, others?: Others): boolean {
    if (!this.#index(start, end)) return false;
    // They are those of the event that was read last, and of its forks.
    event.value = this.#access.read(this.#originals);
    event.base = this;
    event.originals = this.#originals;
    event.start = start;
    event.end = end;
    event.others = others;
    if (others) this.#addOthers(event.value, others, start, end);
    return true;
  }

  /**
   * Writes the event to memory at `out`.
   * @returns bytes written, `EMIT_FULL` when `capacity` does not do, `EMIT_COMPLEX` when it is for the ordinary way.
   */
  emit(event: PartialEvent, out: number, capacity: number): number {
    // Another branch of the segment may have had something else indexed meanwhile.
    const { indexed, kernel } = this.#tools;
    const isStale = indexed.base !== this || indexed.start !== event.start;
    if (isStale && !this.#index(event.start, event.end)) return EMIT_COMPLEX;
    const { edits } = kernel;
    for (let edit = 0; edit < 3 * this.#tracked.count; edit += 3) edits[edit] = JsonEdit.KEEP;
    this.#editText.clear();
    if (!this.#access.write(event.value as ObjectValue, event.originals)) return EMIT_COMPLEX;
    if (event.others && !this.#writeOthers(event, event.others)) return EMIT_COMPLEX;
    return kernel.emit(out, capacity);
  }

  wholeOf(event: PartialEvent): Value {
    const whole = parseJson(utf8Text(this.#tools.bytes, event.start, event.end));
    assert(isObject(whole) && isObject(event.value), 'a partial event is an object');
    if (event.others) this.#fill(whole, event.others, event);
    applyFields(this.#nodes, whole, event.value);
    return whole;
  }

  #fill(whole: ObjectValue, { fields, messageKey }: Others, { start, end }: PartialEvent): void {
    for (const { name, value, overwrites } of fields) {
      if (overwrites) setField(whole, name, cloneValue(value));
      else setFieldIfAbsent(whole, name, cloneValue(value));
    }
    if (messageKey !== undefined) setFieldIfAbsent(whole, messageKey, utf8Text(this.#tools.bytes, start, end));
  }

  /** Fields of others stand in the partial object as if they had been read. */
  #addOthers(partial: ObjectValue, { fields, messageKey }: Others, start: number, end: number): void {
    for (const { name, value, overwrites } of fields) {
      const node = this.#given(name, overwrites);
      if (node) partial[name] = this.#originals[node.index] = node.field?.isRead ? cloneValue(value) : UNREAD;
    }
    const node = messageKey === undefined ? undefined : this.#given(messageKey, false);
    if (!node) return;
    const text = node.field?.isRead ? utf8Text(this.#tools.bytes, start, end) : UNREAD;
    partial[node.name] = this.#originals[node.index] = text;
  }

  /** Those that are still as they were get their known text. False when there is no room for it. */
  #writeOthers({ value, start, end }: PartialEvent, { fields, messageKey }: Others): boolean {
    const { edits } = this.#tools.kernel;
    const isKept = (node: JsonNode | undefined): node is JsonNode =>
      node !== undefined &&
      edits[3 * node.index] === JsonEdit.KEEP &&
      getField(value as ObjectValue, node.name) !== undefined;
    for (const { name, json, overwrites } of fields) {
      const node = this.#given(name, overwrites);
      if (isKept(node) && !this.#editText.setJson(node.index, json)) return false;
    }
    const node = messageKey === undefined ? undefined : this.#given(messageKey, false);
    return !isKept(node) || this.#editText.setText(node.index, this.#tools.text, start, end);
  }

  /** The node of a top-level member that comes from the others: the text has it not, or it is written over. */
  #given(name: string, overwrites: boolean): JsonNode | undefined {
    const node = this.#byName.get(name);
    return node && (overwrites || this.#isAbsent(node)) ? node : undefined;
  }

  #isAbsent(node: JsonNode): boolean {
    return this.#tools.kernel.table[3 * node.index] === JsonKind.ABSENT;
  }

  /** It is not used any more. */
  close(): void {
    this.#tools.kernel.release(this.#tracked);
  }

  #index(start: number, end: number): boolean {
    const { kernel, indexed } = this.#tools;
    indexed.base = this;
    indexed.start = start;
    return kernel.index(this.#tracked, start, end) === 0;
  }

  #valueOf(index: number): Value {
    const { kernel, bytes } = this.#tools;
    const { table } = kernel;
    const start = table[3 * index + 1]!;
    const end = table[3 * index + 2]!;
    switch (table[3 * index]) {
      case JsonKind.ASCII:
        return end - start <= CachedTexts.LENGTH_MAX
          ? this.#texts.at(index, start, end)
          : latin1Text(bytes, start, end);
      case JsonKind.INTEGER:
        return integerAt(bytes, start, end);
      case JsonKind.TRUE:
        return true;
      case JsonKind.FALSE:
        return false;
      case JsonKind.NUMBER:
        return decimalAt(bytes, start, end) ?? parseJson(latin1Text(bytes, start, end));
      case JsonKind.NULL:
        return null;
      case JsonKind.UNICODE:
        return utf8Text(bytes, start, end);
      case JsonKind.ESCAPED:
        return parseJson(utf8Text(bytes, start - 1, end + 1));
      default:
        return parseJson(utf8Text(bytes, start, end));
    }
  }
}

/** A whole number of so few digits that it is exact. */
function integerAt(bytes: Buffer, start: number, end: number): number {
  let at = start;
  const isNegative = bytes[at] === MINUS;
  if (isNegative) at += 1;
  let value = 0;
  for (; at < end; at++) value = value * 10 + bytes[at]! - ZERO;
  return isNegative ? -value : value;
}

/**
 * A decimal fraction of at most 15 digits: quotient of two whole numbers that are exact, which rounds as it should.
 * Undefined for other numbers, and for those whose value is whole: they are floats all the same.
 */
function decimalAt(bytes: Buffer, start: number, end: number): number | undefined {
  if (end - start > DECIMAL_LENGTH_MAX) return undefined;
  let at = start;
  const isNegative = bytes[at] === MINUS;
  if (isNegative) at += 1;
  let digits = 0;
  let point = -1;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === POINT) point = at;
    else if (byte >= ZERO && byte <= ZERO + 9) digits = digits * 10 + byte - ZERO;
    else return undefined;
  }
  if (point < 0) return undefined;
  const value = digits / POWERS[end - point - 1]!;
  if (Number.isInteger(value)) return undefined;
  return isNegative ? -value : value;
}

/** Fifteen digits and a point. */
const DECIMAL_LENGTH_MAX = 16;
const POWERS = Array.from({ length: DECIMAL_LENGTH_MAX }, (_, exponent) => 10 ** exponent);
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

function nodesOf(tracked: TrackedPaths, { fields }: KnownFields): readonly JsonNode[] {
  const below = (prefix: readonly string[], inside: readonly Field[]): readonly JsonNode[] => {
    const names = new Set(inside.map(({ names }) => names[prefix.length]!));
    return [...names].map((name) => {
      const path = [...prefix, name];
      const here = inside.filter(({ names }) => names[prefix.length] === name);
      const field = here.find(({ names }) => names.length === path.length);
      return { name, index: tracked.indexOf(path), field, children: field ? [] : below(path, here) };
    });
  };
  return below([], fields);
}

/** Brings the written fields of a partial object to the whole one. */
function applyFields(nodes: readonly JsonNode[], whole: ObjectValue, partial: ObjectValue): void {
  for (const { name, field, children } of nodes) {
    const now = getField(partial, name);
    const before = getField(whole, name);
    if (!field && isObject(before)) applyFields(children, before, now as ObjectValue);
    else if (now === undefined) removeField(whole, name);
    else if (now !== UNREAD && (field?.isWritten ?? true)) setField(whole, name, now);
  }
}

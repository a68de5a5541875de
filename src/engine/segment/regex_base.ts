// Partial events that the captures of a regular expression become: only those that steps need are made texts, and what
// nobody changes is written as JSON from where it lies.

import { compareUtf8 } from '../../event/key_order.ts';
import { getField, setField } from '../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { assert } from '../../std/assert.ts';
import { latin1Text, utf8Text } from '../../std/bytes.ts';
import { type ByteMatcher, byteMatcherOf } from '../../vrl/vrl.ts';
import { EMIT_COMPLEX, EMIT_FULL } from '../kernels/json_kernel.ts';
import type { TextKernel } from '../kernels/text_kernel.ts';
import { CachedTexts } from './cached_texts.ts';
import type { KnownFields } from './fields.ts';
import { Joiner, partsOf } from './joined_texts.ts';
import { type Base, type PartialEvent, UNREAD } from './partial_event.ts';
import type { HeldTexts } from './step.ts';
import { type TextField, textFields } from './text_base.ts';

interface Field extends TextField {
  /** Which capture it is; -1 when it is none. */
  readonly capture: number;
}

export class RegexBase implements Base {
  /** What captured is text. */
  readonly hasTextsAlone = true;
  readonly #matcher: ByteMatcher;
  readonly #fields: readonly Field[];
  /** Fields whose values steps may change. */
  readonly #written: readonly number[];
  readonly #bytes: Buffer;
  readonly #text: TextKernel;
  readonly #texts: CachedTexts;
  /** Where the captures are that were found last, and in which text. */
  readonly #places: Int32Array;
  #found = -1;
  /** Captures in the order in which they are written, and what stands around them. */
  readonly #order: readonly number[];
  readonly #parts: readonly string[];
  readonly #ranges: Int32Array;
  readonly #joiner: Joiner;

  /** Undefined when this pattern, or these fields, are for the ordinary way. */
  static of(pattern: string, needed: KnownFields, bytes: Buffer, text: TextKernel): RegexBase | undefined {
    const matcher = byteMatcherOf(pattern);
    const fields = textFields(needed);
    if (!matcher || !fields || matcher.names.includes('__proto__')) return undefined;
    return new RegexBase(matcher, fields, bytes, text);
  }

  private constructor(matcher: ByteMatcher, fields: readonly TextField[], bytes: Buffer, text: TextKernel) {
    const { names } = matcher;
    this.#matcher = matcher;
    this.#fields = fields.map((field) => ({ ...field, capture: names.indexOf(field.name) }));
    this.#written = fields.flatMap(({ isWritten }, index) => (isWritten ? [index] : []));
    this.#bytes = bytes;
    this.#text = text;
    this.#texts = new CachedTexts(bytes, fields.length);
    this.#places = new Int32Array(2 * names.length);
    this.#ranges = new Int32Array(2 * names.length);
    this.#order = names.map((_, index) => index).sort((a, b) => compareUtf8(names[a]!, names[b]!));
    const sorted = this.#order.map((index) => names[index]!);
    this.#parts = partsOf(
      sorted,
      sorted.map(() => 'first'),
      1,
    );
    this.#joiner = new Joiner(sorted, { bytes, text });
  }

  /** Makes `event` what the pattern captures in the text at [start, end). False when that is for the ordinary way. */
  read(event: PartialEvent, start: number, end: number): boolean {
    if (!this.#find(start, end)) return false;
    const fields = this.#fields;
    const value: ObjectValue = {};
    const originals = new Array<Value | undefined>(fields.length);
    for (let i = 0; i < fields.length; i++) {
      const { name, isRead, capture } = fields[i]!;
      if (capture < 0) continue;
      const found = isRead ? this.#textOf(capture, i) : UNREAD;
      if (found === undefined) return false;
      originals[i] = found;
      value[name] = found;
    }
    event.value = value;
    event.base = this;
    event.originals = originals;
    event.start = start;
    event.end = end;
    event.others = undefined;
    return true;
  }

  wholeOf(event: PartialEvent): Value {
    assert(this.#isFound(event) && isObject(event.value), 'a text that was matched once is matched again');
    const whole: ObjectValue = {};
    for (const capture of this.#order) {
      const start = this.#places[2 * capture]!;
      const end = this.#places[2 * capture + 1]!;
      whole[this.#matcher.names[capture]!] = this.#matcher.areAscii[capture]
        ? latin1Text(this.#bytes, start, end)
        : utf8Text(this.#bytes, start, end);
    }
    for (const index of this.#written) {
      const { name } = this.#fields[index]!;
      const now = getField(event.value, name);
      if (now === UNREAD) continue;
      if (now === undefined) delete whole[name];
      else setField(whole, name, now);
    }
    return whole;
  }

  textsOf(event: PartialEvent): HeldTexts | undefined {
    if (this.#isChanged(event) || !this.#isFound(event)) return undefined;
    const ranges = new Int32Array(this.#ranges.length);
    this.#rangesTo(ranges);
    return this.#joiner.hold(event, ranges);
  }

  /** As `JsonBase.emit`: an event that steps have changed is for the ordinary way. */
  emit(event: PartialEvent, out: number, capacity: number): number {
    if (this.#isChanged(event) || !this.#isFound(event) || !this.#text.useParts(this.#parts)) return EMIT_COMPLEX;
    this.#rangesTo(this.#ranges);
    const length = this.#text.between(this.#ranges, out, capacity);
    if (length >= 0) return length;
    return length === -1 ? EMIT_FULL : EMIT_COMPLEX;
  }

  #isChanged({ value, originals }: PartialEvent): boolean {
    for (const index of this.#written)
      if (getField(value as ObjectValue, this.#fields[index]!.name) !== originals[index]) return true;
    return false;
  }

  /** The places of the captures in the order in which they are written. */
  #rangesTo(ranges: Int32Array): void {
    const order = this.#order;
    for (let i = 0; i < order.length; i++) {
      ranges[2 * i] = this.#places[2 * order[i]!]!;
      ranges[2 * i + 1] = this.#places[2 * order[i]! + 1]!;
    }
  }

  #isFound({ start, end }: PartialEvent): boolean {
    return this.#found === start || this.#find(start, end);
  }

  #find(start: number, end: number): boolean {
    const isFound = this.#matcher.match(this.#bytes, start, end, this.#places);
    this.#found = isFound ? start : -1;
    return isFound;
  }

  /** The text of a capture for the field at `index`; undefined when it is not UTF-8. */
  #textOf(capture: number, index: number): string | undefined {
    const start = this.#places[2 * capture]!;
    const end = this.#places[2 * capture + 1]!;
    if (!this.#matcher.areAscii[capture])
      return this.#text.isUtf8(start, end) ? utf8Text(this.#bytes, start, end) : undefined;
    return end - start <= CachedTexts.LENGTH_MAX
      ? this.#texts.at(index, start, end)
      : latin1Text(this.#bytes, start, end);
  }
}

// Partial events that the captures of a regular expression become, alone or merged into the event that had the text: only
// the fields that steps need are made values, and what nobody changes is written as JSON from where it lies.

import { compareUtf8 } from '../../event/key_order.ts';
import { getField, setField } from '../../event/object.ts';
import { bytesValue, cloneValue, isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { assert } from '../../std/assert.ts';
import { latin1Text, utf8Text } from '../../std/bytes.ts';
import { type ByteMatcher, byteMatcherOf } from '../../vrl/vrl.ts';
import { EMIT_COMPLEX, EMIT_FULL } from '../kernels/json_kernel.ts';
import type { TextKernel } from '../kernels/text_kernel.ts';
import { CachedTexts } from './cached_texts.ts';
import type { KnownFields } from './fields.ts';
import { Joiner, type TextTools } from './joined_texts.ts';
import { type Base, type Others, type PartialEvent, UNREAD } from './partial_event.ts';
import { type Around, textsAround, WHOLE_TEXT } from './regex_others.ts';
import type { HeldTexts } from './step.ts';
import { applyWritten, type TextField, textFields } from './text_base.ts';

interface Field extends TextField {
  /** Which capture it is; -1 when it is none. */
  readonly capture: number;
}

const NO_OTHERS: Others = { fields: [], messageKey: undefined };

export class RegexBase implements Base {
  /** What is captured is text; what the event had before may be something else. */
  readonly hasTextsAlone: boolean;
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
  readonly #names: readonly string[];
  readonly #parts: readonly string[];
  readonly #ranges: Int32Array;
  /** The same with the text among them. */
  #mergedRanges = new Int32Array(0);
  /** Whether a text of the present event is not UTF-8. */
  #isBroken = false;
  readonly #joiner: Joiner;
  /** What the present batch has around the captures that are merged into its events. */
  #around: Around | undefined;

  /**
   * Undefined when this pattern, or these fields, are for the ordinary way.
   * @param merges whether the event keeps what it had
   */
  static of(pattern: string, needed: KnownFields, merges: boolean, tools: TextTools): RegexBase | undefined {
    const matcher = byteMatcherOf(pattern);
    const fields = textFields(needed);
    if (!matcher || !fields || matcher.names.includes('__proto__')) return undefined;
    return new RegexBase(matcher, fields, merges, tools);
  }

  private constructor(matcher: ByteMatcher, fields: readonly TextField[], merges: boolean, tools: TextTools) {
    const { bytes, text } = tools;
    const { names } = matcher;
    this.hasTextsAlone = !merges;
    this.#matcher = matcher;
    this.#fields = fields.map((field) => ({ ...field, capture: names.indexOf(field.name) }));
    this.#written = fields.flatMap(({ isWritten }, index) => (isWritten ? [index] : []));
    this.#bytes = bytes;
    this.#text = text;
    this.#texts = new CachedTexts(bytes, fields.length);
    this.#places = new Int32Array(2 * names.length);
    this.#ranges = new Int32Array(2 * names.length);
    this.#order = names.map((_, index) => index).sort((a, b) => compareUtf8(names[a]!, names[b]!));
    this.#names = this.#order.map((index) => names[index]!);
    this.#parts = textsAround(NO_OTHERS, this.#names).parts;
    this.#joiner = new Joiner(this.#names, tools);
  }

  /**
   * Makes `event` what the pattern captures in the text at [start, end), over the fields of `others`. False when that is
   * for the ordinary way.
   */
  read(event: PartialEvent, start: number, end: number, others?: Others): boolean {
    if (others?.vary || !this.#find(start, end)) return false;
    if (others && this.#around?.others !== others) this.#around = textsAround(others, this.#names);
    const fields = this.#fields;
    const value: ObjectValue = {};
    const originals = new Array<Value | undefined>(fields.length);
    this.#isBroken = false;
    for (let i = 0; i < fields.length; i++) {
      const { name, isRead, capture } = fields[i]!;
      let found: Value | undefined;
      if (capture >= 0) found = isRead ? this.#textOf(capture, i) : UNREAD;
      else if (others) found = this.#otherOf(name, isRead, start, end);
      originals[i] = found;
      if (found !== undefined) value[name] = found;
    }
    if (this.#isBroken) return false;
    event.value = value;
    event.base = this;
    event.originals = originals;
    event.start = start;
    event.end = end;
    event.others = others;
    return true;
  }

  wholeOf(event: PartialEvent): Value {
    assert(this.#isFound(event) && isObject(event.value), 'a text that was matched once is matched again');
    const whole: ObjectValue = {};
    const { others, start: textStart, end: textEnd } = event;
    for (const { name, value } of others?.fields ?? []) setField(whole, name, cloneValue(value));
    if (others?.messageKey !== undefined)
      setField(whole, others.messageKey, bytesValue(this.#bytes.subarray(textStart, textEnd)));
    for (const capture of this.#order) {
      const start = this.#places[2 * capture]!;
      const end = this.#places[2 * capture + 1]!;
      whole[this.#matcher.names[capture]!] = this.#matcher.areAscii[capture]
        ? latin1Text(this.#bytes, start, end)
        : utf8Text(this.#bytes, start, end);
    }
    return applyWritten(this.#fields, event.value, whole);
  }

  textsOf(event: PartialEvent): HeldTexts | undefined {
    if (event.others || this.#isChanged(event) || !this.#isFound(event)) return undefined;
    const ranges = new Int32Array(this.#ranges.length);
    this.#rangesTo(ranges);
    return this.#joiner.hold(event, ranges);
  }

  /** As `JsonBase.emit`: an event that steps have changed is for the ordinary way. */
  emit(event: PartialEvent, out: number, capacity: number): number {
    if (this.#isChanged(event) || !this.#isFound(event)) return EMIT_COMPLEX;
    const around = event.others && this.#around;
    if (!this.#text.useParts(around ? around.parts : this.#parts)) return EMIT_COMPLEX;
    const ranges = around ? this.#rangesAround(around, event) : this.#ranges;
    if (!around) this.#rangesTo(ranges);
    const length = this.#text.between(ranges, out, capacity);
    if (length >= 0) return length;
    return length === -1 ? EMIT_FULL : EMIT_COMPLEX;
  }

  #isChanged({ value, originals }: PartialEvent): boolean {
    for (const index of this.#written) {
      const now = getField(value as ObjectValue, this.#fields[index]!.name);
      // What may have been changed in place is still the same object.
      if (now !== originals[index] || (typeof now === 'object' && now !== UNREAD && now !== null)) return true;
    }
    return false;
  }

  /** The places of the captures, and of the text among them. */
  #rangesAround({ texts }: Around, { start, end }: PartialEvent): Int32Array {
    if (this.#mergedRanges.length !== 2 * texts.length) this.#mergedRanges = new Int32Array(2 * texts.length);
    const ranges = this.#mergedRanges;
    for (let i = 0; i < texts.length; i++) {
      const capture = texts[i] === WHOLE_TEXT ? WHOLE_TEXT : this.#order[texts[i]!]!;
      ranges[2 * i] = capture === WHOLE_TEXT ? start : this.#places[2 * capture]!;
      ranges[2 * i + 1] = capture === WHOLE_TEXT ? end : this.#places[2 * capture + 1]!;
    }
    return ranges;
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

  /** A field that the event had before; undefined when it had none of that name. */
  #otherOf(name: string, isRead: boolean, start: number, end: number): Value | undefined {
    const { fields, messageKey } = this.#around!;
    if (name === messageKey) return isRead ? this.#utf8(start, end) : UNREAD;
    const value = fields.get(name);
    return value === undefined || isRead ? value && cloneValue(value) : UNREAD;
  }

  /** The text of a capture for the field at `index`. */
  #textOf(capture: number, index: number): string {
    const start = this.#places[2 * capture]!;
    const end = this.#places[2 * capture + 1]!;
    if (!this.#matcher.areAscii[capture]) return this.#utf8(start, end);
    return end - start <= CachedTexts.LENGTH_MAX
      ? this.#texts.at(index, start, end)
      : latin1Text(this.#bytes, start, end);
  }

  #utf8(start: number, end: number): string {
    if (this.#text.isUtf8(start, end)) return utf8Text(this.#bytes, start, end);
    this.#isBroken = true;
    return '';
  }
}

// Partial events whose frame is the text of their message: the other fields are the same for the whole batch.

import { type CommonFields, frameOf, type HeaderFields, type RawBatch } from '../../event/batch.ts';
import { stringifyJson } from '../../event/json.ts';
import { compareUtf8 } from '../../event/key_order.ts';
import { getField, setField } from '../../event/object.ts';
import { bytesValue, cloneValue, isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { assert } from '../../std/assert.ts';
import { utf8Text } from '../../std/bytes.ts';
import { TextGap, type TextKernel } from '../kernels/text_kernel.ts';
import type { Fields } from './fields.ts';
import { type Base, type OtherField, type Others, othersOf, type PartialEvent, UNREAD } from './partial_event.ts';

/** A top-level field of the events of a text batch that steps need. */
export interface TextField {
  readonly name: string;
  readonly isRead: boolean;
  /** As of a field of a segment. */
  readonly isOnlyTested: boolean;
  readonly isWritten: boolean;
}

/** The fields that are needed, each as the whole member it lies in: all there is to decode is the message. */
export function textFields(fields: Fields): readonly TextField[] | undefined {
  if (!('fields' in fields)) return undefined;
  const found = new Map<string, TextField>();
  for (const { names, isRead, isOnlyTested, isWritten } of fields.fields) {
    const name = names[0]!;
    const known = found.get(name);
    found.set(name, {
      name,
      // Who writes a part of a member needs the rest of it.
      isRead: isRead || names.length > 1 || (known?.isRead ?? false),
      isOnlyTested: isOnlyTested && names.length === 1 && (known?.isOnlyTested ?? true),
      isWritten: isWritten || (known?.isWritten ?? false),
    });
  }
  return found.has('__proto__') ? undefined : [...found.values()];
}

/** What the events of a batch of messages have in common. */
export interface TextFields extends CommonFields {
  readonly messageKey: string;
}

export function isText(common: CommonFields | undefined): common is TextFields {
  return common?.messageKey !== undefined;
}

const NO_VALUES: (Value | undefined)[] = [];

/** Puts what steps may have changed in a partial value into the whole one, which is returned. */
export function applyWritten(fields: readonly TextField[], partial: ObjectValue, whole: ObjectValue): ObjectValue {
  for (const { name, isWritten } of fields) {
    const now = getField(partial, name);
    if (!isWritten || now === UNREAD) continue;
    if (now === undefined) delete whole[name];
    else setField(whole, name, now);
  }
  return whole;
}

/** The base of the events of one batch. */
export class TextBase implements Base {
  readonly common: TextFields;
  readonly fields: readonly TextField[];
  readonly batch: RawBatch;
  readonly #text: TextKernel;
  readonly #frames: Int32Array;
  /** Where offsets of frames are counted from, -1 when that is not in memory. */
  readonly #address: number;
  /** The place of the message among the fields where steps write it, or -1. */
  readonly #writtenMessage: number;
  #others: OthersOfFrame | undefined;
  #pieces: readonly Piece[] | undefined;
  #gaps: readonly number[] = [];
  #constant: readonly string[] | undefined;

  constructor(batch: RawBatch, common: TextFields, fields: readonly TextField[], text: TextKernel) {
    const { bytes } = batch.hold;
    this.#text = text;
    this.batch = batch;
    this.#frames = batch.frames;
    this.#address = bytes.buffer === text.table.buffer ? bytes.byteOffset : -1;
    this.common = common;
    this.fields = fields;
    this.#writtenMessage = fields.findIndex(({ name, isWritten }) => isWritten && name === common.messageKey);
  }

  /** Makes `event` the partial event of frame `index`. False when the event of that frame is told whole alone. */
  read(event: PartialEvent, index: number): boolean {
    const { fields, common } = this;
    const { header } = common;
    if (header && !header.has(this.batch, index)) return false;
    const value: ObjectValue = {};
    const originals = fields.length === 0 ? NO_VALUES : new Array<Value | undefined>(fields.length);
    for (let i = 0; i < fields.length; i++) {
      const { name, isRead, isOnlyTested } = fields[i]!;
      const found =
        name === common.messageKey
          ? this.#message(index, isRead && !isOnlyTested)
          : ((header && this.#headerValue(header, index, name)) ?? getField(common.fields, name));
      originals[i] = found;
      // What a step does to a field in place must not be seen in the next event.
      if (found !== undefined) value[name] = typeof found === 'object' && found !== UNREAD ? cloneValue(found) : found;
    }
    event.value = value;
    event.metadata = common.metadata;
    event.base = this;
    event.originals = originals;
    event.frame = index;
    return true;
  }

  wholeOf(event: PartialEvent): Value {
    const { value: whole } = this.batch.layout.decodeFrame(this.batch, event.frame);
    assert(isObject(whole) && isObject(event.value), 'a partial event is an object');
    return applyWritten(this.fields, event.value, whole);
  }

  /**
   * The fields around the message, for JSON that is merged into the event; undefined when steps may have changed them.
   * The same object for all events of the batch: those of a header are known until the next call.
   */
  othersOf({ frame }: PartialEvent): Others | undefined {
    if (this.fields.some(({ isWritten }) => isWritten)) return undefined;
    this.#others ??= othersWithHeader(this.common);
    for (const field of this.#others.ofHeader) {
      field.value = this.common.header!.valueOf(this.batch, frame, field.kind);
      field.json = stringifyJson(field.value);
    }
    return this.#others;
  }

  /** Whether the message goes out as it came. */
  keepsMessage(event: PartialEvent): boolean {
    const index = this.#writtenMessage;
    if (index < 0) return true;
    const now = getField(event.value as ObjectValue, this.common.messageKey);
    return now === UNREAD || (now !== undefined && now === event.originals[index]);
  }

  /** The bytes of the message as it came. */
  frame({ frame }: PartialEvent): Buffer {
    return frameOf(this.batch, frame);
  }

  /** Where the message lies in memory; -1 when it is elsewhere. */
  addressOf({ frame }: PartialEvent): number {
    return this.#address < 0 ? -1 : this.#address + this.#frames[2 * frame]!;
  }

  lengthOf({ frame }: PartialEvent): number {
    return this.#frames[2 * frame + 1]!;
  }

  /** Where the message is, as a table of one frame. */
  framesOf({ frame }: PartialEvent): Int32Array {
    return this.batch.frames.subarray(2 * frame, 2 * frame + 2);
  }

  /**
   * The JSON of the event around the text of its message, when `keepsMessage` is true, and around what the header says:
   * what goes between the parts is in `gaps`.
   */
  around(event: PartialEvent): readonly string[] {
    this.#pieces ??= this.#piecesOf();
    // Where nothing is written, all events of the batch have the same around them.
    if (this.#constant) return this.#constant;
    const parts: string[] = [];
    let text = '{';
    let comma = '';
    for (const { name, label, json, gap } of this.#pieces) {
      if (gap !== undefined) {
        parts.push(`${text}${comma}${label}"`);
        text = '"';
      } else {
        const now = json ?? this.#jsonNow(event, name);
        if (now === undefined) continue;
        text += `${comma}${label}${now}`;
      }
      comma = ',';
    }
    parts.push(`${text}}`);
    if (this.#pieces.every(({ json, gap }) => (json ?? gap) !== undefined)) this.#constant = parts;
    return parts;
  }

  /** What goes between the parts of `around`, where that is more than the message. */
  get gaps(): readonly number[] {
    return this.#gaps;
  }

  #jsonNow(event: PartialEvent, name: string): string | undefined {
    const now = getField(event.value as ObjectValue, name);
    return now === undefined ? undefined : stringifyJson(now === UNREAD ? this.common.fields[name]! : now, 0, 1);
  }

  #piecesOf(): readonly Piece[] {
    const { common, fields } = this;
    const { messageKey, header } = common;
    const written = new Set(fields.filter(({ isWritten }) => isWritten).map(({ name }) => name));
    written.delete(messageKey);
    const gaps = new Map<string, number>([[messageKey, TextGap.MESSAGE]]);
    if (header?.time !== undefined) gaps.set(header.time, TextGap.TIME);
    if (header?.stream !== undefined) gaps.set(header.stream, TextGap.STREAM);
    const names = new Set([...Object.keys(common.fields), ...written, ...gaps.keys()]);
    const pieces = [...names].sort(compareUtf8).map((name): Piece => {
      const label = `${JSON.stringify(name)}:`;
      if (written.has(name)) return { name, label, json: undefined, gap: undefined };
      const gap = gaps.get(name);
      return { name, label, json: gap === undefined ? stringifyJson(common.fields[name]!) : undefined, gap };
    });
    if (header) this.#gaps = pieces.flatMap(({ gap }) => gap ?? []);
    return pieces;
  }

  /** Read whether it is needed or not: a field that is written is mostly one that there was not. */
  #headerValue(header: HeaderFields, index: number, name: string): Value | undefined {
    if (name === header.time) return header.valueOf(this.batch, index, 'time');
    return name === header.stream ? header.valueOf(this.batch, index, 'stream') : undefined;
  }

  #message(index: number, isRead: boolean): Value {
    if (!isRead) return UNREAD;
    const { bytes } = this.batch.hold;
    const offset = this.#frames[2 * index]!;
    const end = offset + this.#frames[2 * index + 1]!;
    if (this.#isUtf8(offset, end)) return utf8Text(bytes, offset, end);
    return bytesValue(bytes.subarray(offset, end));
  }

  #isUtf8(offset: number, end: number): boolean {
    return this.#address >= 0 && this.#text.isUtf8(this.#address + offset, this.#address + end);
  }
}

/** A member of the output: its JSON where that is known, or the gap that it is; neither where a step writes it. */
interface Piece {
  readonly name: string;
  readonly label: string;
  readonly json: string | undefined;
  readonly gap: number | undefined;
}

/** Fields of a header, put in for each frame. */
type FieldOfHeader = { -readonly [Key in keyof OtherField]: OtherField[Key] } & { readonly kind: 'time' | 'stream' };

interface OthersOfFrame extends Others {
  readonly ofHeader: readonly FieldOfHeader[];
}

function othersWithHeader(common: TextFields): OthersOfFrame {
  const { header } = common;
  const others = othersOf(common);
  if (!header) return { ...others, ofHeader: [] };
  const ofHeader = (['time', 'stream'] as const).flatMap((kind): FieldOfHeader | [] => {
    const name = header[kind];
    return name === undefined ? [] : { name, kind, overwrites: false, value: null, json: 'null' };
  });
  return { ...others, fields: [...others.fields, ...ofHeader], ofHeader, vary: true };
}

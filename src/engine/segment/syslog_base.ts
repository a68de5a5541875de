// Partial events that a syslog message becomes: only the fields that steps need are made of the text, where
// `SyslogParts` finds them; the whole event is what `parse_syslog` gives.

import { getField, setField } from '../../event/object.ts';
import {
  parseSyslog,
  processId,
  SYSLOG_FACILITIES,
  SYSLOG_FIELDS,
  SYSLOG_SEVERITIES,
  syslogFields,
} from '../../event/syslog.ts';
import { APPNAME, HOSTNAME, MSGID, PROCID, SyslogParts } from '../../event/syslog_parts.ts';
import { UTC } from '../../event/timezone.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { assert } from '../../std/assert.ts';
import { latin1Text, utf8Text } from '../../std/bytes.ts';
import type { TextKernel } from '../kernels/text_kernel.ts';
import { CachedTexts } from './cached_texts.ts';
import type { KnownFields } from './fields.ts';
import { type Base, type PartialEvent, UNREAD } from './partial_event.ts';
import { type TextField, textFields } from './text_base.ts';

/** The parser is asked for messages alone that it reads in one way. */
const PARSER = { nowSeconds: 0, zone: UTC, isExact: true };

type Read = (base: SyslogBase) => Value | undefined;

/** How each field of a message is made of its parts, under Vector's names. */
const READERS: Readonly<Record<(typeof SYSLOG_FIELDS)[number], (index: number) => Read>> = {
  message: () => (base) => base.message(),
  timestamp: () => (base) => base.parts.timestamp,
  hostname: (index) => (base) => base.word(HOSTNAME, index),
  severity: () => (base) => SYSLOG_SEVERITIES[base.parts.priority & 7],
  facility: () => (base) => SYSLOG_FACILITIES[base.parts.priority >> 3],
  version: () => (base) => base.parts.version,
  appname: (index) => (base) => base.word(APPNAME, index),
  msgid: (index) => (base) => base.word(MSGID, index),
  procid: () => (base) => base.process(),
};

interface Field extends TextField {
  readonly read: Read;
}

export class SyslogBase implements Base {
  readonly parts: SyslogParts;
  readonly #fields: readonly Field[];
  readonly #bytes: Buffer;
  readonly #text: TextKernel;
  readonly #texts: CachedTexts;
  /** Where the present message is not UTF-8. */
  #isBroken = false;

  /** @param needed fields of every message, see `SYSLOG_FIELDS` */
  constructor(needed: KnownFields, bytes: Buffer, text: TextKernel) {
    const fields = textFields(needed) ?? [];
    assert(fields.length > 0 || needed.fields.length === 0, 'a field is named as none can be');
    this.parts = new SyslogParts(bytes, isField);
    this.#bytes = bytes;
    this.#text = text;
    this.#texts = new CachedTexts(bytes, fields.length);
    this.#fields = fields.map((field, index) => ({
      ...field,
      read: READERS[field.name as keyof typeof READERS](index),
    }));
  }

  /** Makes `event` what the text at [start, end) says. False when that is for `parse_syslog` itself. */
  read(event: PartialEvent, start: number, end: number): boolean {
    if (!this.parts.find(start, end)) return false;
    this.#isBroken = false;
    const fields = this.#fields;
    const value: ObjectValue = {};
    const originals = new Array<Value | undefined>(fields.length);
    for (let i = 0; i < fields.length; i++) {
      const { name, isRead, read } = fields[i]!;
      const found = read(this);
      originals[i] = found;
      if (found !== undefined) value[name] = isRead ? found : UNREAD;
    }
    if (this.#isBroken) return false;
    event.value = value;
    event.base = this;
    event.originals = originals;
    event.start = start;
    event.end = end;
    return true;
  }

  wholeOf(event: PartialEvent): Value {
    const read = parseSyslog(utf8Text(this.#bytes, event.start, event.end), PARSER);
    assert(read !== undefined && isObject(event.value), 'a message that was read partly can be read whole');
    const whole = syslogFields(read);
    for (const { name, isWritten } of this.#fields) {
      const now = getField(event.value, name);
      if (!isWritten || now === UNREAD) continue;
      if (now === undefined) delete whole[name];
      else setField(whole, name, now);
    }
    return whole;
  }

  /** A word of the header as the value of the field at `index`. */
  word(word: number, index: number): string | undefined {
    if (this.parts.isMissing(word)) return undefined;
    const start = this.parts.words[2 * word]!;
    const end = this.parts.words[2 * word + 1]!;
    return end - start <= CachedTexts.LENGTH_MAX
      ? this.#texts.at(index, start, end)
      : latin1Text(this.#bytes, start, end);
  }

  process(): Value | undefined {
    if (this.parts.isMissing(PROCID)) return undefined;
    const { words } = this.parts;
    return processId(latin1Text(this.#bytes, words[2 * PROCID]!, words[2 * PROCID + 1]!));
  }

  message(): string {
    const { messageStart, messageEnd } = this.parts;
    if (this.#text.isUtf8(messageStart, messageEnd)) return utf8Text(this.#bytes, messageStart, messageEnd);
    this.#isBroken = true;
    return '';
  }
}

const NAMES: ReadonlySet<string> = new Set(SYSLOG_FIELDS);

function isField(name: string): boolean {
  return NAMES.has(name);
}

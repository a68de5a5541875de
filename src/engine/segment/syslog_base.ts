// Partial events that a syslog message becomes: only the fields that steps need are made of the text, where
// `SyslogParts` finds them; the whole event is what `parse_syslog` gives.

import type { SyslogFields } from '../../event/batch.ts';
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
import { cloneValue, isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { assert } from '../../std/assert.ts';
import { latin1Text, utf8Text } from '../../std/bytes.ts';
import { makeFunction } from '../../std/make_function.ts';
import type { TextKernel } from '../kernels/text_kernel.ts';
import { CachedTexts } from './cached_texts.ts';
import { type Base, type PartialEvent, UNREAD } from './partial_event.ts';
import { applyWritten, type TextField } from './text_base.ts';

/** The parser is asked for messages alone that it reads in one way. */
const PARSER = { nowSeconds: 0, zone: UTC, isExact: true };

/** How each field of a message is made of its parts, as code; `i` is its place among the fields that are needed. */
const READERS: Readonly<Record<(typeof SYSLOG_FIELDS)[number], (i: number) => string>> = {
  message: () => 'base.message()',
  timestamp: () => 'parts.timestamp',
  hostname: (i) => `base.word(${HOSTNAME}, ${i})`,
  severity: () => 'severities[parts.priority & 7]',
  facility: () => 'facilities[parts.priority >> 3]',
  version: () => 'parts.version',
  appname: (i) => `base.word(${APPNAME}, ${i})`,
  msgid: (i) => `base.word(${MSGID}, ${i})`,
  procid: () => 'base.process()',
};

/** Makes an object of the parts of the present message. */
type Read = () => ObjectValue;

/** What events of messages have besides what these say, and how they are told whole. */
export interface SyslogSurroundings extends SyslogFields {
  /** Fields that are the same for all. */
  readonly fields: ObjectValue;
  wholeOf(event: PartialEvent): Value;
}

export class SyslogBase implements Base {
  readonly parts: SyslogParts;
  readonly surroundings: SyslogSurroundings | undefined;
  readonly #fields: readonly TextField[];
  readonly #read: Read;
  readonly #bytes: Buffer;
  readonly #text: TextKernel;
  readonly #texts: CachedTexts;
  /** Whether the present message turned out not to be UTF-8. */
  #isBroken = false;

  /** Undefined when fields are needed that are neither of every message, see `SYSLOG_FIELDS`, nor around it. */
  static of(
    fields: readonly TextField[],
    bytes: Buffer,
    text: TextKernel,
    around?: SyslogSurroundings,
  ): SyslogBase | undefined {
    const isKnown = (name: string): boolean =>
      isField(name) || (around !== undefined && (name === around.hostKey || Object.hasOwn(around.fields, name)));
    return fields.every(({ name }) => isKnown(name)) ? new SyslogBase(fields, bytes, text, around) : undefined;
  }

  private constructor(
    fields: readonly TextField[],
    bytes: Buffer,
    text: TextKernel,
    around: SyslogSurroundings | undefined,
  ) {
    this.parts = new SyslogParts(bytes, around ? () => true : isField);
    this.surroundings = around;
    this.#bytes = bytes;
    this.#text = text;
    this.#texts = new CachedTexts(bytes, fields.length);
    this.#fields = fields;
    this.#read = reader(fields, this);
  }

  /** Makes `event` what the text at [start, end) says. False when that is for `parse_syslog` itself. */
  read(event: PartialEvent, start: number, end: number): boolean {
    if (!this.parts.find(start, end)) return false;
    this.#isBroken = false;
    event.value = this.#read();
    event.base = this;
    event.start = start;
    event.end = end;
    return !this.#isBroken;
  }

  wholeOf(event: PartialEvent): Value {
    const whole = this.surroundings?.wholeOf(event) ?? this.#parsed(event);
    assert(isObject(whole) && isObject(event.value), 'messages are objects');
    return applyWritten(this.#fields, event.value, whole);
  }

  #parsed({ start, end }: PartialEvent): Value {
    const read = parseSyslog(utf8Text(this.#bytes, start, end), PARSER);
    assert(read !== undefined, 'a message that was read partly can be read whole');
    return syslogFields(read);
  }

  /** A field around the message, the event's own. */
  around(name: string, index: number): Value {
    const { hostKey, peer, fields } = this.surroundings!;
    if (name === hostKey) return this.word(HOSTNAME, index) ?? peer;
    const value = fields[name]!;
    return typeof value === 'string' ? value : cloneValue(value);
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

/** Fields that no message is without. */
const ALWAYS: readonly string[] = ['message', 'timestamp', 'severity', 'facility', 'version'];

/** Code, so that objects are written as a whole and have one shape. */
function reader(fields: readonly TextField[], base: SyslogBase): Read {
  const members: string[] = [];
  const lines: string[] = [];
  for (const [i, { name, isRead, isOnlyTested }] of fields.entries()) {
    const quoted = JSON.stringify(name);
    if (!isField(name)) {
      members.push(`${quoted}: ${isRead ? `base.around(${quoted}, ${i})` : 'UNREAD'}`);
      continue;
    }
    const code = READERS[name as keyof typeof READERS](i);
    if (ALWAYS.includes(name)) members.push(`${name}: ${isRead && !isOnlyTested ? code : 'UNREAD'}`);
    else lines.push(`value = ${code};`, `if (value !== undefined) event.${name} = ${isRead ? 'value' : 'UNREAD'};`);
  }
  const make = makeFunction(
    ['base', 'parts', 'severities', 'facilities', 'UNREAD'],
    `"use strict";
return () => {
let value;
const event = { ${members.join(', ')} };
${lines.join('\n')}
return event;
};`,
    'engine/syslog_base',
  ) as (...given: readonly unknown[]) => Read;
  return make(base, base.parts, SYSLOG_SEVERITIES, SYSLOG_FACILITIES, UNREAD);
}

const NAMES: ReadonlySet<string> = new Set(SYSLOG_FIELDS);

function isField(name: string): boolean {
  return NAMES.has(name);
}

// Messages of DNS: writing a query, and reading a reply into the value that `dns_lookup` gives. A reply is hostile:
// names are bounded in length, and compression pointers lead only backwards.

import type { ObjectValue, Value } from '../../event/value.ts';
import { recordText } from './dns_record.ts';
import { className, recordTypeName, responseCodeName } from './dns_types.ts';

/** What is wrong with a name or a reply, as text; thrown and caught within this module and its callers. */
export class DnsProblem extends Error {}

const LABEL_MAX = 63;
const NAME_MAX = 255;

/** A domain name as it goes over the wire. Throws `DnsProblem`. */
export function encodeName(text: string): Uint8Array {
  if (text === '') throw new DnsProblem('unexpected end of input');
  const bytes: number[] = [];
  let label: number[] = [];
  const finish = (): void => {
    if (label.length === 0) throw new DnsProblem('empty label');
    bytes.push(label.length, ...label);
    if (bytes.length >= NAME_MAX) throw new DnsProblem('long domain name');
    label = [];
  };
  let position = 0;
  while (position < text.length && text !== '.') {
    const char = text[position]!;
    if (char === '.') {
      finish();
      position++;
      continue;
    }
    const { code, length } = symbolAt(text, position);
    label.push(code);
    if (label.length > LABEL_MAX) throw new DnsProblem('label length limit exceeded');
    position += length;
  }
  if (label.length > 0) finish();
  bytes.push(0);
  return Uint8Array.from(bytes);
}

/** A character, `\.` or `\046`. */
function symbolAt(text: string, position: number): { code: number; length: number } {
  const code = text.charCodeAt(position);
  if (code !== 92) {
    if (code < 0x20 || code > 0x7e) throw new DnsProblem('non-ASCII symbol');
    return { code, length: 1 };
  }
  if (position + 1 >= text.length) throw new DnsProblem('unexpected end of input');
  const next = text.charCodeAt(position + 1);
  if (next < 48 || next > 57) {
    if (next < 0x20 || next > 0x7e) throw new DnsProblem('illegal escape sequence');
    return { code: next, length: 2 };
  }
  const digits = text.slice(position + 1, position + 4);
  if (digits.length < 3) throw new DnsProblem('unexpected end of input');
  if (!/^\d{3}$/.test(digits) || Number(digits) > 255) throw new DnsProblem('illegal escape sequence');
  return { code: Number(digits), length: 4 };
}

/** How much of a reply we take over UDP; more comes over TCP. */
const UDP_PAYLOAD = 1232;

export interface DnsQuery {
  readonly id: number;
  readonly name: Uint8Array;
  readonly type: number;
  readonly class: number;
}

/** A query with one question, and a record that says we know EDNS. */
export function encodeQuery(query: DnsQuery): Uint8Array {
  const bytes = new Uint8Array(12 + query.name.length + 4 + 11);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, query.id);
  // Recursion is always asked for.
  view.setUint16(2, 0x0100);
  view.setUint16(4, 1);
  view.setUint16(10, 1);
  bytes.set(query.name, 12);
  const at = 12 + query.name.length;
  view.setUint16(at, query.type);
  view.setUint16(at + 2, query.class);
  view.setUint16(at + 5, 41);
  view.setUint16(at + 7, UDP_PAYLOAD);
  return bytes;
}

/** Whether bytes are a reply to the query: the same number and the same question. */
export function isReplyTo(bytes: Uint8Array, query: Uint8Array): boolean {
  const questionEnd = query.length - 11;
  if (bytes.length < questionEnd || bytes[0] !== query[0] || bytes[1] !== query[1] || (bytes[2]! & 0x80) === 0)
    return false;
  for (let i = 12; i < questionEnd; i++) if (lower(bytes[i]!) !== lower(query[i]!)) return false;
  return true;
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/** Whether the reply was cut to fit into a datagram. */
export function isTruncated(bytes: Uint8Array): boolean {
  return (bytes[2]! & 0x02) !== 0;
}

export function responseCode(bytes: Uint8Array): number {
  return bytes[3]! & 0x0f;
}

/** Reads from a message, and knows where it is. */
export class DnsReader {
  readonly bytes: Uint8Array;
  position: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.position;
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw new DnsProblem('unexpected end of input');
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  uint16(): number {
    return this.byte() * 256 + this.byte();
  }

  uint32(): number {
    return this.uint16() * 65_536 + this.uint16();
  }

  /** A text with its length before it. */
  charString(): Uint8Array {
    return this.take(this.byte());
  }

  /** A name without its last dot; the root is empty. */
  name(): string {
    const labels: string[] = [];
    let length = 1;
    let limit = this.position;
    let reader: DnsReader = this;
    for (;;) {
      const size = reader.byte();
      if (size === 0) return labels.join('.');
      if (size >= 0xc0) {
        const target = (size & 0x3f) * 256 + reader.byte();
        if (target >= limit) throw new DnsProblem('invalid compression pointer');
        limit = target;
        reader = new DnsReader(this.bytes, target);
        continue;
      }
      if (size > LABEL_MAX) throw new DnsProblem('unknown label type');
      length += size + 1;
      if (length > NAME_MAX) throw new DnsProblem('long domain name');
      labels.push(labelText(reader.take(size)));
    }
  }
}

function labelText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 32 || byte === 46 || byte === 92) text += `\\${String.fromCharCode(byte)}`;
    else if (byte < 0x20 || byte > 0x7e) text += `\\${String(byte).padStart(3, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return text;
}

/** The reply as a value. Throws `DnsProblem`. */
export function decodeReply(bytes: Uint8Array): ObjectValue {
  const reader = new DnsReader(bytes, 2);
  const flags = reader.uint16();
  const [questions, answers, authorities, additionals] = [
    reader.uint16(),
    reader.uint16(),
    reader.uint16(),
    reader.uint16(),
  ] as const;
  const rcode = flags & 0x0f;
  return {
    fullRcode: rcode,
    rcodeName: responseCodeName(rcode),
    header: {
      aa: (flags & 0x0400) !== 0,
      ad: (flags & 0x0020) !== 0,
      cd: (flags & 0x0010) !== 0,
      ra: (flags & 0x0080) !== 0,
      rd: (flags & 0x0100) !== 0,
      tc: (flags & 0x0200) !== 0,
      qr: (flags & 0x8000) !== 0,
      opcode: (flags >> 11) & 0x0f,
      rcode,
      anCount: answers,
      arCount: additionals,
      nsCount: authorities,
      qdCount: questions,
    },
    question: section(questions, 'question', () => decodeQuestion(reader)),
    answers: section(answers, 'record', () => decodeRecord(reader)),
    authority: section(authorities, 'record', () => decodeRecord(reader)),
    additional: section(additionals, 'record', () => decodeRecord(reader)),
  };
}

/** Every entry takes bytes of the message, which bounds a count that lies. */
function section(count: number, what: string, decode: () => Value): Value[] {
  const entries: Value[] = [];
  try {
    for (let i = 0; i < count; i++) entries.push(decode());
  } catch (error) {
    if (error instanceof DnsProblem) throw new DnsProblem(`parsing ${what} section failed: ${error.message}`);
    throw error;
  }
  return entries;
}

function decodeQuestion(reader: DnsReader): ObjectValue {
  const domainName = reader.name();
  const type = reader.uint16();
  return {
    class: className(reader.uint16()),
    domainName,
    questionType: recordTypeName(type),
    questionTypeId: type,
  };
}

function decodeRecord(reader: DnsReader): ObjectValue {
  const domainName = reader.name();
  const type = reader.uint16();
  const recordClass = className(reader.uint16());
  const ttl = reader.uint32();
  const length = reader.uint16();
  const start = reader.position;
  reader.take(length);
  const rData = recordText(type, new DnsReader(reader.bytes, start, start + length));
  return { class: recordClass, domainName, rData, recordType: recordTypeName(type), recordTypeId: type, ttl };
}

// Where the parts of an RFC 5424 message lie in memory, found without making texts of them: for messages in which nothing
// is unusual, and which `parseSyslog` reads in the same way whatever its options are.
//
//   <165>1 2003-10-11T22:14:15.003Z web app 111 ID47 [id@1 key="value"] message
//    │   │ │                        │   │   │   │    └ elements       └ message
//    priority, version, time        words: where each begins and ends
//
// Anything else (single blanks missing, bytes beyond ASCII in the header, malformed elements, white space at the end) is
// left to `parseSyslog`.

import { latin1Text } from '../std/bytes.ts';
import { strictTime } from './syslog.ts';
import { Timestamp } from './timestamp.ts';

const BLANK = 0x20;
const QUOTE = 0x22;
const DASH = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const AT = 0x40;
const ZULU = 0x5a;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;
const ASCII_END = 0x80;

const PRIORITY_MAX = 255;
const VERSION_DIGITS_MAX = 9;
/** `2003-10-11T22:14:` */
const MINUTE_BYTES = 17;
const TIME_BYTES_MAX = 64;
const NANOS_DIGITS = 9;

/** The words behind the time, in their order. */
export const HOSTNAME = 0;
export const APPNAME = 1;
export const PROCID = 2;
export const MSGID = 3;
const WORDS = 4;

/** The parts of one message after the other: each `find` forgets those before. */
export class SyslogParts {
  /** -1 until one was found. */
  priority = -1;
  version = 0;
  messageStart = 0;
  messageEnd = 0;
  /** Starts and ends of the words, by twos. */
  readonly words = new Int32Array(2 * WORDS);
  readonly #bytes: Buffer;
  /** Whether an element has a name that a field of the message may have. */
  readonly #isTaken: (name: string) => boolean;
  /** The minute of the last time that was read, as text, and as seconds. */
  readonly #minute = new Uint8Array(MINUTE_BYTES);
  #minuteSeconds = 0;
  #seconds = 0;
  #nanos = 0;

  /** @param bytes what all messages lie in */
  constructor(bytes: Buffer, isTaken: (name: string) => boolean) {
    this.#bytes = bytes;
    this.#isTaken = isTaken;
  }

  get timestamp(): Timestamp {
    return new Timestamp(this.#seconds, this.#nanos);
  }

  /** Finds the parts of the message at [start, end). False when something about it is unusual, or it is none. */
  find(start: number, end: number): boolean {
    const bytes = this.#bytes;
    if (end - start < 2 || bytes[start] !== LESS || !isWordByte(bytes[end - 1]!)) return false;
    let at = this.#number(start + 1, end, 3);
    if (at < 0 || bytes[at] !== GREATER || this.#read > PRIORITY_MAX) return false;
    this.priority = this.#read;
    at = this.#number(at + 1, end, VERSION_DIGITS_MAX);
    if (at < 0 || bytes[at] !== BLANK) return false;
    this.version = this.#read;
    const timeEnd = this.#wordEnd(at + 1, end);
    if (timeEnd < 0 || !this.#time(at + 1, timeEnd)) return false;
    at = timeEnd;
    for (let word = 0; word < WORDS; word++) {
      const wordEnd = this.#wordEnd(at + 1, end);
      if (wordEnd < 0 || bytes[wordEnd - 1] === COLON) return false;
      this.words[2 * word] = at + 1;
      this.words[2 * word + 1] = wordEnd;
      at = wordEnd;
    }
    at = this.#elements(at + 1, end);
    if (at < 0) return false;
    while (at < end && (bytes[at] === BLANK || bytes[at] === 0x09)) at++;
    this.messageStart = at;
    this.messageEnd = end;
    return true;
  }

  /** Whether the word is the hyphen that stands for none. */
  isMissing(word: number): boolean {
    const start = this.words[2 * word]!;
    return this.words[2 * word + 1] === start + 1 && this.#bytes[start] === DASH;
  }

  /** The number that `#number` read. */
  #read = 0;

  /** Reads a number of at most so many digits: where it ends, -1 when there is none. */
  #number(start: number, end: number, digitsMax: number): number {
    const bytes = this.#bytes;
    let at = start;
    let value = 0;
    for (let byte = bytes[at]!; at < end && byte >= ZERO && byte <= NINE; byte = bytes[++at]!)
      value = value * 10 + byte - ZERO;
    this.#read = value;
    return at === start || at - start > digitsMax || at >= end ? -1 : at;
  }

  /** Where the word at `start` ends: at a single blank. -1 when there is none, or anything else. */
  #wordEnd(start: number, end: number): number {
    const bytes = this.#bytes;
    let at = start;
    while (at < end && isWordByte(bytes[at]!)) at++;
    return at === start || at >= end || bytes[at] !== BLANK ? -1 : at;
  }

  #time(start: number, end: number): boolean {
    if (end - start > TIME_BYTES_MAX) return false;
    if (this.#sameMinute(start, end)) return true;
    const read = strictTime(latin1Text(this.#bytes, start, end));
    if (!read) return false;
    this.#seconds = read.seconds;
    this.#nanos = read.nanos;
    // What stands for the minute is known when it is one of UTC, and the second is no leap second.
    const second = this.#second(start + MINUTE_BYTES);
    if (this.#bytes[end - 1] !== ZULU || second < 0) return true;
    this.#bytes.copy(this.#minute, 0, start, start + MINUTE_BYTES);
    this.#minuteSeconds = read.seconds - second;
    return true;
  }

  /** Reads a time of the minute that was read last, in UTC. */
  #sameMinute(start: number, end: number): boolean {
    const bytes = this.#bytes;
    const minute = this.#minute;
    // Backwards: it is the end in which times differ.
    for (let i = MINUTE_BYTES - 1; i >= 0; i--) if (bytes[start + i] !== minute[i]) return false;
    const second = this.#second(start + MINUTE_BYTES);
    if (second < 0 || bytes[end - 1] !== ZULU) return false;
    let at = start + MINUTE_BYTES + 2;
    let nanos = 0;
    if (at < end - 1) {
      if (bytes[at] !== DOT || end - 2 - at > NANOS_DIGITS || end - 2 === at) return false;
      let scale = 100_000_000;
      for (at++; at < end - 1; at++, scale /= 10) {
        const digit = bytes[at]! - ZERO;
        if (digit < 0 || digit > 9) return false;
        nanos += digit * scale;
      }
    } else if (at !== end - 1) return false;
    this.#seconds = this.#minuteSeconds + second;
    this.#nanos = nanos;
    return true;
  }

  /** Two digits below 60; -1 when they are not. */
  #second(at: number): number {
    const tens = this.#bytes[at]! - ZERO;
    const ones = this.#bytes[at + 1]! - ZERO;
    return tens >= 0 && tens <= 5 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
  }

  /** Where the structured data at `start` ends; -1 when there is none, or anything unusual. */
  #elements(start: number, end: number): number {
    const bytes = this.#bytes;
    if (bytes[start] === DASH) return start + 1;
    let at = start;
    while (at < end && bytes[at] === OPEN) {
      at = this.#element(at + 1, end);
      if (at < 0) return -1;
    }
    return at > start ? at : -1;
  }

  /** `id name="value" …]`: where it ends. */
  #element(start: number, end: number): number {
    const bytes = this.#bytes;
    let at = start;
    let hasNumber = false;
    for (let byte = bytes[at]!; at < end && isWordByte(byte) && byte !== CLOSE && byte !== EQUALS; byte = bytes[++at]!)
      hasNumber ||= byte === AT;
    if (at === start || (!hasNumber && this.#isTaken(latin1Text(bytes, start, at)))) return -1;
    while (at < end && bytes[at] === BLANK) {
      at = this.#parameter(at + 1, end);
      if (at < 0) return -1;
    }
    return at < end && bytes[at] === CLOSE ? at + 1 : -1;
  }

  /** `name="value"`: where it ends. */
  #parameter(start: number, end: number): number {
    const bytes = this.#bytes;
    let at = start;
    for (let byte = bytes[at]!; at < end && isWordByte(byte) && byte !== CLOSE && byte !== EQUALS; byte = bytes[++at]!);
    if (at === start || bytes[at] !== EQUALS || bytes[at + 1] !== QUOTE) return -1;
    for (at += 2; at < end; at++) {
      const byte = bytes[at];
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) return at + 1;
    }
    return -1;
  }
}

/** A byte that words are made of, and that is a character of its own. */
function isWordByte(byte: number): boolean {
  return byte > BLANK && byte < ASCII_END;
}

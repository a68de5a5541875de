// Reads the head of an HTTP/1 request. It is strict where laxness lets two servers in a row disagree about where a
// request ends: lines end in CRLF, nothing stands before the colon of a header, a length is given once and in one way.

import { Repeats } from '../../std/repeats.ts';

/** What is wrong with a request, and the status it is answered with. */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

export interface RequestHead {
  readonly method: string;
  /** As it was sent, percent-encoded. */
  readonly path: string;
  /** What follows the `?`, or nothing. */
  readonly query: string;
  /** Names in lower case, each with its first value. */
  readonly headers: ReadonlyMap<string, string>;
  /** Bytes of the body; -1 when it comes in chunks. */
  readonly bodyBytes: number;
  /** Whether another request may follow. */
  readonly keepsAlive: boolean;
  readonly expectsContinue: boolean;
}

/** Most digits of a length: as many as a number holds exactly. */
const LENGTH_DIGITS_MAX = 15;

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ((?:\/|\*|[A-Za-z]+:\/\/)[\x21-\x7e]*) HTTP\/1\.([01])$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const BEGINNING = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?: [\x21-\x7e]*(?: [\x20-\x7e]{0,8}(?:\r\n?)?)?)?$/;

/** Headers that say where the request ends or whom it is for. */
const ONCE = new Set(['content-length', 'host', 'transfer-encoding']);

/**
 * The head whose text (one character per byte) is given without the empty line behind it. Throws `MalformedRequest`.
 */
export function parseHead(text: string): RequestHead {
  const lines = text.split('\r\n');
  const line = REQUEST_LINE.exec(lines[0]!);
  if (!line) throw new MalformedRequest('the first line is no HTTP/1 request line');
  const [, method, target, minor] = line;
  const headers = new Map<string, string>();
  let connection = '';
  for (let i = 1; i < lines.length; i++) {
    const [name, value] = header(lines[i]!);
    if (name === 'connection') connection += `${value},`;
    // Others do not take a tab for a blank here, and would see another coding.
    if (name === 'transfer-encoding' && lines[i]!.includes('\t')) throw new MalformedRequest('a tab beside a coding');
    if (!headers.has(name)) headers.set(name, value);
    else if (ONCE.has(name)) throw new MalformedRequest(`\`${name}\` is given more than once`);
  }
  const isOld = minor === '0';
  if (!isOld && !headers.has('host')) throw new MalformedRequest('`host` is missing');
  const mark = target!.indexOf('?');
  return {
    method: method!,
    path: mark < 0 ? target! : target!.slice(0, mark),
    query: mark < 0 ? '' : target!.slice(mark + 1),
    headers,
    bodyBytes: bodyBytes(headers, isOld),
    keepsAlive: keepsAlive(connection, isOld),
    expectsContinue: expectsContinue(headers, isOld),
  };
}

/** Heads that are kept as they were read, and how long each may be. */
const KEPT_MAX = 256;
const KEPT_LENGTH_MAX = 2_048;

/** One of them with eight headers, as measured: its text, and the texts and the map made of it. */
const KEPT_BYTES = 1_200;

/** Reads heads; senders repeat theirs, so some are kept for all connections together. */
export class HeadReader {
  readonly #kept = new Repeats<string, RequestHead>(KEPT_MAX);

  /** Estimated bytes of heads that are kept. */
  get heldBytes(): number {
    return this.#kept.size * KEPT_BYTES;
  }

  /** Does what `parseHead` does. */
  read(text: string): RequestHead {
    const known = this.#kept.get(text);
    if (known) return known;
    const head = parseHead(text);
    if (text.length <= KEPT_LENGTH_MAX) this.#kept.add(text, head);
    return head;
  }
}

/** Whether text that has no end yet may become a request. */
export function mayBecomeHead(text: string): boolean {
  const end = text.indexOf('\r\n');
  return end >= 0 ? REQUEST_LINE.test(text.slice(0, end)) : BEGINNING.test(text);
}

function header(line: string): [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  if (!TOKEN.test(name)) throw new MalformedRequest('a header has no name, or a wrong one');
  let start = colon + 1;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start += 1;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1;
  const value = line.slice(start, end);
  if (NOT_IN_VALUE.test(value)) throw new MalformedRequest(`\`${name.toLowerCase()}\` holds control characters`);
  return [name.toLowerCase(), value];
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

function bodyBytes(headers: ReadonlyMap<string, string>, isOld: boolean): number {
  const length = headers.get('content-length');
  const coding = headers.get('transfer-encoding');
  if (coding !== undefined) {
    if (length !== undefined) throw new MalformedRequest('the length of the body is given in two ways');
    if (isOld) throw new MalformedRequest('HTTP/1.0 has no `transfer-encoding`');
    if (coding.toLowerCase() !== 'chunked')
      throw new MalformedRequest('the only `transfer-encoding` is `chunked`', 501);
    return -1;
  }
  if (length === undefined) return 0;
  if (!/^\d+$/.test(length)) throw new MalformedRequest('`content-length` is no number');
  if (length.length > LENGTH_DIGITS_MAX) throw new MalformedRequest('`content-length` is too large');
  return Number(length);
}

function keepsAlive(connection: string, isOld: boolean): boolean {
  if (connection === '') return !isOld;
  const options = connection
    .toLowerCase()
    .split(',')
    .map((option) => option.trim());
  if (options.includes('close')) return false;
  return !isOld || options.includes('keep-alive');
}

function expectsContinue(headers: ReadonlyMap<string, string>, isOld: boolean): boolean {
  const expected = headers.get('expect');
  if (expected === undefined || isOld) return false;
  if (expected.toLowerCase() !== '100-continue') throw new MalformedRequest('`expect` asks for what is not known', 417);
  return true;
}

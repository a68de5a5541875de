// The input of the jobs: lines that are told apart by a running number, so that a lost, doubled or wrong one is found.
//
// 20,000 different lines are made once, from a seed; a file repeats them with the number of each line written over nine
// digits of fixed width. So a file of any size is made at the speed of the disk, and line `i` is known without it.

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { seededRandom } from '../../src/std/random.ts';

/**
 * `json`: log lines of about 275 bytes; `apache`: the combined format; `wide`: JSON of 2 KB, 1 % of tenant t-42; `syslog`: RFC 5424;
 * `cri`: lines of a container runtime, whose number is in the time. */
export type InputKind = 'json' | 'apache' | 'wide' | 'syslog' | 'cri';

export interface InputFile {
  readonly kind: InputKind;
  readonly path: string;
  readonly lines: number;
  readonly bytes: number;
}

/** Number of the first line: nine digits, like all that follow. */
export const FIRST_NUMBER = 100_000_000;

const NUMBER_DIGITS = 9;
const TEMPLATE_LINES = 20_000;

export class Template {
  /** All lines with their newlines; the numbers are those of the first repetition. */
  readonly piece: Buffer;
  /** Where each line begins in `piece`, and where the last one ends. */
  readonly #starts = new Uint32Array(TEMPLATE_LINES + 1);
  /** Where the digits of each line's number are in `piece`. */
  readonly #digits = new Uint32Array(TEMPLATE_LINES);

  constructor(kind: InputKind) {
    const random = seededRandom(5);
    const make = MAKERS[kind];
    const lines = Array.from({ length: TEMPLATE_LINES }, (_, index) => make(index, random));
    this.piece = Buffer.from(lines.join(''), 'latin1');
    let at = 0;
    for (const [index, line] of lines.entries()) {
      this.#digits[index] = at + line.indexOf(String(FIRST_NUMBER + index));
      at += line.length;
      this.#starts[index + 1] = at;
    }
  }

  /** How many lines make at least so many bytes; none of them is the begin of a message whose end is missing. */
  linesFor(bytes: number): number {
    return Math.ceil(bytes / (this.piece.length / TEMPLATE_LINES) / CRI_GROUP_LINES) * CRI_GROUP_LINES;
  }

  /** Where line `index` of a file begins. */
  offsetOf(index: number): number {
    return Math.floor(index / TEMPLATE_LINES) * this.piece.length + this.#starts[index % TEMPLATE_LINES]!;
  }

  /** Line `index` of a file, without its newline. */
  line(index: number): string {
    const at = index % TEMPLATE_LINES;
    const [start, end, digits] = [this.#starts[at]!, this.#starts[at + 1]! - 1, this.#digits[at]!];
    const number = String(FIRST_NUMBER + index);
    return (
      this.piece.toString('latin1', start, digits) + number + this.piece.toString('latin1', digits + NUMBER_DIGITS, end)
    );
  }

  /** Which of the different lines this one is. */
  shapeOf(index: number): number {
    return index % TEMPLATE_LINES;
  }

  /** Writes a file of `lines` lines; it is on the disk when this returns, so that nothing is written back later. */
  write(kind: InputKind, path: string, lines: number): InputFile {
    const file = openSync(path, 'w');
    const piece = Buffer.from(this.piece);
    for (let first = 0; first < lines; first += TEMPLATE_LINES) {
      const count = Math.min(TEMPLATE_LINES, lines - first);
      for (let i = 0; i < count; i++) {
        piece.write(String(FIRST_NUMBER + first + i), this.#digits[i]!, 'latin1');
      }
      const end = this.#starts[count]!;
      for (let at = 0; at < end; ) at += writeSync(file, piece, at, end - at);
    }
    fsyncSync(file);
    closeSync(file);
    return { kind, path, lines, bytes: this.offsetOf(lines) };
  }
}

type Random = ReturnType<typeof seededRandom>;

const MAKERS: Record<InputKind, (index: number, random: Random) => string> = {
  json: jsonLine,
  apache: apacheLine,
  wide: wideLine,
  syslog: syslogLine,
  cri: criLine,
};

const LEVELS = ['debug', 'info', 'warn', 'error'];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const STATUSES = [200, 200, 200, 404, 500];
const START_MS = 1_760_000_000_000;

function jsonLine(index: number, random: Random): string {
  const [whole, pick] = choosers(random);
  return `${JSON.stringify({
    timestamp: new Date(START_MS + index * 13).toISOString(),
    level: pick(LEVELS),
    service: `svc-${whole(20)}`,
    host: `host-${whole(100)}.example`,
    request: {
      method: pick(METHODS),
      path: `/api/v1/items/${whole(100_000)}`,
      status: pick(STATUSES),
      duration_ms: whole(100_000) / 100,
    },
    user_id: whole(1_000_000),
    seq: FIRST_NUMBER + index,
    message: `handled ${whole(1e9)} in worker ${whole(64)}, result ok`,
  })}\n`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
  'curl/8.5.0',
  'kube-probe/1.29',
];

function apacheLine(index: number, random: Random): string {
  const [whole, pick] = choosers(random);
  const date = new Date(START_MS + index * 1733);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
  const host = `${10 + whole(200)}.${whole(256)}.${whole(256)}.${whole(256)}`;
  return `${host} - ${pick(['-', 'anna', 'ben'])} [${time}] "${pick(METHODS)} /shop/items/${FIRST_NUMBER + index}?page=${whole(90)} HTTP/1.1" ${pick(STATUSES)} ${whole(50_000)} "https://www.example.com/shop/${whole(500)}" "${pick(AGENTS)}"\n`;
}

function wideLine(index: number, random: Random): string {
  const [whole, pick] = choosers(random);
  const fields: Record<string, unknown> = {
    timestamp: new Date(START_MS + index * 13).toISOString(),
    seq: FIRST_NUMBER + index,
  };
  for (let i = 0; i < 60; i++) {
    if (i === 31) fields['tenant'] = `t-${whole(100)}`;
    fields[`field_${i}`] =
      i % 5 === 0
        ? whole(1e6)
        : i % 7 === 0
          ? { id: whole(1e4), name: pick(AGENTS).slice(0, 18), ok: whole(2) === 0 }
          : `value ${whole(1e9)} of ${i}`;
  }
  fields['tags'] = ['edge', pick(LEVELS), `shard-${whole(16)}`];
  return `${JSON.stringify(fields)}\n`;
}

/** 2,000 combinations of host, program and message id. */
function syslogLine(index: number, random: Random): string {
  const [whole, pick] = choosers(random);
  const time = new Date(START_MS + index * 13).toISOString();
  return `<${8 * (16 + whole(8)) + whole(8)}>1 ${time} host-${whole(100)}.example ${pick(PROGRAMS)} ${whole(60_000)} ${pick(MESSAGE_IDS)} [meta@32473 zone="eu-${whole(3)}" seq="${FIRST_NUMBER + index}"] handled ${whole(1e9)} in worker ${whole(64)} for user ${whole(1_000_000)}, result ok, took ${whole(100_000) / 100} ms, path /api/v1/items/${whole(100_000)}\n`;
}

const PROGRAMS = ['nginx', 'sshd', 'cron', 'postfix', 'kernel'];
const MESSAGE_IDS = ['ID1', 'ID2', 'ACCESS', '-'];

/** What the first part of a split line holds: runtimes cut at a fixed size. */
export const CRI_PART = 'x'.repeat(400);

/** Of so many lines one is the first part of the next one. */
const CRI_GROUP_LINES = 5;

export function isCriPart(line: string): boolean {
  return line.includes(' P ');
}

function criLine(index: number, random: Random): string {
  const [whole, pick] = choosers(random);
  const head = `2026-01-01T00:00:00.${FIRST_NUMBER + index}Z ${pick(['stdout', 'stderr'])}`;
  if (index % CRI_GROUP_LINES === 3) return `2026-01-01T00:00:00.${FIRST_NUMBER + index}Z stdout P ${CRI_PART}\n`;
  if (index % CRI_GROUP_LINES === 4)
    return `2026-01-01T00:00:00.${FIRST_NUMBER + index}Z stdout F end of a long line, ${whole(1e9)} in worker ${whole(64)}\n`;
  return `${head} F level=${pick(LEVELS)} service=svc-${whole(20)} status=${pick(STATUSES)} handled ${whole(1e9)} in worker ${whole(64)} for user ${whole(1_000_000)}, result ok, took ${whole(100_000) / 100} ms, path /api/v1/items/${whole(100_000)}\n`;
}

function choosers(random: Random): [whole: (below: number) => number, pick: <T>(items: readonly T[]) => T] {
  const whole = (below: number): number => Math.floor(random() * below);
  return [whole, (items) => items[whole(items.length)]!];
}

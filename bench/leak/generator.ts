// Writes log files for as long as somebody reads them: a plain one, and one as a container runtime writes it, both rotated
// by renaming, so that the disk never holds more than a few pieces. A process of its own; its parent tells it how many
// lines came out at the other end, and it keeps only so far ahead.

import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { logFiles } from './configuration.ts';

/** Lines in a piece, which is what is written at once. */
const PIECE_LINES = 500;
const WAIT_MS = 5;

const [folder, linesText, pace, rateText] = process.argv.slice(2);
const linesMax = Number(linesText);
/** Lines a second at most. */
const rateMax = Number(rateText);
/** Lines that are ahead of the reader at most: enough for a fifth of a second. */
const aheadLines = pace === 'fast' ? 200_000 : 20_000;
/** More than what is ahead: when a file is rotated the one before is read to its end. */
const rotateBytes = pace === 'fast' ? 64 * 2 ** 20 : 8 * 2 ** 20;

/** Digits of the number at the beginning of each piece. */
const DIGITS = 12;

/** One of the files: one piece written again and again, but for its number, as files that begin alike are taken for one. */
class LogFile {
  readonly #path: string;
  readonly #piece: Buffer;
  readonly #numberAt: number;
  #number = 0;
  #file: number;
  #bytes = 0;

  constructor(path: string, makeLine: (number: string) => string) {
    this.#path = path;
    this.#piece = Buffer.from(
      Array.from({ length: PIECE_LINES }, (_, index) => makeLine(String(index).padStart(DIGITS, '0'))).join(''),
    );
    this.#numberAt = this.#piece.indexOf('0'.repeat(DIGITS));
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, 'a');
  }

  /** Writes a piece: to the file, or as the first of the next one. */
  write(): void {
    if (this.#bytes >= rotateBytes) this.#rotate();
    else this.#append();
  }

  #rotate(): void {
    closeSync(this.#file);
    const next = join(dirname(this.#path), `.${basename(this.#path)}`);
    this.#file = openSync(next, 'w');
    this.#bytes = 0;
    // With something in it before it can be found: an empty file is one to warn about.
    this.#append();
    // What was rotated before goes; the reader is done with it, as it is never so far behind.
    renameSync(this.#path, `${this.#path}.1`);
    renameSync(next, this.#path);
  }

  #append(): void {
    this.#number += PIECE_LINES;
    this.#piece.write(String(this.#number).padStart(DIGITS, '0'), this.#numberAt, 'latin1');
    for (let at = 0; at < this.#piece.length; ) at += writeSync(this.#file, this.#piece, at);
    this.#bytes += this.#piece.length;
  }
}

const { plain, container } = logFiles(folder!);
const files = [
  new LogFile(plain, (number) => `level=info order=${number} service=shop took_ms=17 msg="order handled"\n`),
  new LogFile(
    container,
    (number) => `2026-01-01T00:00:00.000000000Z stdout F {"order":"${number}","level":"info","took_ms":17}\n`,
  ),
];
let consumed = 0;
let written = 0;
const startMs = performance.now();

function writeOn(): void {
  const dueLines = ((performance.now() - startMs) / 1000) * rateMax;
  while (written + PIECE_LINES <= Math.min(linesMax, dueLines) && written - consumed < aheadLines) {
    files[(written / PIECE_LINES) % files.length]!.write();
    written += PIECE_LINES;
  }
  if (written + PIECE_LINES <= linesMax) setTimeout(writeOn, WAIT_MS);
}

process.on('message', (lines: number) => {
  consumed = lines;
});
process.once('disconnect', () => process.exit());
writeOn();
setInterval(() => {
  const { user, system } = process.cpuUsage();
  process.send!({ written, cpu: (user + system) / 1e6 });
}, 1_000);

// Takes apart a body that comes in chunks.
//
//   size[;extension] CRLF ─► that many bytes CRLF ─► … ─► 0[;extension] CRLF ─► [trailer CRLF …] CRLF
//
// Lines of the framing are never kept beyond their limit; trailers are read and forgotten.

import { MalformedRequest } from './request_head.ts';

/** Most characters of a line with the size of a chunk, extensions included. */
const SIZE_LINE_MAX = 1024;

/** Most bytes of extensions and trailers of one body. */
const OVERHEAD_BYTES_MAX = 65_536;

const CR = 0x0d;
const LF = 0x0a;

const SIZE_LINE =
  /^([0-9A-Fa-f]{1,12})(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e]|\\[\t\x20-\x7e])*"))?)*$/;
/** What says where a request ends, or whom it is for, stands in its head only. */
const TRAILER =
  /^(?!(?:connection|content-length|expect|host|transfer-encoding|upgrade):)[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/i;

type State = 'size' | 'data' | 'data_end' | 'trailer' | 'done';

export class ChunkedDecoder {
  #state: State = 'size';
  #left = 0;
  #line = '';
  #overhead = 0;

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Reads on from `at` and hands over views of the data; where reading stopped. Throws `MalformedRequest`. */
  read(bytes: Buffer, at: number, onData: (piece: Buffer) => void): number {
    let next = at;
    while (next < bytes.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, next + this.#left);
        this.#left -= end - next;
        onData(bytes.subarray(next, end));
        next = end;
        if (this.#left === 0) this.#state = 'data_end';
      } else next = this.#readLine(bytes, next);
    }
    return next;
  }

  #readLine(bytes: Buffer, at: number): number {
    const lf = bytes.subarray(at, at + SIZE_LINE_MAX).indexOf(LF);
    const end = lf < 0 ? Math.min(bytes.length, at + SIZE_LINE_MAX) : at + lf + 1;
    this.#line += bytes.toString('latin1', at, end);
    if (this.#line.length > SIZE_LINE_MAX) throw new MalformedRequest('a line between chunks is too long', 413);
    if (lf < 0) {
      this.#expect();
      return end;
    }
    if (this.#line.charCodeAt(this.#line.length - 2) !== CR) throw new MalformedRequest('a line ends without CR');
    const line = this.#line.slice(0, -2);
    this.#line = '';
    this.#takeLine(line);
    return end;
  }

  #takeLine(line: string): void {
    if (this.#state === 'data_end') {
      if (line !== '') throw new MalformedRequest('a chunk is longer than announced');
      this.#state = 'size';
      return;
    }
    if (this.#state === 'trailer') {
      if (line === '') this.#state = 'done';
      else this.#count(line.length, TRAILER.test(line));
      return;
    }
    const size = SIZE_LINE.exec(line);
    this.#count(line.length - (size?.[1]?.length ?? 0), size !== null);
    this.#left = Number.parseInt(size![1]!, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'data';
  }

  #count(bytes: number, isValid: boolean): void {
    if (!isValid) throw new MalformedRequest('a line between chunks is wrong');
    this.#overhead += bytes;
    if (this.#overhead > OVERHEAD_BYTES_MAX) throw new MalformedRequest('chunks have too many extensions', 413);
  }

  /** A line that has no end yet may be known to be wrong already. */
  #expect(): void {
    if (this.#state === 'data_end' && !/^\r?$/.test(this.#line))
      throw new MalformedRequest('a chunk is longer than announced');
    if (this.#state === 'size' && !/^[0-9A-Fa-f]{0,12}(?:[;\r]|$)/.test(this.#line))
      throw new MalformedRequest('the size of a chunk is no number');
  }
}

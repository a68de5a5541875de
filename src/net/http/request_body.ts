// The body of a request on its way into memory, within limits: of the one body, of all bodies of the server together,
// and of the time in which nothing comes.

import { ChunkedDecoder } from './chunked.ts';
import { HttpRejection } from './rejection.ts';

/** Bytes in memory of what is coming in: what was read and not yet let go. */
export class BodyBudget {
  readonly limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.limitBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}

export class RequestBody {
  readonly #budget: BodyBudget;
  readonly #chunked: ChunkedDecoder | undefined;
  /** Bytes still to come, where their number is known. */
  #left: number;
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Pieces from this one on lie in the buffer of the connection, which is used again after the read. */
  #borrowed = 0;
  #isReleased = false;
  #refusal: HttpRejection | undefined;

  /** @param bytes how long the body is; -1 when it comes in chunks */
  constructor(bytes: number, budget: BodyBudget) {
    this.#budget = budget;
    this.#left = Math.max(bytes, 0);
    this.#chunked = bytes < 0 ? new ChunkedDecoder() : undefined;
  }

  /** The bytes in the pieces they came in: valid until the end of the call they were given in unless `own` was called. */
  get pieces(): readonly Buffer[] {
    return this.#pieces;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isComplete(): boolean {
    return this.#chunked ? this.#chunked.isDone : this.#left === 0;
  }

  /** Why it is refused: it is too long, or finds no room. */
  get refusal(): HttpRejection | undefined {
    return this.#refusal;
  }

  /**
   * Takes bytes from `at` on; where the body, or what there is of it, ends. Once it is refused or released, its bytes
   * are read and forgotten. Throws `MalformedRequest`.
   */
  take(bytes: Buffer, at: number): number {
    if (this.#chunked) return this.#chunked.read(bytes, at, (piece) => this.#add(piece));
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (end > at) this.#add(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    return end;
  }

  /** Copies what lies in the buffer of the connection. */
  own(): void {
    for (let i = this.#borrowed; i < this.#pieces.length; i++) this.#pieces[i] = Buffer.from(this.#pieces[i]!);
    this.#borrowed = this.#pieces.length;
  }

  /** Gives its bytes back to the budget; call once the bytes are not needed any more. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#budget.give(this.#bytes);
    this.#pieces = [];
  }

  #add(piece: Buffer): void {
    if (this.#isReleased) return;
    const { limitBytes } = this.#budget;
    if (this.#bytes + piece.length > limitBytes) this.#refuse(tooLong(limitBytes));
    else if (!this.#budget.take(piece.length)) this.#refuse(busy());
    else {
      this.#bytes += piece.length;
      this.#pieces.push(piece);
    }
  }

  #refuse(why: HttpRejection): void {
    this.#refusal = why;
    this.release();
  }
}

function busy(): HttpRejection {
  return new HttpRejection(503, 'Too many request bodies are being received', { 'retry-after': '1' });
}

/** Why a body longer than `limitBytes` is refused. */
export function tooLong(limitBytes: number): HttpRejection {
  return new HttpRejection(413, `The request body is longer than ${limitBytes} bytes`);
}

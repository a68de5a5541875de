// Bodies of requests to our sources, with their encodings undone. Inflating is where a small request becomes a large
// one: the result has a limit, and few are inflated at a time.

import {
  type ContentEncoding,
  DecompressError,
  decompress,
  parseContentEncoding,
} from '../codecs/compression/decompress.ts';
import { HttpRejection } from '../net/http/rejection.ts';

/** Bodies of one source that are inflated at the same time; others wait. */
const INFLATIONS_MAX = 2;

export class BodyInflater {
  readonly #limitBytes: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /**
   * The body behind a `Content-Encoding`, in pieces as it is given. Rejects with `HttpRejection`: 415 for an encoding that is not known, 422 for
   * damaged bytes, 413 when they inflate to more than the limit.
   */
  async inflate(body: readonly Buffer[], contentEncoding: string | undefined): Promise<readonly Buffer[]> {
    if (contentEncoding === undefined) return body;
    const encodings = parseContentEncoding(contentEncoding);
    if (typeof encodings === 'string') throw unsupported(contentEncoding, encodings);
    if (encodings.length === 0) return body;
    if (this.#running >= INFLATIONS_MAX) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    try {
      let bytes: Buffer = Buffer.concat(body);
      for (const encoding of encodings.toReversed()) bytes = await this.#undo(encoding, bytes);
      return [bytes];
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #undo(encoding: ContentEncoding, bytes: Buffer): Promise<Buffer> {
    try {
      return await decompress([encoding], bytes, this.#limitBytes);
    } catch (error) {
      if (!(error instanceof DecompressError)) throw error;
      if (error.isTooLarge)
        throw new HttpRejection(413, `The request body inflates to more than ${this.#limitBytes} bytes`);
      throw new HttpRejection(422, `Failed decompressing payload with ${encoding} decoder.`);
    }
  }
}

/** Names the outermost encoding that is not known, as its sender wrote it. */
function unsupported(header: string, problem: string): HttpRejection {
  const names = header.split(',').map((name) => name.trim());
  const unknown = names.findLast((name) => typeof parseContentEncoding(name) === 'string');
  return new HttpRejection(415, unknown === undefined ? problem : `Unsupported encoding ${unknown.slice(0, 64)}`);
}

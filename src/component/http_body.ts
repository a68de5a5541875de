// Bodies of requests to our sources, with their encodings undone. Inflating is where a small request becomes a large
// one: the result has a limit, and few are inflated at a time.

import {
  type ContentEncoding,
  DecompressError,
  decompress,
  parseContentEncoding,
} from '../codecs/compression/decompress.ts';
import { HttpRejection } from '../net/http/rejection.ts';

/** Inflated bodies of one source that are in memory at a time; others wait. */
const INFLATIONS_MAX = 2;

export class BodyInflater {
  readonly #limitBytes: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /**
   * Hands the body behind a `Content-Encoding` to `use`, in pieces as it is given; the next one is inflated once `use`
   * is done with it. Rejects with `HttpRejection`: 415 for an encoding that is not known, 422 for damaged bytes, 413
   * when they inflate to more than the limit.
   */
  async inflate(
    body: readonly Buffer[],
    contentEncoding: string | undefined,
    use: (pieces: readonly Buffer[]) => Promise<void>,
  ): Promise<void> {
    if (contentEncoding === undefined) return use(body);
    const encodings = parseContentEncoding(contentEncoding);
    if (typeof encodings === 'string') throw unsupported(contentEncoding, encodings);
    if (encodings.length === 0) return use(body);
    if (this.#running < INFLATIONS_MAX) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      let bytes: Buffer = Buffer.concat(body);
      for (const encoding of encodings.toReversed()) bytes = await this.#undo(encoding, bytes);
      await use([bytes]);
    } finally {
      // Whoever waits takes over the place.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
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

// Compression of what sinks send and store: the algorithms of Vector with their levels, names and file endings.

import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { asBuffer } from '../../std/bytes.ts';
import { snappyCompress } from './snappy.ts';

export type Algorithm = 'none' | 'gzip' | 'zlib' | 'zstd' | 'snappy';

export interface Compression {
  readonly algorithm: Algorithm;
  /** The default of the algorithm when absent. */
  readonly level?: number;
}

interface AlgorithmFacts {
  /** `Content-Encoding` of a request. */
  readonly contentEncoding: string | undefined;
  /** Ending of an object or file, without the first dot. */
  readonly extension: string;
  /** Undefined where there are no levels. */
  readonly levels: { readonly max: number; readonly fast: number; readonly default: number } | undefined;
}

export const ALGORITHMS: Readonly<Record<Algorithm, AlgorithmFacts>> = {
  none: { contentEncoding: undefined, extension: 'log', levels: undefined },
  gzip: { contentEncoding: 'gzip', extension: 'log.gz', levels: { max: 9, fast: 1, default: 6 } },
  zlib: { contentEncoding: 'deflate', extension: 'log.zz', levels: { max: 9, fast: 1, default: 6 } },
  zstd: { contentEncoding: 'zstd', extension: 'log.zst', levels: { max: 21, fast: 1, default: 3 } },
  snappy: { contentEncoding: 'snappy', extension: 'log.snappy', levels: undefined },
};

/** Bodies up to this size are compressed at once; larger ones on a thread of the pool, so that the loop goes on. */
const SYNC_BYTES_MAX = 64 * 1024;

/** The compressed body: a promise when it is so large that other work should go on meanwhile. */
export function compress(compression: Compression, body: Uint8Array): Buffer | Promise<Buffer> {
  return body.byteLength <= SYNC_BYTES_MAX ? compressSync(compression, body) : compressAsync(compression, body);
}

/** The compressed body, at once. */
export function compressSync(compression: Compression, body: Uint8Array): Buffer {
  switch (compression.algorithm) {
    case 'none':
      return asBuffer(body);
    case 'gzip':
      return zlib.gzipSync(body, { level: levelOf(compression) });
    case 'zlib':
      return zlib.deflateSync(body, { level: levelOf(compression) });
    case 'zstd':
      return zlib.zstdCompressSync(body, zstdOptions(compression, body));
    case 'snappy':
      return snappyCompress(body);
  }
}

const gzip: (body: Uint8Array, options: zlib.ZlibOptions) => Promise<Buffer> = promisify(zlib.gzip);
const deflate: (body: Uint8Array, options: zlib.ZlibOptions) => Promise<Buffer> = promisify(zlib.deflate);
const zstd: (body: Uint8Array, options: zlib.ZstdOptions) => Promise<Buffer> = promisify(zlib.zstdCompress);

/** The compressed body, from a thread of the pool where the algorithm has one (all but snappy). */
export async function compressAsync(compression: Compression, body: Uint8Array): Promise<Buffer> {
  switch (compression.algorithm) {
    case 'gzip':
      return gzip(body, { level: levelOf(compression) });
    case 'zlib':
      return deflate(body, { level: levelOf(compression) });
    case 'zstd':
      return zstd(body, zstdOptions(compression, body));
    default:
      return compressSync(compression, body);
  }
}

/** Compresses a stream piece by piece, for files. Calls must not overlap: wait for one before the next. */
export interface StreamCompressor {
  /** Takes bytes, which may be reused once it resolves; resolves with what is ready to be written, often nothing. */
  write(bytes: Uint8Array): Promise<Buffer>;
  /** Resolves with all that makes everything taken so far readable. */
  flush(): Promise<Buffer>;
  /** Ends the stream; resolves with its last bytes. */
  end(): Promise<Buffer>;
  /** Lets go of the memory of a stream that is not ended. */
  close(): void;
}

/** A compressor for the algorithms that have streams; undefined for `none` and `snappy`. */
export function streamCompressor(compression: Compression): StreamCompressor | undefined {
  switch (compression.algorithm) {
    case 'gzip':
      return wrap(zlib.createGzip({ level: levelOf(compression) }));
    case 'zlib':
      return wrap(zlib.createDeflate({ level: levelOf(compression) }));
    case 'zstd':
      return wrap(zlib.createZstdCompress(zstdOptions(compression)));
    default:
      return undefined;
  }
}

function wrap(stream: zlib.Gzip | zlib.Deflate | zlib.ZstdCompress): StreamCompressor {
  let ready: Buffer[] = [];
  let failure: Error | undefined;
  stream.on('data', (chunk: Buffer) => ready.push(chunk));
  stream.on('error', (error) => {
    failure ??= error;
  });
  const step = (start: (done: (error?: Error | null) => void) => void): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure);
      start((error) => {
        const problem = error ?? failure;
        if (problem) return reject(problem);
        const bytes = ready.length === 1 ? ready[0]! : Buffer.concat(ready);
        ready = [];
        resolve(bytes);
      });
    });
  return {
    write: (bytes) => step((done) => stream.write(bytes, done)),
    flush: () => step((done) => stream.flush(() => done())),
    end: () =>
      step((done) => {
        stream.once('end', () => done());
        stream.once('error', done);
        stream.end();
      }),
    close: () => {
      stream.destroy();
    },
  };
}

function levelOf({ algorithm, level }: Compression): number {
  return level ?? ALGORITHMS[algorithm].levels?.default ?? 0;
}

/** A known size keeps the window, and with it the memory of high levels, no larger than the body. */
function zstdOptions(compression: Compression, body?: Uint8Array): zlib.ZstdOptions {
  const params = { [zlib.constants.ZSTD_c_compressionLevel]: levelOf(compression) };
  return body ? { params, pledgedSrcSize: body.byteLength } : { params };
}

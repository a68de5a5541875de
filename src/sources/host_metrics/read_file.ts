// Reads the small files that the kernel makes up when they are read. Their size is not known before.

import { closeSync, openSync, readSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';

/** Longer files are an error: none that is read whole is nearly as long. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;

const CHUNK_BYTES = 65_536;

/** The text of a file. Bytes that are not UTF-8 become U+FFFD. */
export async function readText(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  await readChunks(path, (chunk) => {
    bytes += chunk.length;
    if (bytes > FILE_BYTES_MAX) throw new Error(`${path} is longer than ${FILE_BYTES_MAX} bytes`);
    chunks.push(Buffer.from(chunk));
  });
  return Buffer.concat(chunks).toString();
}

/** The text, or undefined when there is no such file or it cannot be read in this state. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether an error says that a file is not there, or that it has nothing to tell. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && ABSENT.includes(code);
}

const ABSENT: readonly string[] = ['ENOENT', 'ENOTDIR', 'ESRCH', 'ENODEV', 'EOPNOTSUPP', 'EINVAL', 'EIO', 'ENODATA'];

/** Calls `onLine` with every line of a file that may be long; only one piece of it is in memory at a time. */
export async function readLines(path: string, onLine: (line: string) => void): Promise<void> {
  let rest = '';
  await readChunks(path, (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop()!;
    if (rest.length > CHUNK_BYTES) throw new Error(`${path} has a line longer than ${CHUNK_BYTES} bytes`);
    for (const line of lines) onLine(line);
  });
  if (rest !== '') onLine(rest);
}

async function readChunks(path: string, onChunk: (chunk: Buffer) => void): Promise<void> {
  await using file = await open(path);
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return;
    onChunk(buffer.subarray(0, bytesRead));
  }
}

const shared = Buffer.allocUnsafe(4096);

/**
 * The first 4096 bytes of a file, read without waiting; undefined when it is gone. For the many small files of
 * processes: 8 µs each in place of 100.
 */
export function readShort(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    return shared.toString('utf8', 0, readSync(descriptor, shared, 0, shared.length, 0));
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** Numbers by name, of lines as `name: 12 kB` or `name 12`. */
export function numbersByName(text: string): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([^\s:]+):?\s+(-?\d+)/.exec(line);
    if (match) numbers.set(match[1]!, Number(match[2]));
  }
  return numbers;
}

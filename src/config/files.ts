// Reads configuration files: finds them, tells their format, and refuses what is no text. Everything that a disk can
// do is a problem in the result.

import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import type { ConfigFile, FileProblem, ParsedFile } from './document.ts';
import { parseJson } from './json.ts';
import { parseToml } from './toml.ts';
import { parseYaml } from './yaml.ts';

export type Format = 'yaml' | 'toml' | 'json';

/** Files larger than this are refused. */
export const FILE_BYTES_MAX = 16 * 1024 * 1024;

const EXTENSIONS: Readonly<Record<string, Format>> = {
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.toml': 'toml',
  '.json': 'json',
};

/** The format that a file's extension means; undefined for any other. */
export function formatOf(path: string): Format | undefined {
  const extension = extname(path);
  return Object.hasOwn(EXTENSIONS, extension) ? EXTENSIONS[extension] : undefined;
}

const PARSERS: Readonly<Record<Format, (file: ConfigFile) => ParsedFile>> = {
  yaml: parseYaml,
  toml: parseToml,
  json: parseJson,
};

export interface ReadFile extends ParsedFile {
  readonly file: ConfigFile;
}

/** Reads and parses a file. */
export async function readConfigFile(path: string, format: Format): Promise<ReadFile> {
  const read = await readText(path);
  if ('file' in read) return { file: read.file, ...PARSERS[format](read.file) };
  const file: ConfigFile = { path, text: '', hidden: [] };
  const problem: FileProblem = { severity: 'error', message: read.problem, place: { file, start: 0, end: 0 } };
  return { file, root: undefined, problems: [read.hint === undefined ? problem : { ...problem, hint: read.hint }] };
}

/** Parses text that is at hand. `path` is only for messages. */
export function parseText(text: string, format: Format, path: string): ReadFile {
  const file: ConfigFile = { path, text, hidden: [] };
  return { file, ...PARSERS[format](file) };
}

interface Unreadable {
  readonly problem: string;
  readonly hint?: string;
}

async function readText(path: string): Promise<{ file: ConfigFile } | Unreadable> {
  const bytes = await readBytes(path);
  if (!Buffer.isBuffer(bytes)) return bytes;
  const start = bytes.subarray(0, 3);
  if (start.length >= 2 && ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)))
    return { problem: 'this file is UTF-16', hint: 'save it as UTF-8' };
  const body = start.equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes;
  const zero = body.indexOf(0);
  if (zero !== -1)
    return { problem: `there is a NUL byte on line ${lineOf(body, zero)}: this is no configuration but a binary file` };
  const bad = firstInvalidUtf8(body);
  if (bad !== -1)
    return { problem: `line ${lineOf(body, bad)} is not UTF-8 text: ${hex(body.subarray(bad, bad + 4))}` };
  return { file: { path, text: body.toString('utf8'), hidden: [] } };
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Reads no more than the limit, so that an endless device is no danger. */
async function readBytes(path: string): Promise<Buffer | Unreadable> {
  try {
    await using handle = await open(path, 'r');
    if ((await handle.stat()).isDirectory())
      return { problem: 'this is a directory', hint: 'read directories with `--config-dir`' };
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const { bytesRead, buffer } = await handle.read({ buffer: Buffer.allocUnsafe(65_536) });
      if (bytesRead === 0) return Buffer.concat(chunks);
      chunks.push(buffer.subarray(0, bytesRead));
      size += bytesRead;
      if (size > FILE_BYTES_MAX)
        return {
          problem: `this file is larger than ${FILE_BYTES_MAX / 1024 / 1024} MiB, the most a configuration may be`,
        };
    }
  } catch (error) {
    return reasonOf(error as NodeJS.ErrnoException);
  }
}

/** Why a file cannot be read, in words. */
export function reasonOf({ code, message }: NodeJS.ErrnoException): Unreadable {
  if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: 'there is no such file' };
  if (code === 'EACCES' || code === 'EPERM')
    return { problem: 'permission to read this file is denied', hint: 'check its owner and mode' };
  if (code === 'EISDIR') return { problem: 'this is a directory', hint: 'read directories with `--config-dir`' };
  return { problem: `this file cannot be read: ${message}` };
}

function lineOf(bytes: Buffer, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf(10); at !== -1 && at < offset; at = bytes.indexOf(10, at + 1)) line += 1;
  return line;
}

function hex(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** The offset of the first byte that is no UTF-8, or of its character; -1 when there is none. */
function firstInvalidUtf8(bytes: Buffer): number {
  if (isUtf8(bytes)) return -1;
  const replaced = Buffer.from(bytes.toString('utf8'));
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === replaced[at]) at += 1;
  return at;
}

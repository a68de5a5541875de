// Files of the program itself: what a worker runs, a module in WebAssembly, a native addon. They lie beside the code. In
// the single executable they are part of it, and their addresses go on where its own ends: file:///usr/bin/sluice/dist/….
// No file system has anything below a file, so such an address means nothing else.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Worker, WorkerOptions } from 'node:worker_threads';

/** The address of what is in the executable, when this program is one. */
export const EXECUTABLE: string = `${pathToFileURL(process.execPath).href}/`;

/**
 * What Node is given to put into the executable: all files in one piece, and where each of them is. A piece for each
 * would be read through at every start for its name (1.5 MiB of RSS).
 */
export const INSIDE = { files: 'files', index: 'index.json' } as const;

/** Name to offset and length. */
export type Index = Readonly<Record<string, readonly [offset: number, length: number]>>;

/** In the executable, the script by which each of its threads begins. */
export const START = 'start.js';

/** The bytes of a file. Not to be changed: those of the executable are its own. */
export function readOwnFile(url: URL): Uint8Array {
  return url.href.startsWith(EXECUTABLE) ? readInside(url.href.slice(EXECUTABLE.length)) : readFileSync(url);
}

/** A thread that runs a module of this program. */
export function startOwnWorker(url: URL, options: WorkerOptions): Worker {
  // Not imported: most runs have no other threads.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  if (!url.href.startsWith(EXECUTABLE)) return new Worker(url, options);
  const code = `var SLUICE_WORKER_ENTRY = ${JSON.stringify(url.href)};\n${readInside(START)}`;
  return new Worker(code, { ...options, eval: true });
}

/**
 * A native addon that came along in the executable; undefined in a program that is installed, and where it cannot be
 * had. The system loads it from a file only, which is gone when this returns.
 */
export function loadOwnAddon(name: string): unknown {
  if (!isExecutable()) return undefined;
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), 'sluice-'));
    const path = join(folder, name);
    writeFileSync(path, readInside(name));
    const loaded = { exports: {} };
    process.dlopen(loaded, path);
    return loaded.exports;
  } catch {
    return undefined;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** The program and its first arguments, by which this command is started once more. */
export function ownCommand(): readonly [program: string, ...args: string[]] {
  return isExecutable() ? [process.execPath] : [process.execPath, ...process.execArgv, process.argv[1]!];
}

function isExecutable(): boolean {
  return import.meta.url.startsWith(EXECUTABLE);
}

let inside: { readonly files: ArrayBuffer; readonly index: Index } | undefined;

function readInside(name: string): Buffer {
  const { getAsset, getRawAsset } = process.getBuiltinModule('node:sea');
  inside ??= { files: getRawAsset(INSIDE.files), index: JSON.parse(getAsset(INSIDE.index, 'utf8')) as Index };
  const place = inside.index[name];
  if (place === undefined) throw new Error(`${name} is not in the executable`);
  return Buffer.from(inside.files, ...place);
}

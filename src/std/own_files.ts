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

/** In the executable, the script by which each of its threads begins. */
export const START = 'start.js';

/** What a thread's script begins with, when it is a worker's: declares the address of the module that the worker runs. */
export const WORKER_ENTRY = 'SLUICE_WORKER_ENTRY';

/** The bytes of a file. Not to be changed: those of the executable are its own. */
export function readOwnFile(url: URL): Uint8Array {
  return url.href.startsWith(EXECUTABLE) ? readInside(url.href.slice(EXECUTABLE.length)) : readFileSync(url);
}

/** A thread that runs a module of this program. */
export function startOwnWorker(url: URL, options: WorkerOptions): Worker {
  // Not imported: most runs have no other threads.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  if (!url.href.startsWith(EXECUTABLE)) return new Worker(url, options);
  const code = `var ${WORKER_ENTRY} = ${JSON.stringify(url.href)};\n${readInside(START)}`;
  return new Worker(code, { ...options, eval: true });
}

/**
 * A native addon that came along in the executable; undefined in a program that is installed, and where it cannot be
 * had. The C library takes it from a file only, which is gone when this returns.
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

/** The program and the arguments by which this command is started once more, before those of the command. */
export function ownCommand(): readonly [program: string, ...args: string[]] {
  return isExecutable() ? [process.execPath] : [process.execPath, ...process.execArgv, process.argv[1]!];
}

function isExecutable(): boolean {
  return import.meta.url.startsWith(EXECUTABLE);
}

function readInside(name: string): Buffer {
  return Buffer.from(process.getBuiltinModule('node:sea').getRawAsset(name));
}

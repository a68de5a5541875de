// Where each thread of the single executable begins: the one script that Node itself runs, in a file of its own and as
// CommonJS (scripts/executable.ts). All other modules are read out of the executable when they are wanted, as they are
// read from dist/ by the command that is installed.

import { createRequire, registerHooks } from 'node:module';
import { EXECUTABLE, readOwnFile } from '../std/own_files.ts';

/** Declared before this script when it is a worker's. */
declare const SLUICE_WORKER_ENTRY: string | undefined;

registerHooks({
  resolve(specifier, context, next) {
    const isRelative = specifier.startsWith('.') && context.parentURL?.startsWith(EXECUTABLE);
    if (!isRelative && !specifier.startsWith(EXECUTABLE)) return next(specifier, context);
    return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
  },
  load(url, context, next) {
    if (!url.startsWith(EXECUTABLE)) return next(url, context);
    const bytes = readOwnFile(new URL(url));
    // Text of one byte per character stays that.
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
    return { source, format: 'module', shortCircuit: true };
  },
});

const load = createRequire(EXECUTABLE);

if (typeof SLUICE_WORKER_ENTRY === 'string') load(SLUICE_WORKER_ENTRY);
else (load(`${EXECUTABLE}dist/cli/main.js`) as typeof import('./main.ts')).start();

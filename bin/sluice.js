#!/usr/bin/env node
// The `sluice` command. Runs on Node 20 and goes on with the pinned Node where this one is older.
// As published it runs dist/; in a checkout of the repository it installs what is missing and runs the sources.
import { existsSync } from 'node:fs';
import { launch, majorOf, NODE_MAJOR_PINNED, pathOf } from './launch.js';
import { tuneRuntime } from './tune.js';

const built = new URL('../dist/cli/main.js', import.meta.url);
const source = new URL('../src/cli/main.ts', import.meta.url);
const args = process.argv.slice(2);

if (existsSync(source)) {
  const { bootstrap } = await import(new URL('../scripts/bootstrap.mjs', import.meta.url).href);
  await bootstrap(pathOf(source), args);
} else if (majorOf(process.version) >= NODE_MAJOR_PINNED) {
  tuneRuntime(pathOf(built), args);
  const { start } = await import(built.href);
  await start();
} else {
  await launch({ script: pathOf(built), args, fromUrl: import.meta.url });
}

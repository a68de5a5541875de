// The `sluice` command with two more transforms, each of which leaks in one of the ways that leaks happen. Tests run it
// as a process, to see that the leaks are found.

import { start } from '../cli/main.ts';
import { defineTransform, type OutputDefinition } from '../component/define.ts';
import { builtIn, type Registry } from '../config/config.ts';
import { decode } from '../event/batch.ts';
import type { EventType } from '../event/event.ts';

const about = {
  status: 'experimental',
  examples: [],
  options: {},
  inputs: (): readonly EventType[] => ['log'],
  outputs: (): readonly OutputDefinition[] => [{ port: undefined, types: ['log'] }],
} as const;

/** Remembers every line that it has seen, for nothing. */
const leakyMap = defineTransform({
  ...about,
  type: 'leaky_map',
  summary: 'A map that grows.',
  build() {
    const seen = new Map<string, object>();
    return {
      process(batch, emit) {
        const decoded = decode(batch);
        rememberAll(seen, decoded.count);
        return emit(decoded);
      },
    };
  },
});

function rememberAll(seen: Map<string, object>, count: number): void {
  for (let i = 0; i < count; i++) seen.set(`${seen.size} was seen`, { padding: new Array(64).fill(seen.size + 0.5) });
}

/** Keeps a function for each batch, which keeps a chunk of bytes. */
const leakyClosure = defineTransform({
  ...about,
  type: 'leaky_closure',
  summary: 'A closure that pins chunks.',
  build() {
    const pinned: (() => number)[] = [];
    return {
      process(batch, emit) {
        pinned.push(pinChunk(batch.count));
        return emit(batch);
      },
    };
  },
});

function pinChunk(count: number): () => number {
  const chunk = Buffer.alloc(1024 * count, 1);
  return () => chunk[0]!;
}

const registry: Registry = {
  ...builtIn,
  transforms: { ...builtIn.transforms, leaky_map: leakyMap, leaky_closure: leakyClosure },
};

if (import.meta.main) void start(registry);

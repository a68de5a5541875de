// The memory of this process as its ledger tells it.

import type { MemorySource, OwnerEntry } from './memory_sample.ts';

interface Observed {
  readonly arena: { readonly sizeBytes: number };
  readonly ledger?: { entries(): readonly OwnerEntry[] } | undefined;
}

export function processMemory({ arena, ledger }: Observed): MemorySource {
  const usage = (): NodeJS.MemoryUsage => process.memoryUsage();
  const known = (): readonly OwnerEntry[] => {
    const { heapTotal, external } = usage();
    return [
      { owner: 'arena', bytes: arena.sizeBytes },
      { owner: 'V8 heap', bytes: heapTotal },
      { owner: 'buffers outside of the heap', bytes: external },
    ];
  };
  return { usage, entries: () => ledger?.entries() ?? known() };
}

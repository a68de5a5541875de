// What the process takes at a moment, and who has it.

/** An owner of memory, as the ledger of the process knows it. */
export interface OwnerEntry {
  readonly owner: string;
  readonly component_id?: string | undefined;
  readonly bytes: number;
}

export interface MemorySample {
  /** Seconds since the beginning of the samples. */
  readonly t: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly owners: readonly { readonly name: string; readonly bytes: number }[];
}

/** Where samples come from: the process, and its ledger. */
export interface MemorySource {
  readonly entries: () => readonly OwnerEntry[];
  readonly usage: () => { readonly rss: number; readonly heapUsed: number; readonly external: number };
}

/** A sample at `t`. Owners of the same name and component are one. */
export function sampleMemory(source: MemorySource, t: number): MemorySample {
  const { rss, heapUsed, external } = source.usage();
  const owners = new Map<string, number>();
  for (const entry of source.entries()) {
    const name = ownerName(entry);
    owners.set(name, (owners.get(name) ?? 0) + entry.bytes);
  }
  return { t, rss, heapUsed, external, owners: [...owners].map(([name, bytes]) => ({ name, bytes })) };
}

/** `buffer of my_sink`, or the owner alone where it belongs to no component. */
export function ownerName({ owner, component_id: component }: Pick<OwnerEntry, 'owner' | 'component_id'>): string {
  return component === undefined || component === '' ? owner : `${owner} of ${component}`;
}

// What connections take of memory, for the ledger. The figures are measured: thousands of them were opened, and the
// heap after a collection and the memory of the C library were divided by their number.

import type { LedgerScope } from '../telemetry/ledger.ts';

/** Bytes of one connection: objects of the heap, and memory of the C library. */
interface Cost {
  readonly heapBytes: number;
  readonly nativeBytes: number;
}

export const CONNECTION_COSTS = {
  /** A socket that is read from or written to. */
  stream: { heapBytes: 2_800, nativeBytes: 270 },
  /** With the request that it is at. */
  httpServer: { heapBytes: 3_800, nativeBytes: 420 },
  /** With the client and the parser of it. */
  httpClient: { heapBytes: 8_300, nativeBytes: 9_100 },
  /** What TLS takes in addition. */
  tls: { heapBytes: 1_800, nativeBytes: 47_500 },
} as const satisfies Readonly<Record<string, Cost>>;

/** Where what is held is entered: a component's part of the ledger. */
export type MemoryScope = Pick<LedgerScope, 'owns'>;

/** What is there at present. */
export interface HeldConnections {
  readonly open: number;
  /** How many of them speak TLS. */
  readonly tls?: number;
  /** What is held beside them: of requests that are coming in, for instance. */
  readonly heapBytes?: number;
  readonly nativeBytes?: number;
}

/** Enters connections of one kind, which `held` tells of whenever it is asked; the result takes them out. */
export function ownConnections(
  memory: MemoryScope | undefined,
  kind: Exclude<keyof typeof CONNECTION_COSTS, 'tls'>,
  held: () => HeldConnections,
): () => void {
  const bytes = (which: keyof Cost): number => {
    const now = held();
    return now.open * CONNECTION_COSTS[kind][which] + (now.tls ?? 0) * CONNECTION_COSTS.tls[which] + (now[which] ?? 0);
  };
  const ends = [
    memory?.owns('connections', { place: 'heap', bytes: () => bytes('heapBytes') }),
    memory?.owns('connections', { place: 'native', bytes: () => bytes('nativeBytes') }),
  ];
  return () => {
    for (const end of ends) end?.();
  };
}

// Who holds the memory of this process. An owner says its bytes when it is asked; nothing is kept between two questions
// but who the owners are, and no owner is what is left over when all others are subtracted.
//
// Owners that can do with less have `shrink`: when the process comes near its budget, the largest is asked first.

import { defineGauge, type Gauge, type Labels, type Recorder } from './telemetry.ts';

/** Objects of the main thread, memory of the C library (buffers, sockets, shared memory), or the pages of other heaps. */
export type Place = 'heap' | 'native' | 'pages';

export interface MemoryAccount {
  readonly place?: Place;
  /** What it takes now. Cheap: it is asked every second or so. */
  bytes(): number;
  /** Lets go of about so many bytes, what was used longest ago first; returns how many it let go of. */
  shrink?(bytes: number): number;
}

export interface LedgerOwner extends MemoryAccount {
  /** What the memory is for, as `state` or `buffer`. */
  readonly owner: string;
  readonly labels?: Labels;
}

export interface LedgerEntry {
  readonly owner: string;
  readonly component_id?: string;
  readonly bytes: number;
}

/** What one owner of many parts has: it is entered part by part, and ended as a whole. */
export interface LedgerScope {
  owns(owner: string, account: MemoryAccount): () => void;
  /** Takes out what was entered. */
  end(): void;
}

/** Owners of one process or of one component. More are not shown by name. */
const OWNERS_MAX = 10_000;

const memoryBytes = defineGauge({
  name: 'sluice_memory_bytes',
  doc: 'Memory by owner: measured of the runtime, counted or estimated by who holds it.',
  labels: [
    { name: 'owner', limit: 100 },
    { name: 'component_id', limit: OWNERS_MAX },
  ],
});

const NAME_LIMIT = 8;

export class Ledger {
  readonly #owners = new Set<LedgerOwner>();
  readonly #gauges = new Map<string, Gauge>();

  /** Enters an owner; the result takes it out. */
  register(owner: LedgerOwner): () => void {
    this.#owners.add(owner);
    return () => void this.#owners.delete(owner);
  }

  /** Enters owners under the same labels, until all of them end. */
  scope(labels: Labels): LedgerScope {
    const ends = new Set<() => void>();
    return {
      owns: (owner, account) => {
        const end = this.register({ place: 'heap', ...account, owner, labels });
        ends.add(end);
        return () => {
          ends.delete(end);
          end();
        };
      },
      end() {
        for (const end of ends) end();
        ends.clear();
      },
    };
  }

  /** All owners, the one with most first. Those of one name and component are one entry. */
  entries(): readonly LedgerEntry[] {
    const entries = new Map<string, { owner: string; component_id?: string; bytes: number }>();
    for (const one of this.#owners) {
      const id = one.labels?.['component_id'];
      const key = keyOf(one.owner, id);
      const entry = entries.get(key);
      const bytes = bytesOf(one);
      if (entry) entry.bytes += bytes;
      else entries.set(key, { owner: one.owner, ...(id === undefined ? {} : { component_id: id }), bytes });
    }
    return [...entries.values()].sort((a, b) => b.bytes - a.bytes);
  }

  total(): number {
    let total = 0;
    for (const owner of this.#owners) total += bytesOf(owner);
    return total;
  }

  /** What owners hold in a place; those that are measured have none. */
  bytesIn(place: Place): number {
    let total = 0;
    for (const owner of this.#owners) if (owner.place === place) total += bytesOf(owner);
    return total;
  }

  /** What all owners of a name have. */
  bytesOf(name: string): number {
    let total = 0;
    for (const owner of this.#owners) if (owner.owner === name) total += bytesOf(owner);
    return total;
  }

  /** What is held by those that can do with less; undefined when there are none. */
  shrinkableBytes(): number | undefined {
    let total: number | undefined;
    for (const owner of this.#owners) if (owner.shrink) total = (total ?? 0) + bytesOf(owner);
    return total;
  }

  /** Has owners let go of `bytes`, the largest first: each comes down to the next before that one is asked as well. */
  shrink(bytes: number): number {
    const able = [...this.#owners]
      .filter(({ shrink }) => shrink !== undefined)
      .map((owner) => ({ owner, bytes: bytesOf(owner) }))
      .sort((a, b) => b.bytes - a.bytes);
    const level = levelBelow(
      able.map((one) => one.bytes),
      bytes,
    );
    let freed = 0;
    for (const one of able) if (one.bytes > level) freed += one.owner.shrink!(one.bytes - level);
    return freed;
  }

  /** Sets the gauges. */
  report(recorder: Pick<Recorder, 'gauge'>): void {
    const seen = new Set<string>();
    for (const { owner, component_id: id, bytes } of this.entries()) {
      const key = keyOf(owner, id);
      seen.add(key);
      let gauge = this.#gauges.get(key);
      if (!gauge) {
        if (this.#gauges.size >= OWNERS_MAX) continue;
        gauge = recorder.gauge(memoryBytes, id === undefined ? { owner } : { owner, component_id: id });
        this.#gauges.set(key, gauge);
      }
      gauge.set(bytes);
    }
    for (const [key, gauge] of this.#gauges) {
      if (seen.has(key)) continue;
      gauge.set(0);
      this.#gauges.delete(key);
    }
  }

  /** Those with most, for a log line: `state of dedupe 12 MiB, arena 4 MiB`. */
  describe(): string {
    return this.entries()
      .slice(0, NAME_LIMIT)
      .map(
        ({ owner, component_id: id, bytes }) =>
          `${id === undefined ? owner : `${owner} of ${id}`} ${mebibytes(bytes)} MiB`,
      )
      .join(', ');
  }
}

function keyOf(owner: string, id: string | undefined): string {
  return `${owner}\0${id ?? ''}`;
}

/** An owner that is wrong about itself must not make the others unreadable. */
function bytesOf(owner: LedgerOwner): number {
  const bytes = owner.bytes();
  return Number.isFinite(bytes) && bytes > 0 ? bytes : 0;
}

/** The level that values, the largest first, must come down to, for `bytes` to be saved in all. */
function levelBelow(descending: readonly number[], bytes: number): number {
  let above = 0;
  for (const [index, value] of descending.entries()) {
    above += value;
    const level = (above - bytes) / (index + 1);
    if (level >= (descending[index + 1] ?? 0)) return Math.max(0, level);
  }
  return 0;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

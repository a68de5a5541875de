// The groups that are open, up to a number and a size: beyond it, the one that has waited longest for another event is
// made its event early. Nothing is lost by that, but the group is in two parts.

import { LruMap } from '../../std/lru_map.ts';
import type { Group } from './group.ts';

/** Most groups that are open at a time. */
const GROUPS_MAX = 50_000;

/** Most bytes of all open groups together, and of one. Estimated: texts count once per character. */
const STATE_BYTES_MAX = 64 * 1024 * 1024;
const GROUP_BYTES_MAX = 16 * 1024 * 1024;

export class Groups {
  /** The group that got an event longest ago comes first. */
  readonly #groups = new LruMap<Group>();
  #sizeBytes = 0;
  readonly #bytesMax: number;

  /** `stateBytesMax` bounds all of them further. */
  constructor(stateBytesMax = STATE_BYTES_MAX) {
    this.#bytesMax = Math.min(STATE_BYTES_MAX, stateBytesMax);
  }

  get size(): number {
    return this.#groups.size;
  }

  /** Estimated bytes of all groups. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Groups by key, the one that has waited longest first. */
  [Symbol.iterator](): Iterator<[string, Group]> {
    return this.#groups[Symbol.iterator]();
  }

  /** Sizes have changed. */
  measure(): void {
    this.#sizeBytes = 0;
    for (const [, group] of this.#groups) this.#sizeBytes += group.sizeBytes;
  }

  get(key: string): Group | undefined {
    return this.#groups.peek(key);
  }

  /** `change` adds an event to a group, new or known. Returns those that have to end for it. */
  put(key: string, group: Group, change: () => void): readonly Group[] {
    this.take(key);
    change();
    if (group.sizeBytes > GROUP_BYTES_MAX) return [group];
    this.#groups.set(key, group);
    this.#sizeBytes += group.sizeBytes;
    return this.shrinkTo(this.#bytesMax);
  }

  /** Takes out those that have waited longest, until the rest is within a limit. */
  shrinkTo(bytesMax: number): Group[] {
    const evicted: Group[] = [];
    while (this.#groups.size > GROUPS_MAX || (this.#groups.size > 0 && this.#sizeBytes > bytesMax)) {
      const [oldestKey, oldest] = this.#groups.oldest()!;
      this.take(oldestKey);
      evicted.push(oldest);
    }
    return evicted;
  }

  /** Takes a group out. */
  take(key: string): Group | undefined {
    const group = this.#groups.peek(key);
    if (!group) return undefined;
    this.#groups.delete(key);
    this.#sizeBytes -= group.sizeBytes;
    return group;
  }

  /** Takes out the groups whose last event came before `lastMs`, or whose first one before `createdMs`. */
  takeStale(lastMs: number, createdMs: number): readonly Group[] {
    const stale: Group[] = [];
    for (const [key, group] of this.#groups) {
      if (group.lastMs <= lastMs || group.createdMs <= createdMs) {
        this.take(key);
        stale.push(group);
        // Those behind it got events later; only their beginning may be long ago.
      } else if (createdMs === Number.NEGATIVE_INFINITY) break;
    }
    return stale;
  }

  takeAll(): readonly Group[] {
    const all = [...this.#groups].map(([, group]) => group);
    this.#groups.clear();
    this.#sizeBytes = 0;
    return all;
  }
}

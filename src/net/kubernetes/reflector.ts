// Keeps what it needs of all objects of one kind that match selectors, by a list and then a watch:
//
//   list, in pages ──► watch from the list's version ──ended──► watch from the last version seen
//     ▲                    │ 410 Gone, or three failures at one version             ▲
//     └────────────────────┴ any other failure: wait, longer each time, and ────────┘
//
// What was known stays while the server is away. Invariant: `objects` is what the server said at some version, and no
// change between that version and the last one seen is missing.

import type { Clock } from '../../std/clock.ts';
import { sleep } from '../../std/clock.ts';
import type { Random } from '../../std/random.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Recorder } from '../../telemetry/telemetry.ts';
import { reconnectDelayMs } from '../backoff.ts';
import { HttpError } from '../http/client.ts';
import type { ApiClient } from './api_client.ts';
import { ApiError } from './failures.ts';
import { KubernetesMetrics, type Outcome } from './metrics.ts';

/** Objects of a page of a list. */
const PAGE_OBJECTS = 500;

/** A watch is ended by the server after 5 to 10 minutes, so that they spread over servers and over time. */
const WATCH_MIN_SECS = 290;

/** The server has so long beyond its time to end a watch before it is taken for dead. */
const WATCH_GRACE_MS = 30_000;

/** A watch that ends sooner than this is a failure, however it ends. */
const WATCH_SHORT_MS = 1_000;

/** Failures at one version after which everything is listed again. */
const FAILURES_BEFORE_LIST = 3;

/** Objects held at most, and the estimated bytes of what is held of them; beyond that they are left out, and counted. */
export const OBJECTS_MAX = 100_000;
export const BYTES_MAX = 67_108_864;

/** What is held of one object. */
export interface Held {
  /** Unique among objects of its kind, also over time. */
  readonly uid: string;
  /** Estimated bytes. */
  readonly bytes: number;
  /** Whether some of its metadata was left out. */
  readonly isCut: boolean;
}

export interface Kind<T extends Held> {
  readonly resource: 'pods' | 'namespaces' | 'nodes';
  readonly path: string;
  /** Whether labels and annotations are all that is needed: the server then sends no more. */
  readonly metadataOnly: boolean;
  /** What is kept; undefined when the object is none that can be used. Must not keep the object itself. */
  readonly hold: (object: unknown) => T | undefined;
}

export interface ReflectorOptions<T extends Held> {
  readonly kind: Kind<T>;
  readonly fieldSelector: string | undefined;
  /** Lists may come from the cache of the API server, which is cheaper for it and may be a little old. */
  readonly usesCache: boolean;
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly log: Pick<Logger, 'warn'>;
}

export interface Listener<T> {
  /** Called when an object came or changed. */
  readonly onObject: (object: T) => void;
  readonly onDeleted: (object: T) => void;
}

/** A line of a watch. */
interface WatchEvent {
  readonly type?: string;
  readonly object?: { readonly code?: number; readonly message?: string; readonly metadata?: ListMetadata };
}

interface ListMetadata {
  readonly resourceVersion?: string;
  readonly continue?: string;
}

/** The version that was asked for is too old. */
class Expired extends Error {}

export class Reflector<T extends Held> {
  /** By uid. */
  readonly objects = new Map<string, T>();
  readonly listeners = new Set<Listener<T>>();
  readonly #options: ReflectorOptions<T>;
  readonly #metrics: KubernetesMetrics;
  readonly #accept: { readonly list: string; readonly watch: string };
  readonly #synced = Promise.withResolvers<void>();
  #isSynced = false;
  #isCurrent = false;
  #version: string | undefined;
  /** A version that has expired in the server may come from its cache again. */
  #needsExact = false;
  #bytes = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#metrics = new KubernetesMetrics(options.recorder, options.kind.resource);
    const partial = (kind: string): string => `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;
    this.#accept = options.kind.metadataOnly
      ? { list: partial('PartialObjectMetadataList'), watch: partial('PartialObjectMetadata') }
      : { list: 'application/json', watch: 'application/json' };
  }

  /** Resolves when everything was listed once. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Whether the server was heard since the last failure, so that what is not here is not there either. */
  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  /** Estimated bytes of what is held. */
  get bytes(): number {
    return this.#bytes;
  }

  async run(stop: AbortSignal): Promise<void> {
    const { clock, random, log, kind } = this.#options;
    let failures = 0;
    let hasExpired = false;
    while (!stop.aborted) {
      const before = this.#version;
      let waitMs = 0;
      try {
        if (this.#version === undefined) await this.#list(stop);
        const lasted = await this.#watch(stop);
        failures = lasted < WATCH_SHORT_MS && this.#version === before ? failures + 1 : 0;
        hasExpired = false;
      } catch (error) {
        if (stop.aborted) return;
        this.#isCurrent = false;
        // The server is there again: it is not kept waiting for what failed before it was.
        const isBack = error instanceof Expired && !hasExpired;
        failures = this.#version === before && !isBack ? failures + 1 : 1;
        hasExpired = error instanceof Expired;
        if (error instanceof Expired) this.#relist(true);
        else
          log.warn('The Kubernetes API cannot be followed for now.', { resource: kind.resource, error: String(error) });
        if (error instanceof ApiError) waitMs = error.retryAfterMs;
      }
      if (failures >= FAILURES_BEFORE_LIST && failures % FAILURES_BEFORE_LIST === 0) this.#relist(this.#needsExact);
      if (failures > 0) await sleep(clock, Math.max(waitMs, reconnectDelayMs(failures, random)), stop);
    }
  }

  #relist(needsExact: boolean): void {
    this.#version = undefined;
    this.#needsExact = needsExact;
  }

  async #list(stop: AbortSignal): Promise<void> {
    const { usesCache, kind, fieldSelector, client } = this.#options;
    const found = new Map<string, T>();
    const held = { bytes: 0 };
    const first = usesCache && !this.#needsExact ? { resourceVersion: '0' } : {};
    let limit = PAGE_OBJECTS;
    let version: string | undefined;
    let next: string | undefined;
    do {
      const query = { fieldSelector, limit, ...(next === undefined ? first : { continue: next }) };
      const page = (await this.#request('list', () => client.list(kind.path, query, this.#accept.list, stop))) as
        | { readonly items?: readonly unknown[]; readonly metadata?: ListMetadata }
        | undefined;
      if (page === undefined) {
        if (limit === 1) throw new Error('an object is too large to be listed');
        limit = Math.max(1, limit >> 3);
        continue;
      }
      for (const item of page.items ?? []) this.#put(found, held, kind.hold(item));
      version = page.metadata?.resourceVersion ?? version;
      next = page.metadata?.continue || undefined;
      if (next === undefined) break;
    } while (!stop.aborted);
    if (version === undefined) throw new Error('the list has no version');
    this.#replace(found, held.bytes);
    this.#version = version;
    this.#needsExact = false;
    this.#isCurrent = true;
    if (!this.#isSynced) {
      this.#isSynced = true;
      this.#synced.resolve();
    }
  }

  /** Adds an object where there is room for it. */
  #put(objects: Map<string, T>, held: { bytes: number }, object: T | undefined): T | undefined {
    if (!object) return undefined;
    const before = objects.get(object.uid);
    const bytes = held.bytes - (before?.bytes ?? 0) + object.bytes;
    if (object.isCut) this.#metrics.cut.add(1);
    if ((!before && objects.size >= OBJECTS_MAX) || bytes > BYTES_MAX) {
      this.#metrics.cut.add(1);
      return undefined;
    }
    objects.set(object.uid, object);
    held.bytes = bytes;
    return object;
  }

  #replace(found: Map<string, T>, bytes: number): void {
    const gone = [...this.objects.values()].filter(({ uid }) => !found.has(uid));
    this.objects.clear();
    for (const [uid, object] of found) this.objects.set(uid, object);
    this.#bytes = bytes;
    this.#measure();
    for (const listener of this.listeners) {
      for (const object of gone) listener.onDeleted(object);
      for (const object of found.values()) listener.onObject(object);
    }
  }

  /** Watches from the last version seen on; how long that lasted. */
  async #watch(stop: AbortSignal): Promise<number> {
    const { clock, random, kind, fieldSelector, client } = this.#options;
    const started = clock.monotonic();
    const seconds = Math.round(WATCH_MIN_SECS * (1 + random()));
    const overdue = new AbortController();
    const timer = clock.after(seconds * 1000 + WATCH_GRACE_MS, () => overdue.abort());
    const query = {
      fieldSelector,
      resourceVersion: this.#version,
      allowWatchBookmarks: true,
      timeoutSeconds: seconds,
    };
    const onEvent = (event: unknown): void => this.#told(event as WatchEvent);
    const until = AbortSignal.any([stop, overdue.signal]);
    try {
      await this.#request('watch', () => client.watch(kind.path, query, this.#accept.watch, onEvent, until));
    } finally {
      timer.cancel();
    }
    return clock.monotonic() - started;
  }

  #told({ type = '', object }: WatchEvent): void {
    this.#metrics.told(type);
    if (type === 'ERROR') {
      if (object?.code === 410) throw new Expired(object.message);
      throw new Error(`the watch ended: ${object?.message ?? 'for no reason that was given'}`);
    }
    this.#isCurrent = true;
    if (type === 'DELETED') this.#deleted(object);
    else if (type === 'ADDED' || type === 'MODIFIED') this.#changed(object);
    this.#version = object?.metadata?.resourceVersion ?? this.#version;
  }

  #changed(object: unknown): void {
    const held = { bytes: this.#bytes };
    const now = this.#put(this.objects, held, this.#options.kind.hold(object));
    this.#bytes = held.bytes;
    this.#measure();
    if (now) for (const { onObject } of this.listeners) onObject(now);
  }

  #deleted(object: unknown): void {
    const last = this.#options.kind.hold(object);
    const known = last && this.objects.get(last.uid);
    if (!known) return;
    this.objects.delete(known.uid);
    this.#bytes -= known.bytes;
    this.#measure();
    for (const { onDeleted } of this.listeners) onDeleted(known);
  }

  #measure(): void {
    this.#metrics.objects.set(this.objects.size);
    this.#metrics.bytes.set(this.#bytes);
  }

  /** Counts a request, and makes `Expired` of what means that. */
  async #request<R>(verb: 'list' | 'watch', send: () => Promise<R>): Promise<R> {
    try {
      const answer = await send();
      this.#metrics.requested(verb, 'ok');
      return answer;
    } catch (error) {
      const isGone = error instanceof Expired || (error instanceof ApiError && error.status === 410);
      this.#metrics.requested(verb, isGone ? 'expired' : outcomeOf(error));
      throw isGone ? new Expired((error as Error).message, { cause: error }) : error;
    }
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof HttpError) return 'unreachable';
  if (!(error instanceof ApiError)) return 'failed';
  if (error.status === 429 || error.status >= 500) return 'busy';
  return error.status === 401 || error.status === 403 ? 'refused' : 'failed';
}

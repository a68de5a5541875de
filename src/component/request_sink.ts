// The kit of sinks that send requests and wait for answers: batch, encode, send, classify, retry, finalize.
//
//   write ─► parcels ─► finished bodies, in order ─► at most `concurrency` under way ─► send ─┬─ delivered
//                              ▲                                                             ├─ rejected
//                      bounded in bytes                              wait, and send again ◄──┴─ retry
//
// A request keeps its place among the concurrent ones while it waits to be sent again, so with one place the order of
// events is kept. Nothing is lost: every parcel ends as delivered, rejected, or errored once retries are over or the
// topology gives up; only then are its batches released.

import { ByteSink } from '../codecs/encoding/byte_sink.ts';
import type { FrameForm } from '../codecs/encoding/encoding.ts';
import type { Batch } from '../event/batch.ts';
import type { Event, EventType } from '../event/event.ts';
import type { Status } from '../event/finalizer.ts';
import { assert } from '../std/assert.ts';
import { sleep, type Timer } from '../std/clock.ts';
import { componentSentBytes } from '../telemetry/component_metrics.ts';
import type { Counter } from '../telemetry/telemetry.ts';
import { ConcurrencyLimit, type RequestEnd } from './adaptive_concurrency.ts';
import type { SinkContext } from './context.ts';
import type { Sink } from './define.ts';
import { Backoff, RateLimit } from './request_backoff.ts';
import type { BatchLimits, RequestLimits } from './request_options.ts';
import { type BodyEncoder, type Parcel, Parcels, type RouteError, type Target } from './request_parcels.ts';
import { type SentEvents, sentEvents, wantedTags } from './sent_events.ts';

/** Bytes of bodies a sink holds, gathering, waiting or under way; with more it takes no further batch. */
const BODY_BYTES_MAX = 8 * 1024 * 1024;

/** A body counts this much besides its bytes. */
const BODY_OVERHEAD_BYTES = 1024;

/** Finished bodies that wait for their turn: more of them would only take memory, the other side is what is slow. */
const WAITING_MAX = 1_000;
const WAITING_BYTES_MAX = 2 * 1024 * 1024;

/** What a body has beyond `max_bytes` of events: what stands around them, and a little more. */
const BODY_FRAME_BYTES = 1024;

/**
 * Memory kept for bodies to come, those held included, as a multiple of the limit: a sink may go a little over it, and
 * what would be let go then must be allocated again at once, to be collected late.
 */
const SPARE_FACTOR = 1.25;

/** Memory for bodies is given back once it was not needed for this long. */
const SPARE_MS = 5_000;

/** What an answer means. */
export type Verdict =
  | { readonly outcome: 'delivered' }
  /** Send it again; `afterMs` is what the other side asked to wait. */
  | { readonly outcome: 'retry'; readonly reason: string; readonly afterMs: number }
  | { readonly outcome: 'rejected'; readonly reason: string };

export interface OutgoingRequest<T> {
  readonly target: T;
  readonly body: Buffer;
  readonly events: number;
}

export interface RequestSinkOptions<T> {
  readonly batch: BatchLimits;
  readonly request: RequestLimits;
  readonly measure: 'encoded' | 'memory';
  /** One target for all events, or a function that finds that of each. */
  readonly route: Target<T> | ((event: Event, type: EventType) => Target<T> | RouteError);
  /** The form of frames that encoders pass through. */
  readonly frameForm?: FrameForm | undefined;
  /** Makes the encoder of one body. */
  readonly encoder: () => BodyEncoder;
  /** Writes what stands in a body before its events. */
  readonly beginBody?: (body: ByteSink) => void;
  /** The body as it is sent: wrapped, compressed. It may lie in the memory of what was collected. */
  readonly finishBody: (body: Buffer) => Buffer | Promise<Buffer>;
  /**
   * Sends a request and says what became of it; a rejection counts as `retry`. It ends soon after `stop` aborts, which
   * it does when the request takes longer than `timeout_secs`. The body is used again for others once it has settled.
   */
  readonly send: (request: OutgoingRequest<T>, stop: AbortSignal) => Promise<Verdict>;
  /** The label of `component_sent_bytes_total`. */
  readonly protocol: string;
  readonly healthcheck?: (stop: AbortSignal) => Promise<void>;
  /** Called when all is done. */
  readonly close?: () => Promise<void>;
}

/** A sink that sends its events as requests. */
export function requestSink<T>(context: SinkContext, options: RequestSinkOptions<T>): Sink {
  const requests = new Requests(context, options);
  const isByEvent = typeof options.route === 'function' || wantedTags(context.globals.telemetryTags) !== undefined;
  return {
    frameForm: isByEvent ? undefined : options.frameForm,
    write: (batch) => requests.write(batch),
    end: (giveUp) => requests.end(giveUp),
    ...(options.healthcheck ? { healthcheck: options.healthcheck } : {}),
  };
}

/** A parcel with its body finished, or about to be. */
interface Outgoing<T> {
  readonly parcel: Parcel<T>;
  body: Buffer | undefined;
  heldBytes: number;
  /** The memory that the body lies in, to be used again once nobody reads it. */
  memory: ByteSink | undefined;
}

class Requests<T> {
  readonly #context: SinkContext;
  readonly #options: RequestSinkOptions<T>;
  readonly #parcels: Parcels<T>;
  readonly #concurrency: ConcurrencyLimit;
  readonly #rate: RateLimit;
  readonly #sent: SentEvents;
  readonly #sentBytes: Counter;
  readonly #givenUp = new AbortController();
  readonly #waiting: Outgoing<T>[] = [];
  readonly #bodyBytesMax: number;
  /** Memory of bodies that were sent, for those to come. */
  readonly #spare: ByteSink[] = [];
  #spareBytes = 0;
  /** How many of them there were at the least since the timer was set: so many were not needed. */
  #unneeded = 0;
  #spareTimer: Timer | undefined;
  /** Memory of the last body that was well filled. */
  #lastCapacity = 0;
  #heldBytes = 0;
  /** Those of `#heldBytes` whose bodies are finished and wait for their turn. */
  #waitingBytes = 0;
  #rateTimer: Timer | undefined;
  #onRoom: (() => void)[] = [];
  #onIdle: (() => void)[] = [];
  #ended = false;

  constructor(context: SinkContext, options: RequestSinkOptions<T>) {
    const { batch, request, measure, route, encoder } = options;
    const { clock, faults } = context;
    context.owns('requests', {
      place: 'native',
      bytes: () => this.#heldBytes + this.#parcels.sizeBytes + this.#spareBytes,
    });
    this.#context = context;
    this.#options = options;
    this.#bodyBytesMax = Math.max(BODY_BYTES_MAX, 2 * Math.min(batch.max_bytes ?? 0, Number.MAX_SAFE_INTEGER));
    this.#parcels = new Parcels<T>({
      limits: batch,
      measure,
      route,
      encoder,
      newBody: () => this.#newBody(),
      clock,
      faults,
      onClosed: (parcel) => this.#finish(parcel),
      tags: wantedTags(context.globals.telemetryTags),
    });
    this.#concurrency = new ConcurrencyLimit(concurrencyOf(request), clock, context);
    this.#rate = new RateLimit(request.rate_limit_num, request.rate_limit_duration_secs * 1000, clock);
    this.#sent = sentEvents(context, context.globals.telemetryTags);
    this.#sentBytes = context.counter(componentSentBytes, { protocol: options.protocol });
  }

  write(batch: Batch): Promise<void> | undefined {
    assert(!this.#ended, 'a sink is not written to after its end');
    this.#parcels.add(batch);
    if (this.#hasRoom()) return undefined;
    // What gathers must not stand in the way of itself: with nothing on its way out, room would come only with time.
    while (this.#parcels.count > 0 && this.#parcels.sizeBytes > this.#bodyBytesMax / 2) this.#parcels.flushOldest();
    return this.#hasRoom() ? undefined : new Promise((resolve) => this.#onRoom.push(resolve));
  }

  async end(giveUp?: AbortSignal): Promise<void> {
    this.#ended = true;
    const onGiveUp = (): void => {
      this.#givenUp.abort();
      this.#pump();
    };
    if (giveUp?.aborted) this.#givenUp.abort();
    else giveUp?.addEventListener('abort', onGiveUp, { once: true });
    this.#parcels.flush();
    this.#pump();
    if (!this.#isIdle()) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    this.#spareTimer?.cancel();
    this.#spare.length = 0;
    this.#spareBytes = 0;
    giveUp?.removeEventListener('abort', onGiveUp);
    await this.#options.close?.();
  }

  #hasRoom(): boolean {
    return (
      this.#heldBytes + this.#parcels.sizeBytes <= this.#bodyBytesMax &&
      this.#waitingBytes <= WAITING_BYTES_MAX &&
      this.#waiting.length <= WAITING_MAX
    );
  }

  #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#concurrency.inFlight === 0;
  }

  /** Puts a parcel in line; its body may be ready only later, its place is taken now. */
  #finish(parcel: Parcel<T>): void {
    const { body } = parcel;
    // A body that fills little of its memory is copied out of it.
    const isCopied = body.length * 2 < body.capacity;
    const outgoing: Outgoing<T> = { parcel, body: undefined, heldBytes: 0, memory: isCopied ? undefined : body };
    const collected = isCopied ? body.take() : body.view();
    if (isCopied) this.#keep(body);
    this.#lastCapacity = isCopied ? 0 : body.capacity;
    this.#hold(outgoing, outgoing.memory ? body.capacity : collected.length);
    this.#waiting.push(outgoing);
    const ready = (finished: Buffer): void => {
      outgoing.body = finished;
      if (outgoing.memory && finished.buffer !== collected.buffer) {
        this.#keep(outgoing.memory);
        outgoing.memory = undefined;
      }
      this.#hold(outgoing, outgoing.memory ? body.capacity : finished.length);
      this.#waitingBytes += outgoing.heldBytes;
      this.#pump();
    };
    const failed = (error: unknown): void => {
      this.#waiting.splice(this.#waiting.indexOf(outgoing), 1);
      this.#refuse(parcel, 'rejected', `the body cannot be made: ${messageOf(error)}`, 'encoder_failed');
      this.#release(outgoing, 'rejected');
      this.#pump();
    };
    try {
      const finished = this.#options.finishBody(collected);
      if (Buffer.isBuffer(finished)) ready(finished);
      else finished.then(ready, failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Starts what may start, in order. */
  #pump(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next?.body === undefined) return;
      if (this.#givenUp.signal.aborted) {
        this.#leave(next);
        this.#refuse(next.parcel, 'errored', 'the sink was told to give up', 'request_failed');
        this.#release(next, 'errored');
        continue;
      }
      if (this.#rateTimer || this.#concurrency.inFlight >= this.#concurrency.limit) return;
      const waitMs = this.#rate.take();
      if (waitMs > 0) {
        this.#rateTimer = this.#context.clock.after(waitMs, () => {
          this.#rateTimer = undefined;
          this.#pump();
        });
        return;
      }
      this.#leave(next);
      this.#concurrency.start();
      void this.#deliver(next);
      this.#tellRoom();
    }
  }

  /** Takes the first of the line out of it. */
  #leave(next: Outgoing<T>): void {
    this.#waiting.shift();
    this.#waitingBytes -= next.heldBytes;
  }

  async #deliver(outgoing: Outgoing<T>): Promise<void> {
    const startedMs = this.#context.clock.monotonic();
    const end = await this.#attempts(outgoing);
    this.#concurrency.end(startedMs, end.request);
    this.#release(outgoing, end.status);
    this.#pump();
  }

  /** Sends until there is a final verdict. Never rejects. */
  async #attempts(outgoing: Outgoing<T>): Promise<{ request: RequestEnd; status: Status }> {
    const { clock, random, log } = this.#context;
    const { parcel, body } = outgoing;
    const backoff = new Backoff(this.#options.request, random);
    for (;;) {
      const verdict = await this.#attempt(outgoing);
      if (verdict.outcome === 'delivered') {
        this.#sent.add(parcel.events, Math.round(parcel.eventBytes), parcel.origins);
        this.#sentBytes.add(body!.length);
        return { request: 'answered', status: 'delivered' };
      }
      if (verdict.outcome === 'rejected') {
        this.#refuse(parcel, 'rejected', verdict.reason, 'request_failed');
        return { request: 'failed', status: 'rejected' };
      }
      const waitMs = this.#givenUp.signal.aborted ? undefined : backoff.next(verdict.afterMs);
      if (waitMs === undefined) {
        this.#refuse(parcel, 'errored', verdict.reason, 'request_failed');
        return { request: 'pushed_back', status: 'errored' };
      }
      log.warn('A request is sent again', { reason: verdict.reason, retry: backoff.retries, wait_ms: waitMs });
      await sleep(clock, waitMs, this.#givenUp.signal);
      await this.#rateLimit();
    }
  }

  /** Retries count against the rate limit as first attempts do. */
  async #rateLimit(): Promise<void> {
    const { signal } = this.#givenUp;
    for (let wait = this.#rate.take(); wait > 0 && !signal.aborted; wait = this.#rate.take())
      await sleep(this.#context.clock, wait, signal);
  }

  /** One attempt, ended by its time limit. Never rejects. */
  async #attempt(outgoing: Outgoing<T>): Promise<Verdict> {
    const { clock } = this.#context;
    const { parcel, body } = outgoing;
    const { signal: givenUp } = this.#givenUp;
    if (givenUp.aborted) return { outcome: 'retry', reason: 'the sink was told to give up', afterMs: 0 };
    const stop = new AbortController();
    const limitSecs = this.#options.request.timeout_secs;
    let reason = '';
    const { promise: stopped, resolve } = Promise.withResolvers<Verdict>();
    const abort = (why: string): void => {
      reason = why;
      // The request may still read from the body for a moment, so that its memory is not used again.
      outgoing.memory = undefined;
      stop.abort(new Error(why));
      resolve({ outcome: 'retry', reason: why, afterMs: 0 });
    };
    const timer = clock.after(limitSecs * 1000, () => abort(`no answer within ${limitSecs} s`));
    const onGiveUp = (): void => abort('the sink was told to give up');
    givenUp.addEventListener('abort', onGiveUp, { once: true });
    try {
      const request = { target: parcel.target.value, body: body!, events: parcel.events };
      return await Promise.race([this.#options.send(request, stop.signal), stopped]);
    } catch (error) {
      return { outcome: 'retry', reason: reason || messageOf(error), afterMs: 0 };
    } finally {
      timer.cancel();
      givenUp.removeEventListener('abort', onGiveUp);
    }
  }

  #refuse(parcel: Parcel<T>, status: Status, reason: string, type: 'encoder_failed' | 'request_failed'): void {
    const { faults } = this.#context;
    faults.error(status === 'rejected' ? 'A request was refused' : 'A request failed and is not sent again', {
      type,
      stage: 'sending',
      fields: { reason, events: parcel.events },
    });
    faults.discarded(parcel.events, type, false, { reason });
  }

  #newBody(): ByteSink {
    const spare = this.#spare.pop();
    if (spare) this.#spareBytes -= spare.capacity;
    this.#unneeded = Math.min(this.#unneeded, this.#spare.length);
    const body = spare ?? new ByteSink(undefined, this.#bodySizes());
    this.#options.beginBody?.(body);
    return body;
  }

  /** Memory that a body begins with, as much as the last one had, and what it holds at most. */
  #bodySizes() {
    const fullBytes = (this.#options.batch.max_bytes ?? Number.POSITIVE_INFINITY) + BODY_FRAME_BYTES;
    return this.#lastCapacity === 0 ? { fullBytes } : { firstBytes: this.#lastCapacity, fullBytes };
  }

  /** Keeps the memory of a body for the next one. */
  #keep(body: ByteSink): void {
    body.clear();
    const { capacity } = body;
    const allBytes = this.#heldBytes + this.#parcels.sizeBytes + this.#spareBytes + capacity;
    if (allBytes > this.#bodyBytesMax * SPARE_FACTOR) return;
    this.#spareBytes += capacity;
    this.#spare.push(body);
    if (!this.#spareTimer) this.#watchSpare();
  }

  #watchSpare(): void {
    this.#unneeded = this.#spare.length;
    this.#spareTimer = this.#context.clock.after(SPARE_MS, () => {
      this.#spareTimer = undefined;
      for (const { capacity } of this.#spare.splice(0, this.#unneeded)) this.#spareBytes -= capacity;
      if (this.#spare.length > 0) this.#watchSpare();
    });
  }

  #hold(outgoing: Outgoing<T>, bodyBytes: number): void {
    const bytes = bodyBytes + BODY_OVERHEAD_BYTES;
    this.#heldBytes += bytes - outgoing.heldBytes;
    outgoing.heldBytes = bytes;
  }

  #release(outgoing: Outgoing<T>, status: Status): void {
    this.#heldBytes -= outgoing.heldBytes;
    outgoing.body = undefined;
    if (outgoing.memory) this.#keep(outgoing.memory);
    for (const finalizer of outgoing.parcel.finalizers) finalizer.release(status);
    this.#tellRoom();
    if (this.#ended && this.#isIdle()) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #tellRoom(): void {
    if (this.#onRoom.length > 0 && this.#hasRoom()) for (const resolve of this.#onRoom.splice(0)) resolve();
  }
}

function concurrencyOf({ concurrency, adaptive_concurrency }: RequestLimits) {
  if (concurrency === 'none') return 1;
  return concurrency === 'adaptive' ? adaptive_concurrency : concurrency;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

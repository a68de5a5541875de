// What one round of collectors gathers, and what they know of the system.

import type { Metadata } from '../../event/metadata.ts';
import type { MetricEvent } from '../../event/metric.ts';
import type { Timestamp } from '../../event/timestamp.ts';

/** Where the kernel tells about itself. */
export interface Roots {
  readonly proc: string;
  readonly sys: string;
}

export type RoundTags = Readonly<Record<string, string>>;

/** One source of facts. What it cannot read it tells by `round.failed`, or by a rejection when that is all of it. */
export type Collect = (round: Round) => Promise<void>;

export class Round {
  readonly events: MetricEvent[] = [];
  /** Milliseconds of a clock that only grows, at the start of the round. */
  readonly monotonicMs: number;
  readonly failed: (message: string, error: unknown) => void;
  readonly #namespace: string;
  readonly #host: string;
  readonly #timestamp: Timestamp;
  readonly #metadata: Metadata;
  #collector = '';

  constructor(about: {
    readonly namespace: string;
    readonly host: string;
    readonly timestamp: Timestamp;
    readonly metadata: Metadata;
    readonly monotonicMs: number;
    readonly failed: (message: string, error: unknown) => void;
  }) {
    this.#namespace = about.namespace;
    this.#host = about.host;
    this.#timestamp = about.timestamp;
    this.#metadata = about.metadata;
    this.monotonicMs = about.monotonicMs;
    this.failed = about.failed;
  }

  /** The collector that what follows comes from. */
  begin(collector: string): void {
    this.#collector = collector;
  }

  counter(name: string, value: number, tags: RoundTags = {}): void {
    this.#add('counter', name, value, tags);
  }

  gauge(name: string, value: number, tags: RoundTags = {}): void {
    this.#add('gauge', name, value, tags);
  }

  #add(type: 'counter' | 'gauge', name: string, value: number, tags: RoundTags): void {
    // What is not there in this version of the kernel is not reported.
    if (!Number.isFinite(value)) return;
    this.events.push({
      name,
      ...(this.#namespace === '' ? {} : { namespace: this.#namespace }),
      tags: new Map([...Object.entries(tags), ['collector', this.#collector], ['host', this.#host]]),
      timestamp: this.#timestamp,
      kind: 'absolute',
      value: { type, value },
      metadata: this.#metadata,
    });
  }
}

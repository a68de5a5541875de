// What bodies of requests are counted under: bytes and events, with the path that they came to. Peers may choose paths,
// so only the first ones have their name, and the rest is `other`.

import { own } from '../event/value.ts';
import { componentReceivedBytes, Throughput } from '../telemetry/component_metrics.ts';
import type { Counter, Recorder } from '../telemetry/telemetry.ts';

const PATHS_MAX = 100;
/** Longer paths are cut off. */
const PATH_LENGTH_MAX = 128;
const OTHER = 'other';

export interface ReceivedAt {
  readonly bytes: Counter;
  readonly events: Throughput;
}

export class ReceivedByPath {
  readonly #recorder: Recorder;
  readonly #protocol: 'http' | 'https';
  readonly #known = new Map<string, ReceivedAt>();

  constructor(recorder: Recorder, protocol: 'http' | 'https') {
    this.#recorder = recorder;
    this.#protocol = protocol;
  }

  at(path: string): ReceivedAt {
    const cut = path.length > PATH_LENGTH_MAX ? path.slice(0, PATH_LENGTH_MAX) : path;
    const known = this.#known.get(cut);
    if (known) return known;
    // One place is kept for the others.
    if (this.#known.size >= PATHS_MAX - 1 && cut !== OTHER) return this.at(OTHER);
    const name = own(cut);
    const labels = { protocol: this.#protocol, http_path: name };
    const received = {
      bytes: this.#recorder.counter(componentReceivedBytes, labels),
      events: Throughput.received(this.#recorder, labels),
    };
    this.#known.set(name, received);
    return received;
  }
}

// What HTTP requests to us are counted under. The path a peer asks for never becomes a label by itself: ever-new paths
// would make ever-new series. Only paths of our own configuration have a name, all others are `other`.

import type { Clock } from '../../std/clock.ts';
import {
  type Counter,
  defineCounter,
  defineHistogram,
  type Histogram,
  type Recorder,
} from '../../telemetry/telemetry.ts';

const METHODS = ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'];
const method = { name: 'method', values: METHODS };

/** Statuses are those that our own code gives. */
const status = { name: 'status', limit: 64 };
const path = { name: 'path', limit: 64 };

const requestsReceived = defineCounter({
  name: 'http_server_requests_received_total',
  doc: 'HTTP requests received.',
  labels: [method, path],
});
const responsesSent = defineCounter({
  name: 'http_server_responses_sent_total',
  doc: 'HTTP responses sent.',
  labels: [method, path, status],
});
const handlerDuration = defineHistogram({
  name: 'http_server_handler_duration_seconds',
  doc: 'Seconds from the head of a request to its response.',
  labels: [method, path, status],
});

interface Responses {
  readonly counter: Counter;
  readonly duration: Histogram;
}

export class ServerMetrics {
  readonly #recorder: Recorder;
  readonly #clock: Clock;
  readonly #requests = new Map<string, Counter>();
  readonly #responses = new Map<string, Responses>();

  constructor(recorder: Recorder, clock: Clock) {
    this.#recorder = recorder;
    this.#clock = clock;
  }

  /** Counts a request; `path` is one of our own paths or `other`. The function returned counts its response. */
  received(method: string, path: string): (status: number) => void {
    const known = METHODS.includes(method) ? method : 'other';
    const labels = { method: known, path };
    const key = `${known} ${path}`;
    let counter = this.#requests.get(key);
    if (!counter) this.#requests.set(key, (counter = this.#recorder.counter(requestsReceived, labels)));
    counter.add(1);
    const startedMs = this.#clock.monotonic();
    return (status) => {
      const { counter, duration } = this.#responsesOf(`${status} ${key}`, { ...labels, status: String(status) });
      counter.add(1);
      duration.record((this.#clock.monotonic() - startedMs) / 1000);
    };
  }

  #responsesOf(key: string, labels: Readonly<Record<string, string>>): Responses {
    let series = this.#responses.get(key);
    if (!series) {
      series = {
        counter: this.#recorder.counter(responsesSent, labels),
        duration: this.#recorder.histogram(handlerDuration, labels),
      };
      this.#responses.set(key, series);
    }
    return series;
  }
}

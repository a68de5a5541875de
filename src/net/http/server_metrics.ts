// What HTTP requests to us are counted under. The path a peer asks for never becomes a label by itself: ever-new paths
// would make ever-new series. Only paths of our own configuration have a name, all others are `other`.

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
  /** By method, then path: few of both. */
  readonly #series = new Map<string, Map<string, ServerSeries>>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** What requests are counted under; `path` is one of our own paths or `other`. */
  of(method: string, path: string): ServerSeries {
    const known = METHODS.includes(method) ? method : 'other';
    let paths = this.#series.get(known);
    if (!paths) this.#series.set(known, (paths = new Map()));
    let series = paths.get(path);
    if (!series) paths.set(path, (series = new ServerSeries(this.#recorder, { method: known, path })));
    return series;
  }
}

/** The requests of one method and path. */
export class ServerSeries {
  readonly #recorder: Recorder;
  readonly #labels: { readonly method: string; readonly path: string };
  readonly #requests: Counter;
  readonly #responses = new Map<number, Responses>();

  constructor(recorder: Recorder, labels: { readonly method: string; readonly path: string }) {
    this.#recorder = recorder;
    this.#labels = labels;
    this.#requests = recorder.counter(requestsReceived, labels);
  }

  received(): void {
    this.#requests.add(1);
  }

  answered(status: number, ms: number): void {
    let series = this.#responses.get(status);
    if (!series) {
      const labels = { ...this.#labels, status: String(status) };
      series = {
        counter: this.#recorder.counter(responsesSent, labels),
        duration: this.#recorder.histogram(handlerDuration, labels),
      };
      this.#responses.set(status, series);
    }
    series.counter.add(1);
    series.duration.record(ms / 1000);
  }
}

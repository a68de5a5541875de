// What HTTP requests of ours are counted under. Values of labels come from closed or limited lists.

import {
  type Counter,
  defineCounter,
  defineHistogram,
  type Histogram,
  type Recorder,
} from '../../telemetry/telemetry.ts';

const STATUSES_MAX = 64;

/** Kinds are those of `HttpError`. */
const ERROR_KIND = { name: 'error_kind', limit: 16 };

const requestsSent = defineCounter({
  name: 'http_client_requests_sent_total',
  doc: 'HTTP requests sent.',
  labels: [{ name: 'method', values: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'] }],
});
const responses = defineCounter({
  name: 'http_client_responses_total',
  doc: 'HTTP answers received.',
  labels: [{ name: 'status', limit: STATUSES_MAX }],
});
const responseRtt = defineHistogram({
  name: 'http_client_response_rtt_seconds',
  doc: 'Seconds from request to answer.',
  labels: [{ name: 'status', limit: STATUSES_MAX }],
});
const rtt = defineHistogram({
  name: 'http_client_rtt_seconds',
  doc: 'Seconds from request to answer or error.',
});
const failures = defineCounter({
  name: 'http_client_errors_total',
  doc: 'HTTP requests without an answer.',
  labels: [ERROR_KIND],
});
const errorRtt = defineHistogram({
  name: 'http_client_error_rtt_seconds',
  doc: 'Seconds from request to error.',
  labels: [ERROR_KIND],
});

interface Answers {
  readonly counter: Counter;
  readonly histogram: Histogram;
}

export class ClientMetrics {
  readonly #recorder: Recorder;
  readonly #rtt: Histogram;
  readonly #methods = new Map<string, Counter>();
  readonly #statuses = new Map<number, Answers>();
  readonly #errors = new Map<string, Answers>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
    this.#rtt = recorder.histogram(rtt);
  }

  sent(method: string): void {
    let counter = this.#methods.get(method);
    if (!counter) this.#methods.set(method, (counter = this.#recorder.counter(requestsSent, { method })));
    counter.add(1);
  }

  answered(status: number, ms: number): void {
    let series = this.#statuses.get(status);
    // Statuses are three digits, so this map has a limit of its own.
    if (!series) {
      const labels = { status: String(status) };
      series = {
        counter: this.#recorder.counter(responses, labels),
        histogram: this.#recorder.histogram(responseRtt, labels),
      };
      this.#statuses.set(status, series);
    }
    series.counter.add(1);
    series.histogram.record(ms / 1000);
    this.#rtt.record(ms / 1000);
  }

  failed(kind: string, ms: number): void {
    let series = this.#errors.get(kind);
    if (!series) {
      const labels = { error_kind: kind };
      series = {
        counter: this.#recorder.counter(failures, labels),
        histogram: this.#recorder.histogram(errorRtt, labels),
      };
      this.#errors.set(kind, series);
    }
    series.counter.add(1);
    series.histogram.record(ms / 1000);
    this.#rtt.record(ms / 1000);
  }
}

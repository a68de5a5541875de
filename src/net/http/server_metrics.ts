// What HTTP requests to us are counted under. Peers choose paths and methods, and ever-new ones would make ever-new
// series. So our own paths always have their name; of the others the first few that come have theirs, which says what
// goes wrong, and the rest is `other`. Every request is counted, under whatever name.

import { own } from '../../event/value.ts';
import {
  type Counter,
  defineCounter,
  defineHistogram,
  type Histogram,
  type Recorder,
} from '../../telemetry/telemetry.ts';

const METHODS = ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'];
const OTHER = 'other';

/** Pairs of method and path that are not ours and have a name of their own, of one server. */
const STRANGE_PAIRS_MAX = 8;
/** Of these and of ours, those with a name for each status; more share one. A histogram is 30 lines of a scrape. */
const STRANGE_RESPONSES_MAX = 12;
const OWN_RESPONSES_MAX = 64;
/** Longer paths are cut off. */
const PATH_LENGTH_MAX = 128;

const method = { name: 'method', values: METHODS };
/** Statuses are those that our own code gives. */
const status = { name: 'status', limit: 64 };
/** More than there can be: the limit is that of the pairs. */
const path = { name: 'path', limit: 100 };

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

interface Names {
  readonly method: string;
  readonly path: string;
}

const OTHERS: Names = { method: OTHER, path: OTHER };

export class ServerMetrics {
  readonly #recorder: Recorder;
  readonly #ownPath: (path: string) => string | undefined;
  /** By method, then path. */
  readonly #series = new Map<string, Map<string, ServerSeries>>();
  readonly #responses = new Map<string, Responses>();
  #strangePairs = 0;
  #strangeResponses = 0;
  #ownResponses = 0;

  /** `ownPath` gives the name of a path that the server is there for: one of few. */
  constructor(recorder: Recorder, ownPath: (path: string) => string | undefined) {
    this.#recorder = recorder;
    this.#ownPath = ownPath;
  }

  /** What a request is counted under. */
  of(givenMethod: string, givenPath: string): ServerSeries {
    const known = METHODS.includes(givenMethod) ? givenMethod : OTHER;
    const ours = this.#ownPath(givenPath);
    if (ours !== undefined) return this.#find(known, ours) ?? this.#make(known, ours, true);
    const cut = givenPath.length > PATH_LENGTH_MAX ? givenPath.slice(0, PATH_LENGTH_MAX) : givenPath;
    const found = this.#find(known, cut);
    if (found) return found;
    if (this.#strangePairs >= STRANGE_PAIRS_MAX) return this.#find(known, OTHER) ?? this.#make(known, OTHER, false);
    this.#strangePairs += 1;
    return this.#make(known, cut, false);
  }

  answered(names: Names, isOwn: boolean, statusCode: number, ms: number): void {
    const { counter, duration } = this.#responsesOf(names, isOwn, statusCode);
    counter.add(1);
    duration.record(ms / 1000);
  }

  #find(known: string, name: string): ServerSeries | undefined {
    return this.#series.get(known)?.get(name);
  }

  #make(known: string, name: string, isOwn: boolean): ServerSeries {
    // A path is a part of the buffer that it was read from, and this one stays.
    const names = { method: known, path: own(name) };
    const series = new ServerSeries(this, names, isOwn, this.#recorder.counter(requestsReceived, names));
    let paths = this.#series.get(known);
    if (!paths) this.#series.set(known, (paths = new Map()));
    paths.set(names.path, series);
    return series;
  }

  #responsesOf(names: Names, isOwn: boolean, statusCode: number): Responses {
    const key = `${statusCode} ${names.method} ${names.path}`;
    const found = this.#responses.get(key);
    if (found) return found;
    if (names !== OTHERS) {
      if (isOwn ? this.#ownResponses >= OWN_RESPONSES_MAX : this.#strangeResponses >= STRANGE_RESPONSES_MAX)
        return this.#responsesOf(OTHERS, false, statusCode);
      if (isOwn) this.#ownResponses += 1;
      else this.#strangeResponses += 1;
    }
    const labels = { ...names, status: String(statusCode) };
    const responses = {
      counter: this.#recorder.counter(responsesSent, labels),
      duration: this.#recorder.histogram(handlerDuration, labels),
    };
    this.#responses.set(key, responses);
    return responses;
  }
}

/** The requests of one method and path. */
export class ServerSeries {
  readonly #metrics: ServerMetrics;
  readonly #names: Names;
  readonly #isOwn: boolean;
  readonly #requests: Counter;

  constructor(metrics: ServerMetrics, names: Names, isOwn: boolean, requests: Counter) {
    this.#metrics = metrics;
    this.#names = names;
    this.#isOwn = isOwn;
    this.#requests = requests;
  }

  received(): void {
    this.#requests.add(1);
  }

  answered(status: number, ms: number): void {
    this.#metrics.answered(this.#names, this.#isOwn, status, ms);
  }
}

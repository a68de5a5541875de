// The series that every component has, and the two ways in which things go wrong, counted and logged in one step.

import type { LogFields, Logger } from './log.ts';
import {
  type Counter,
  defineCounter,
  defineHistogram,
  type Histogram,
  type Labels,
  type Recorder,
  type SeriesDefinition,
} from './telemetry.ts';

export const componentReceivedEvents = defineCounter({
  name: 'component_received_events_total',
  doc: 'Events accepted by the component, either from tagged origins or other components.',
  labels: [{ name: 'file', limit: 1000 }],
});
export const componentReceivedEventBytes = defineCounter({
  name: 'component_received_event_bytes_total',
  doc: 'Estimated JSON bytes of the events accepted by the component.',
  labels: [{ name: 'file', limit: 1000 }],
});
export const componentReceivedBytes = defineCounter({
  name: 'component_received_bytes_total',
  doc: 'Raw bytes accepted by the source.',
  labels: [{ name: 'protocol' }, { name: 'file', limit: 1000 }, { name: 'http_path', limit: 100 }],
});
export const componentReceivedEventsCount = defineHistogram({
  name: 'component_received_events_count',
  doc: 'Events in each batch the component received.',
});
export const componentSentEvents = defineCounter({
  name: 'component_sent_events_total',
  doc: 'Events the component sent on.',
  labels: [{ name: 'output' }],
});
export const componentSentEventBytes = defineCounter({
  name: 'component_sent_event_bytes_total',
  doc: 'Estimated JSON bytes of the events the component sent on.',
  labels: [{ name: 'output' }],
});
export const componentSentBytes = defineCounter({
  name: 'component_sent_bytes_total',
  doc: 'Raw bytes the sink sent.',
  labels: [{ name: 'protocol' }, { name: 'endpoint', limit: 100 }, { name: 'file', limit: 1000 }],
});
export const componentErrors = defineCounter({
  name: 'component_errors_total',
  doc: 'Errors the component met.',
  labels: [{ name: 'error_type' }, { name: 'stage' }, { name: 'error_code' }],
});
export const componentDiscardedEvents = defineCounter({
  name: 'component_discarded_events_total',
  doc: 'Events the component dropped.',
  labels: [{ name: 'intentional', values: ['true', 'false'] }, { name: 'reason' }],
});

export type ErrorType =
  | 'acknowledgment_failed'
  | 'authentication_failed'
  | 'command_failed'
  | 'condition_failed'
  | 'confinement_failed'
  | 'configuration_failed'
  | 'connection_failed'
  | 'conversion_failed'
  | 'encoder_failed'
  | 'invalid_metric'
  | 'io_failed'
  | 'parser_failed'
  | 'reader_failed'
  | 'request_failed'
  | 'script_failed'
  | 'template_failed'
  | 'timed_out'
  | 'writer_failed';

export type Stage = 'initializing' | 'receiving' | 'processing' | 'sending';

export interface ComponentError {
  readonly type: ErrorType;
  readonly stage: Stage;
  /** A word from a closed list, for dashboards. */
  readonly code?: string;
  /** What the message is about: peer, file, reason. */
  readonly fields?: LogFields;
}

/** Kinds of errors and drops whose counters are at hand; more than this are looked up each time. */
const KINDS_MAX = 200;

/** What goes wrong in a component is counted and said here, and nowhere else. */
export class Faults {
  readonly #recorder: Pick<Recorder, 'counter'>;
  readonly #log: Pick<Logger, 'error' | 'debug'>;
  readonly #counters = new Map<string, Counter>();

  constructor(recorder: Pick<Recorder, 'counter'>, log: Pick<Logger, 'error' | 'debug'>) {
    this.#recorder = recorder;
    this.#log = log;
  }

  /**
   * Counts `component_errors_total` and logs an error (rate-limited). `count` errors of the same kind at once; with
   * none, nothing happened.
   */
  error(message: string, { type, stage, code, fields }: ComponentError, count = 1): void {
    if (count === 0) return;
    const labels: Labels = { error_type: type, stage, ...(code ? { error_code: code } : {}) };
    this.#count(componentErrors, `error ${type} ${stage} ${code}`, labels, count);
    this.#log.error(message, { ...labels, ...fields }, code ?? type);
  }

  /**
   * Counts events that go no further. `intentional`: the configuration asked for it (a limit, a filter); otherwise it
   * is a loss and logged as an error. `reason` is one of few; what varies goes into `fields`, where a `reason` says
   * more precisely to people what happened.
   */
  discarded(count: number, reason: string, intentional: boolean, fields?: LogFields): void {
    if (count === 0) return;
    const labels: Labels = { intentional: String(intentional), reason };
    this.#count(componentDiscardedEvents, `drop ${intentional} ${reason}`, labels, count);
    const line = { count, reason, intentional, ...fields };
    if (intentional) this.#log.debug('Events dropped', line, reason);
    else this.#log.error('Events dropped', line, reason);
  }

  #count(series: SeriesDefinition, kind: string, labels: Labels, count: number): void {
    let counter = this.#counters.get(kind);
    if (!counter) {
      counter = this.#recorder.counter(series, labels);
      if (this.#counters.size < KINDS_MAX) this.#counters.set(kind, counter);
    }
    counter.add(count);
  }
}

/** Counts what a component receives and sends: in the loops and kits, once per batch. */
export class Throughput {
  readonly #events: Counter;
  readonly #bytes: Counter;
  readonly #sizes: Histogram | undefined;

  private constructor(events: Counter, bytes: Counter, sizes?: Histogram) {
    this.#events = events;
    this.#bytes = bytes;
    this.#sizes = sizes;
  }

  /** `labels` are those that some sources add, as `file`. */
  static received(recorder: Recorder, labels: Labels = {}): Throughput {
    return new Throughput(
      recorder.counter(componentReceivedEvents, labels),
      recorder.counter(componentReceivedEventBytes, labels),
      recorder.histogram(componentReceivedEventsCount),
    );
  }

  /** `output` is the port of a transform or source (`_default` for the only one); absent for a sink. */
  static sent(recorder: Recorder, output?: string): Throughput {
    const labels: Labels = output === undefined ? {} : { output };
    return new Throughput(
      recorder.counter(componentSentEvents, labels),
      recorder.counter(componentSentEventBytes, labels),
    );
  }

  add(events: number, bytes: number): void {
    this.#events.add(events);
    this.#bytes.add(bytes);
    this.#sizes?.record(events);
  }
}

// The series that every component has, and the two ways in which things go wrong, counted and logged in one step.

import type { LogFields, Logger } from './log.ts';
import {
  type Counter,
  defineCounter,
  defineHistogram,
  type Histogram,
  type Labels,
  type Recorder,
} from './telemetry.ts';

const ERROR_TYPES = [
  'acknowledgment_failed',
  'authentication_failed',
  'command_failed',
  'condition_failed',
  'confinement_failed',
  'configuration_failed',
  'connection_failed',
  'conversion_failed',
  'encoder_failed',
  'invalid_metric',
  'io_failed',
  'parser_failed',
  'reader_failed',
  'request_failed',
  'script_failed',
  'template_failed',
  'timed_out',
  'writer_failed',
] as const;

export type ErrorType = (typeof ERROR_TYPES)[number];

const STAGES = ['initializing', 'receiving', 'processing', 'sending'] as const;

export type Stage = (typeof STAGES)[number];

const INTENTIONAL = { name: 'intentional', values: ['true', 'false'] } as const;

const PROTOCOL = { name: 'protocol', limit: 16 } as const;

/** What sources tell of where bytes come from: each says some of it. */
const RECEIVED_FROM = [
  PROTOCOL,
  { name: 'file', limit: 1_000 },
  { name: 'http_path', limit: 100 },
  { name: 'pod_name', limit: 1_000 },
] as const;
const RECEIVED_LABELS = [
  ...RECEIVED_FROM,
  { name: 'pod_namespace', limit: 1_000 },
  { name: 'container_name', limit: 1_000 },
  { name: 'mode', values: ['tcp', 'udp', 'unix'] },
  { name: 'uri', limit: 100 },
  { name: 'command', limit: 100 },
] as const;

export const componentReceivedEvents = defineCounter({
  name: 'component_received_events_total',
  doc: 'Events accepted by the component, either from tagged origins or other components.',
  labels: RECEIVED_LABELS,
});
export const componentReceivedEventBytes = defineCounter({
  name: 'component_received_event_bytes_total',
  doc: 'Estimated JSON bytes of the events accepted by the component.',
  labels: RECEIVED_LABELS,
});
export const componentReceivedBytes = defineCounter({
  name: 'component_received_bytes_total',
  doc: 'Raw bytes accepted by the source.',
  labels: [...RECEIVED_FROM, { name: 'endpoint', limit: 100 }],
});
export const componentReceivedEventsCount = defineHistogram({
  name: 'component_received_events_count',
  doc: 'Events in each batch the component received.',
});
/** Source and service only where `telemetry.tags` asks for them. */
const SENT_LABELS = [
  { name: 'output', limit: 1_000 },
  { name: 'source', limit: 1_000 },
  { name: 'service', limit: 100 },
];

export const componentSentEvents = defineCounter({
  name: 'component_sent_events_total',
  doc: 'Events the component sent on.',
  labels: SENT_LABELS,
});
export const componentSentEventBytes = defineCounter({
  name: 'component_sent_event_bytes_total',
  doc: 'Estimated JSON bytes of the events the component sent on.',
  labels: SENT_LABELS,
});
export const componentSentBytes = defineCounter({
  name: 'component_sent_bytes_total',
  doc: 'Raw bytes the sink sent.',
  labels: [PROTOCOL, { name: 'endpoint', limit: 100 }, { name: 'file', limit: 1_000 }, { name: 'region', limit: 100 }],
});
export const componentErrors = defineCounter({
  name: 'component_errors_total',
  doc: 'Errors the component met.',
  labels: [
    { name: 'error_type', values: ERROR_TYPES },
    { name: 'stage', values: STAGES },
    { name: 'error_stage', values: STAGES },
    { name: 'error_code', limit: 100 },
  ],
});
export const componentDiscardedEvents = defineCounter({
  name: 'component_discarded_events_total',
  doc: 'Events the component dropped.',
  labels: [INTENTIONAL],
});
/** Vector has no label for reasons, and one more on its name would break what adds up its series. */
export const discardedByReason = defineCounter({
  name: 'sluice_discarded_events_total',
  doc: 'The events of `component_discarded_events_total` by what they were dropped for.',
  labels: [INTENTIONAL, { name: 'reason', limit: 100 }],
});

export interface ComponentError {
  readonly type: ErrorType;
  readonly stage: Stage;
  /** A word from a closed list, for dashboards. */
  readonly code?: string;
  /** The label of the stage, where Vector calls it by another name than everywhere else. */
  readonly stageLabel?: 'stage' | 'error_stage';
  /** What the message is about: peer, file, reason. */
  readonly fields?: LogFields;
}

/** Kinds of errors and drops whose counters are at hand; more than this are looked up each time. */
const KINDS_MAX = 200;

/** Counts drops of one kind where `Faults` cannot, since nothing is to be said. */
export function dropCounter(recorder: Pick<Recorder, 'counter'>, reason: string, intentional: boolean): Counter {
  const labels: Labels = { intentional: String(intentional) };
  const all = recorder.counter(componentDiscardedEvents, labels);
  const ofReason = recorder.counter(discardedByReason, { ...labels, reason });
  return {
    add(count) {
      all.add(count);
      ofReason.add(count);
    },
  };
}

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
  error(message: string, { type, stage, code, stageLabel = 'stage', fields }: ComponentError, count = 1): void {
    if (count === 0) return;
    const labels: Labels = { error_type: type, [stageLabel]: stage, ...(code ? { error_code: code } : {}) };
    this.#counter(`error ${type} ${stage} ${code}`, () => this.#recorder.counter(componentErrors, labels)).add(count);
    this.#log.error(message, { ...labels, ...fields }, code ?? type);
  }

  /**
   * Counts events that go no further. `intentional`: the configuration asked for it (a limit, a filter); otherwise it
   * is a loss and logged as an error. `reason` is one of few; what varies goes into `fields`, where a `reason` says
   * more precisely to people what happened.
   */
  discarded(count: number, reason: string, intentional: boolean, fields?: LogFields): void {
    if (count === 0) return;
    this.#counter(`drop ${intentional} ${reason}`, () => dropCounter(this.#recorder, reason, intentional)).add(count);
    const line = { count, reason, intentional, ...fields };
    if (intentional) this.#log.debug('Events dropped', line, reason);
    else this.#log.error('Events dropped', line, reason);
  }

  #counter(kind: string, make: () => Counter): Counter {
    let counter = this.#counters.get(kind);
    if (!counter) {
      counter = make();
      if (this.#counters.size < KINDS_MAX) this.#counters.set(kind, counter);
    }
    return counter;
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

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

export const componentReceivedEvents = defineCounter({
  name: 'component_received_events_total',
  doc: 'Events accepted by the component, either from tagged origins or other components.',
});
export const componentReceivedEventBytes = defineCounter({
  name: 'component_received_event_bytes_total',
  doc: 'Estimated JSON bytes of the events accepted by the component.',
});
export const componentReceivedBytes = defineCounter({
  name: 'component_received_bytes_total',
  doc: 'Raw bytes accepted by the source.',
  labels: [{ name: 'protocol' }, { name: 'file', limit: 1000 }],
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

/** What goes wrong in a component is counted and said here, and nowhere else. */
export class Faults {
  readonly #recorder: Recorder;
  readonly #log: Logger;
  readonly #counters = new Map<string, Counter>();

  constructor(recorder: Recorder, log: Logger) {
    this.#recorder = recorder;
    this.#log = log;
  }

  /** Counts `component_errors_total` and logs an error (rate-limited). `count` errors of the same kind at once. */
  error(message: string, { type, stage, code, fields }: ComponentError, count = 1): void {
    this.#counter(`e\0${type}\0${stage}\0${code ?? ''}`, () =>
      this.#recorder.counter(componentErrors, { error_type: type, stage, ...(code ? { error_code: code } : {}) }),
    ).add(count);
    this.#log.error(message, { error_type: type, stage, ...(code ? { error_code: code } : {}), ...fields });
  }

  /**
   * Counts events that go no further. `intentional`: the configuration asked for it (a limit, a filter); otherwise it
   * is a loss and logged as an error.
   */
  discarded(count: number, reason: string, intentional: boolean, fields?: LogFields): void {
    this.#counter(`d\0${intentional}\0${reason}`, () =>
      this.#recorder.counter(componentDiscardedEvents, { intentional: String(intentional), reason }),
    ).add(count);
    const line = { count, reason, intentional, ...fields };
    if (intentional) this.#log.debug('Events dropped', line);
    else this.#log.error('Events dropped', line);
  }

  #counter(key: string, make: () => Counter): Counter {
    let counter = this.#counters.get(key);
    if (!counter) this.#counters.set(key, (counter = make()));
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

  static received(recorder: Recorder): Throughput {
    return new Throughput(
      recorder.counter(componentReceivedEvents),
      recorder.counter(componentReceivedEventBytes),
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

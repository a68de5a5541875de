// Sends the log lines of this process as events.
//
//   any component logs ─► tap ─► queue ─► one batch at a time ─► output
//
// Bound: at most QUEUED_MAX lines, and QUEUED_BYTES_MAX of them, wait while the pipeline is busy. Lines beyond that are
// dropped and counted (`component_discarded_events_total`); nothing is logged about it, for that would be a line more.

import type { SourceContext } from '../../component/context.ts';
import { defineSource, type Output, type Source } from '../../component/define.ts';
import { aborted } from '../../component/late_output.ts';
import { type FieldWriter, fieldWriter } from '../../component/source_fields.ts';
import { fieldKey, fieldKeyOr, keyOrElse } from '../../component/source_keys.ts';
import { logBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import type { ConfigOf } from '../../schema/schema.ts';
import { componentReceivedBytes, dropCounter, Throughput } from '../../telemetry/component_metrics.ts';
import type { LogRecord } from '../../telemetry/log.ts';
import type { Counter } from '../../telemetry/telemetry.ts';
import { eventOf, sizeOfRecord } from './record_event.ts';

const options = {
  host_key: fieldKey(
    'The field that gets the name of this host, `log_schema.host_key` by default. An empty name keeps it out.',
  ),
  pid_key: fieldKeyOr('pid', 'The field that gets the id of this process. An empty name keeps it out.'),
};

/** Lines that wait at most. */
const QUEUED_MAX = 10_000;
const QUEUED_BYTES_MAX = 4_194_304;

export const source = defineSource({
  type: 'internal_logs',
  status: 'stable',
  summary: 'Exposes the log lines of Sluice itself.',
  options,
  examples: [
    { title: 'All lines', config: '' },
    { title: 'Without the process', config: 'pid_key: ""' },
  ],
  outputs: () => [{ port: undefined, types: ['log'] }],
  acknowledges: false,
  build: (config, context) => new InternalLogs(config, context),
});

class InternalLogs implements Source {
  readonly #context: SourceContext;
  readonly #writer: FieldWriter;
  readonly #received: Throughput;
  readonly #receivedBytes: Counter;
  readonly #dropped: Counter;
  readonly #unfollow: () => void;
  #queue: LogRecord[] = [];
  #queuedBytes = 0;
  /** Set while there is nothing to send. */
  #wake: (() => void) | undefined;

  /** Follows from the moment it is built, so that no line between that and its start is missed. */
  constructor(config: ConfigOf<typeof options>, context: SourceContext) {
    const { id, type, globals, logNamespace } = context;
    const { logSchema } = globals;
    this.#context = context;
    this.#writer = fieldWriter({ id, type, logSchema, logNamespace }, [
      {
        name: ['host'],
        legacyKey: keyOrElse(config.host_key, logSchema.host),
        mode: 'overwrite',
        value: globals.hostname,
      },
      { name: ['pid'], legacyKey: keyOrElse(config.pid_key, undefined), mode: 'overwrite', value: process.pid },
    ]);
    this.#received = Throughput.received(context);
    this.#receivedBytes = context.counter(componentReceivedBytes, { protocol: 'internal' });
    this.#dropped = dropCounter(context, 'The pipeline is busy and the queue of log lines is full.', false);
    context.owns('log lines', { bytes: () => this.#queuedBytes });
    this.#unfollow = context.log.tap?.follow((record) => this.#take(record)) ?? (() => {});
  }

  async run(output: Output, stop: AbortSignal): Promise<void> {
    if (stop.aborted) return this.#unfollow();
    const over = aborted(stop).then(() => this.#wake?.());
    for (;;) {
      while (this.#queue.length > 0) await this.#send(output);
      if (stop.aborted) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (stop.aborted || this.#queue.length > 0) resolve();
      });
      this.#wake = undefined;
    }
    this.#unfollow();
    await over;
  }

  #take(record: LogRecord): void {
    const bytes = sizeOfRecord(record);
    if (this.#queue.length >= QUEUED_MAX || this.#queuedBytes + bytes > QUEUED_BYTES_MAX) {
      this.#dropped.add(1);
      return;
    }
    this.#queue.push(record);
    this.#queuedBytes += bytes;
    this.#wake?.();
  }

  /** Sends what waits, as much as belongs into one batch. */
  #send(output: Output): Promise<void> | undefined {
    const { clock, globals } = this.#context;
    const records = this.#queue.splice(0, globals.chunkSizeEvents);
    const now = clock.now();
    const events: LogEvent[] = [];
    for (const record of records) {
      this.#queuedBytes -= sizeOfRecord(record);
      const event = eventOf(record);
      this.#writer.enrich(event, now, -1);
      events.push(event);
    }
    const batch = logBatch(events);
    this.#receivedBytes.add(batch.sizeBytes);
    this.#received.add(batch.count, batch.sizeBytes);
    return output.send(batch);
  }
}

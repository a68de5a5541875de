// Appends events to files, whose path may be made of the event.

import { compression } from '../../codecs/compression/options.ts';
import { ByteSink } from '../../codecs/encoding/byte_sink.ts';
import { batchEncoder, EncodeError } from '../../codecs/encoding/encoding.ts';
import { encoding } from '../../codecs/encoding/options.ts';
import { framing } from '../../codecs/framing_encode/options.ts';
import { confinePath } from '../../codecs/template/confinement.ts';
import { template, unconfinedTemplates } from '../../codecs/template/options.ts';
import { RenderError, type Renderer, staticText } from '../../codecs/template/template.ts';
import { acknowledgements } from '../../component/common_options.ts';
import type { SinkContext } from '../../component/context.ts';
import { defineSink, type Sink } from '../../component/define.ts';
import { encodeFailed } from '../../component/stream_sink.ts';
import { type Batch, estimatedBytes, finish } from '../../event/batch.ts';
import type { Event, EventType } from '../../event/event.ts';
import type { Status } from '../../event/finalizer.ts';
import { DEFAULT_LOG_SCHEMA } from '../../event/log_schema.ts';
import { namedByOffset, namedZone } from '../../event/timezone.ts';
import { bool, type ConfigOf, object, ParseProblem, parsed, string, uint } from '../../schema/schema.ts';
import { systemClock } from '../../std/clock.ts';
import { Throughput } from '../../telemetry/component_metrics.ts';
import { OpenFiles } from './open_files.ts';

const options = {
  acknowledgements: acknowledgements(),
  base_dir: string('The folder that all files must lie in; relative paths are taken from it.', {
    optional: true,
    syntax: 'path',
    examples: ['/var/log/sluice'],
  }),
  compression: compression(['none', 'gzip', 'zstd']),
  dangerously_allow_unconfined_template_resolution: unconfinedTemplates(),
  encoding: encoding(),
  framing: framing(),
  idle_timeout_secs: uint('How long a file stays open while nothing is written to it.', {
    default: 30,
    unit: 'seconds',
  }),
  internal_metrics: object('What metrics about this sink tell.', {
    include_file_tag: bool('Whether metrics have the path of the file as a label.', { default: false }),
  }),
  path: template('The path of the file, which may be a template.', {
    examples: ['/tmp/sluice-%Y-%m-%d.log', '/var/log/apps/{{ application_id }}.log'],
  }),
  timezone: parsed(
    string('The time zone of times in the path: an IANA name, or `local`.', {
      optional: true,
      examples: ['local', 'America/New_York'],
    }),
    (name) =>
      namedZone(name) ?? new ParseProblem(`\`${name}\` is not a time zone; use a name such as \`Europe/Berlin\``),
  ),
  truncate: object('When a file is emptied before more is written to it.', {
    after_close_time_secs: uint('When this long has passed since it was closed.', {
      optional: true,
      min: 1,
      unit: 'seconds',
    }),
    after_modified_time_secs: uint('When this long has passed since it was last written.', {
      optional: true,
      min: 1,
      unit: 'seconds',
    }),
    after_secs: uint('When this long has passed since it was made or last emptied, open or not.', {
      optional: true,
      min: 1,
      unit: 'seconds',
    }),
  }),
} as const;

type FileSinkConfig = ConfigOf<typeof options>;

export const sink = defineSink({
  type: 'file',
  status: 'stable',
  summary: 'Output observability events into files.',
  options,
  examples: [
    {
      title: 'One file a day',
      config: 'path: /var/log/sluice/events-%Y-%m-%d.log\nencoding:\n  codec: text',
    },
    {
      title: 'One compressed file for each application',
      config: 'path: /var/log/apps/{{ app }}.json.gz\ncompression: gzip\nencoding:\n  codec: json',
    },
  ],
  inputs: (config) => encoderOf(config, { logSchema: DEFAULT_LOG_SCHEMA, clock: systemClock }).accepts,
  build: (config, context) => new FileSink(config, context),
});

function encoderOf(config: FileSinkConfig, context: Parameters<typeof batchEncoder>[3]) {
  return batchEncoder(config.encoding, config.framing, 'stream', context);
}

/** Buffers kept for the next batch. */
const SPARE_BUFFERS_MAX = 8;
const SPARE_BYTES_MAX = 1_048_576;

/** What goes into one file. */
interface Portion {
  readonly bytes: ByteSink;
  events: number;
}

class FileSink implements Sink {
  readonly #context: SinkContext;
  readonly #files: OpenFiles;
  readonly #encoder;
  readonly #render: Renderer;
  readonly #rendering;
  /** The path, when it is the same for all events. */
  readonly #path: string | undefined;
  readonly #sent: Throughput;
  readonly #spare: ByteSink[] = [];

  constructor(config: FileSinkConfig, context: SinkContext) {
    const { logSchema } = context.globals;
    this.#context = context;
    this.#encoder = encoderOf(config, { logSchema, clock: context.clock });
    this.#path = staticText(config.path);
    this.#render = confinePath(config.path, {
      unconfined: config.dangerously_allow_unconfined_template_resolution,
      ...(config.base_dir === undefined ? {} : { baseDir: config.base_dir }),
    });
    this.#rendering = {
      logSchema,
      clock: context.clock,
      ...(config.timezone ? { zone: namedByOffset(config.timezone) } : {}),
    };
    this.#sent = Throughput.sent(context);
    this.#files = new OpenFiles(context, {
      compression: config.compression,
      idleMs: config.idle_timeout_secs * 1000,
      truncate: config.truncate,
      labelled: config.internal_metrics.include_file_tag,
    });
  }

  get frameForm() {
    return this.#path === undefined ? undefined : this.#encoder.frameForm;
  }

  write(batch: Batch): Promise<void> {
    const range = this.#path === undefined ? undefined : this.#encoder.passThrough(batch);
    return range ? this.#writeRange(batch, this.#path!, range) : this.#writeEncoded(batch);
  }

  async end(abort?: AbortSignal): Promise<void> {
    await this.#files.end(abort);
  }

  /** The bytes of the batch go into the file from where they lie. */
  async #writeRange(batch: Batch, path: string, range: Buffer): Promise<void> {
    const settle = this.#settler(batch, batch.count);
    await this.#files.append(path, range, batch.count, settle);
    finish(batch);
  }

  async #writeEncoded(batch: Batch): Promise<void> {
    const { portions, status } = this.#encode(batch);
    const settlers = [...portions].map(([, { events }]) => this.#settler(batch, events));
    finish(batch, status);
    for (const [index, [path, { bytes, events }]] of [...portions].entries()) {
      await this.#files.append(path, bytes.view(), events, settlers[index]!);
      this.#keep(bytes);
    }
  }

  /** Takes a hold on the batch for the events of one file; the function says what became of them. */
  #settler(batch: Batch, events: number): (status: Status) => void {
    const finalizer = batch.finalizer.retain();
    const bytes = batch.count === 0 ? 0 : Math.round((estimatedBytes(batch) * events) / batch.count);
    return (status) => {
      if (status === 'delivered') this.#sent.add(events, bytes);
      finalizer.release(status);
    };
  }

  #encode(batch: Batch): { portions: Map<string, Portion>; status: Status } {
    const portions = new Map<string, Portion>();
    const portionOf = (path: string): Portion => {
      let portion = portions.get(path);
      if (!portion) portions.set(path, (portion = { bytes: this.#spare.pop() ?? new ByteSink(), events: 0 }));
      return portion;
    };
    if (this.#path !== undefined) {
      const portion = portionOf(this.#path);
      portion.events = this.#encoder.encode(batch, portion.bytes, (_, error) => this.#dropped(error));
      return { portions, status: portion.events < batch.count ? 'rejected' : 'delivered' };
    }
    let status: Status = 'delivered';
    const events: readonly Event[] = batch.kind === 'raw' ? batch.layout.decode(batch) : batch.events;
    for (const event of events) if (!this.#encodeOne(event, batch.type, portionOf)) status = 'rejected';
    return { portions, status };
  }

  #encodeOne(event: Event, type: EventType, portionOf: (path: string) => Portion): boolean {
    const path = this.#render(event, type, this.#rendering);
    if (path instanceof RenderError) {
      this.#context.faults.error('A template cannot be used for an event', {
        type: path.type,
        stage: 'processing',
        fields: { error: path.message },
      });
      this.#context.faults.discarded(1, path.type, false);
      return false;
    }
    const portion = portionOf(path);
    try {
      this.#encoder.append(event, type, portion.bytes);
      portion.events += 1;
      return true;
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      this.#dropped(error);
      return false;
    }
  }

  #dropped(error: EncodeError): void {
    encodeFailed(this.#context, error);
  }

  #keep(bytes: ByteSink): void {
    bytes.clear();
    if (this.#spare.length < SPARE_BUFFERS_MAX && bytes.capacity <= SPARE_BYTES_MAX) this.#spare.push(bytes);
  }
}

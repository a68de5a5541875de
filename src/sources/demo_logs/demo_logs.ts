// Generates made-up log lines, for demonstrations and tests.

import { decoding } from '../../codecs/decoding/options.ts';
import { FramingError } from '../../codecs/framing/framing.ts';
import { messageFraming } from '../../codecs/framing/options.ts';
import type { SourceContext } from '../../component/context.ts';
import { defineSource, type Output } from '../../component/define.ts';
import { EventCollector } from '../../component/event_collector.ts';
import { decodedTypes, sourceCodec } from '../../component/source_codec.ts';
import { fieldWriter } from '../../component/source_fields.ts';
import type { StreamCodec } from '../../component/stream/stream.ts';
import { Finalizer } from '../../event/finalizer.ts';
import { array, bool, float, string, uint, variants } from '../../schema/schema.ts';
import { sleep } from '../../std/clock.ts';
import { componentReceivedBytes, Throughput } from '../../telemetry/component_metrics.ts';
import { type LineMaker, lineMaker } from './lines.ts';

/** Vector's default: the largest number it knows. */
const COUNT_MAX = 2 ** 63;

const options = variants(
  'Generate fake log events, which can be useful for testing and demos.',
  'format',
  {
    apache_common: {},
    apache_error: {},
    bsd_syslog: {},
    json: {},
    shuffle: {
      lines: array(string('A line.'), 'The lines to choose from at random.', {
        examples: [['line1', 'line2']],
        validate: (lines) => (lines.length > 0 ? undefined : 'name at least one line'),
      }),
      sequence: bool('Whether each line begins with its number.', { default: false }),
    },
    syslog: {},
  },
  {
    count: uint('How many lines are made in all.', { default: COUNT_MAX, unit: 'lines' }),
    decoding: decoding(),
    framing: messageFraming(),
    interval: float('Seconds between two lines; 0 for as fast as they are taken.', {
      default: 1,
      unit: 'seconds',
      aliases: ['batch_interval'],
      validate: (seconds) => (seconds >= 0 ? undefined : 'must not be below 0'),
    }),
  },
  {
    tagDoc: 'What the lines look like.',
    tagAliases: { rfc3164: 'bsd_syslog', rfc5424: 'syslog' },
    unknown: 'warn',
  },
);

export const source = defineSource({
  type: 'demo_logs',
  status: 'stable',
  summary: 'Generate fake log events, which can be useful for testing and demos.',
  options,
  examples: [
    { title: 'Access logs, two a second', config: 'format: apache_common\ninterval: 0.5' },
    {
      title: 'A thousand JSON lines at once',
      config: 'format: json\ncount: 1000\ninterval: 0\ndecoding:\n  codec: json',
    },
    { title: 'Lines of your own, numbered', config: 'format: shuffle\nsequence: true\nlines: ["foo", "bar"]' },
  ],
  outputs: (config) => [{ port: undefined, types: decodedTypes(config.decoding) }],
  acknowledges: false,
  build(config, context) {
    const codec = sourceCodec(config.decoding, config.framing, 'message', context);
    const line = lineMaker(config, context.random);
    const { count, interval } = config;
    return { run: (output, stop) => generate(context, codec, line, { count, interval }, output, stop) };
  },
});

/** Lines made in one go, when time allows for more than one. */
const LINES_MAX = 1000;

async function generate(
  context: SourceContext,
  codec: StreamCodec,
  line: LineMaker,
  { count, interval }: { readonly count: number; readonly interval: number },
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  const { clock } = context;
  const lines = new Lines(context, codec, line);
  const startMs = clock.monotonic();
  const intervalMs = interval * 1000;
  for (let made = 0; made < count && !stop.aborted; ) {
    // Whatever is due by now, the first one at once; ticks that were missed are made up for.
    const due = intervalMs === 0 ? count : Math.floor((clock.monotonic() - startMs) / intervalMs) + 1;
    for (const end = Math.min(made + LINES_MAX, due, count); made < end; made++) lines.make(made);
    for (const batch of lines.take()) await output.send(batch);
    // Others get their turn, a stop as well, even when nobody makes us wait.
    if (made < due) await new Promise((resolve) => setImmediate(resolve));
    else if (made < count) await sleep(clock, startMs + made * intervalMs - clock.monotonic(), stop);
  }
}

/** Makes lines and decodes them. */
class Lines {
  readonly #context: SourceContext;
  readonly #line: LineMaker;
  readonly #codec: StreamCodec;
  readonly #collector: EventCollector;
  readonly #received: Throughput;
  #frames;

  constructor(context: SourceContext, codec: StreamCodec, line: LineMaker) {
    const { globals, id, type, logNamespace } = context;
    this.#context = context;
    this.#line = line;
    this.#codec = codec;
    const mode = 'insert_if_empty' as const;
    const writer = fieldWriter({ id, type, logNamespace, logSchema: globals.logSchema }, [
      { name: ['service'], legacyKey: { target: 'event', segments: ['service'] }, mode, value: 'vector' },
      { name: ['host'], legacyKey: globals.logSchema.host, mode, value: 'localhost' },
    ]);
    this.#collector = new EventCollector(context, codec.decoder, writer);
    this.#received = Throughput.received(context);
    // Nothing comes from outside; the series exists all the same.
    context.counter(componentReceivedBytes, { protocol: 'none' }).add(0);
    this.#frames = this.#newFrames();
  }

  make(number: number): void {
    const bytes = Buffer.from(this.#line(number, this.#context.clock.now()));
    const onFrame = (frame: Buffer): void => void this.#collector.frame(frame, -1);
    try {
      this.#frames.push(bytes, onFrame);
      this.#frames.end(onFrame);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#frames = this.#newFrames();
      this.#context.faults.error('Failed framing bytes.', {
        type: 'parser_failed',
        stage: 'processing',
        code: 'decoder_frame',
        fields: { error: error.message },
      });
    }
  }

  /** The batches made since the last call. */
  take() {
    const batches = this.#collector.take(() => new Finalizer());
    for (const { count, sizeBytes } of batches) this.#received.add(count, sizeBytes);
    return batches;
  }

  #newFrames() {
    return this.#codec.frames((reason, length) => this.#context.faults.discarded(1, reason, false, { length }));
  }
}

// The components of a compared pipeline: those that segments are made of, and those that a test puts around them: a
// source that sends what it is given, sinks that keep what they write, transforms that are no part of a segment.

import { toTagged } from '../../src/cli/tagged.ts';
import { batchEncoder } from '../../src/codecs/encoding/encoding.ts';
import { encoding } from '../../src/codecs/encoding/options.ts';
import { framing } from '../../src/codecs/framing_encode/options.ts';
import {
  defineSink,
  defineSource,
  defineTransform,
  type Output,
  type Sink,
  type SinkDefinition,
  type Source,
  type SourceDefinition,
  type TransformDefinition,
} from '../../src/component/define.ts';
import { type RequestLimits, requestLimits } from '../../src/component/request_options.ts';
import { requestSink } from '../../src/component/request_sink.ts';
import { streamSink } from '../../src/component/stream_sink.ts';
import { type Batch, decode, finish, type LogBatch } from '../../src/event/batch.ts';
import { isObject } from '../../src/event/value.ts';
import { uint } from '../../src/schema/schema.ts';
import { sink as blackhole } from '../../src/sinks/blackhole/blackhole.ts';
import { transform as exclusiveRoute } from '../../src/transforms/exclusive_route/exclusive_route.ts';
import { transform as filter } from '../../src/transforms/filter/filter.ts';
import { transform as logToMetric } from '../../src/transforms/log_to_metric/log_to_metric.ts';
import { transform as metricToLog } from '../../src/transforms/metric_to_log/metric_to_log.ts';
import { transform as remap } from '../../src/transforms/remap/remap.ts';
import { transform as route } from '../../src/transforms/route/route.ts';

export interface Definitions {
  readonly source: SourceDefinition<unknown>;
  readonly transforms: ReadonlyMap<string, TransformDefinition<unknown>>;
  readonly sinks: ReadonlyMap<string, SinkDefinition<unknown>>;
}

/** What came to the sinks. */
export class Kept {
  /** By sink: pieces of a stream of bytes, bodies of requests, or events. */
  readonly pieces = new Map<string, Buffer[]>();
  /** Events that came to sinks as frames that were encoded before. */
  encodedEvents = 0;

  add(id: string, piece: Buffer): void {
    const pieces = this.pieces.get(id);
    if (pieces) pieces.push(piece);
    else this.pieces.set(id, [piece]);
  }

  see(batch: Batch): void {
    if (batch.kind === 'raw' && batch.layout.form === 'json') this.encodedEvents += batch.count;
  }
}

/** A source that sends what `send` is given, until `end`. */
export class Feed implements Source {
  readonly #end = Promise.withResolvers<void>();
  #output: Output | undefined;

  run(output: Output, stop: AbortSignal): Promise<void> {
    this.#output = output;
    stop.addEventListener('abort', () => this.end());
    return this.#end.promise;
  }

  send(batch: Batch): Promise<void> | undefined {
    return this.#output!.send(batch);
  }

  end(): void {
    this.#end.resolve();
  }
}

const about = { status: 'stable', summary: 'A component of a test.', examples: [] } as const;

/** Definitions of components that stand around what is compared, and what they are to work with in the present run. */
export class Parts {
  feed = new Feed();
  kept = new Kept();
  /** With segments off, no component says what it does to one event or wants frames. */
  readonly #on: Definitions;
  readonly #off: Definitions;

  constructor() {
    const kept = () => this.kept;
    const source = feedSource(() => this.feed) as SourceDefinition<unknown>;
    const transforms = [remap, filter, route, exclusiveRoute, logToMetric, metricToLog, numbering, passing].map(
      anyTransform,
    );
    const sinks = [blackhole, stream(kept), requests(kept), events(kept)].map(anySink);
    this.#on = { source, transforms: byType(transforms), sinks: byType(sinks) };
    this.#off = {
      source,
      transforms: byType(transforms.map(withoutSteps)),
      sinks: byType(sinks.map(withoutForms)),
    };
  }

  /** Begins a run. */
  definitions(segments: boolean): Definitions {
    this.feed = new Feed();
    this.kept = new Kept();
    return segments ? this.#on : this.#off;
  }
}

function feedSource(feed: () => Feed) {
  return defineSource({
    ...about,
    type: 'feed',
    options: {},
    acknowledges: true,
    outputs: () => [{ port: undefined, types: ['log'] }],
    build: feed,
  });
}
/** As in a registry: what parses a configuration makes sure that it fits. */
function anyTransform(definition: unknown): TransformDefinition<unknown> {
  return definition as TransformDefinition<unknown>;
}

function anySink(definition: unknown): SinkDefinition<unknown> {
  return definition as SinkDefinition<unknown>;
}

function byType<D extends { readonly type: string }>(definitions: readonly D[]): ReadonlyMap<string, D> {
  return new Map(definitions.map((one) => [one.type, one]));
}

function withoutSteps(definition: TransformDefinition<unknown>): TransformDefinition<unknown> {
  return {
    ...definition,
    async build(config, context) {
      const { step: _, taker: __, ...rest } = await definition.build(config, context);
      return rest;
    },
  };
}

function withoutForms(definition: SinkDefinition<unknown>): SinkDefinition<unknown> {
  return {
    ...definition,
    async build(config, context) {
      return { ...(await definition.build(config, context)), frameForm: undefined };
    },
  };
}

/** Keeps a number from one event to the next. */
const numbering = defineTransform({
  ...about,
  type: 'numbering',
  options: {},
  writes: true,
  inputs: () => ['log'],
  outputs: () => [{ port: undefined, types: ['log'] }],
  build() {
    let number = 0;
    return {
      process(batch, emit) {
        for (const event of (batch as LogBatch).events) {
          number += 1;
          if (isObject(event.value)) event.value['number'] = number;
        }
        emit(batch);
      },
    };
  },
});

/** Passes on what it is given as it is, raw or not. */
const passing = defineTransform({
  ...about,
  type: 'passing',
  options: {},
  inputs: () => ['log'],
  outputs: () => [{ port: undefined, types: ['log'] }],
  build: () => ({ process: (batch, emit) => emit(batch) }),
});

/** Writes a stream. */
function stream(kept: () => Kept) {
  return defineSink({
    ...about,
    type: 'stream',
    options: { encoding: encoding(), framing: framing() },
    inputs: () => ['log'],
    build(config, context) {
      const { clock, globals } = context;
      const encoder = batchEncoder(config.encoding, config.framing, 'stream', { logSchema: globals.logSchema, clock });
      const writer = {
        write(piece: { readonly bytes: Uint8Array; done(written: boolean): void }) {
          kept().add(context.id, Buffer.from(piece.bytes));
          piece.done(true);
          return undefined;
        },
        async end() {},
      };
      return watched(streamSink(context, encoder, writer, 'test'), kept());
    },
  });
}

/** Sends bodies of so many events or bytes. */
function requests(kept: () => Kept) {
  return defineSink({
    ...about,
    type: 'requests',
    options: {
      encoding: encoding(),
      framing: framing(),
      request: requestLimits(),
      max_events: uint('Most events.', { optional: true }),
      max_bytes: uint('Most bytes.', { optional: true }),
    },
    inputs: () => ['log'],
    build({ max_events, max_bytes, request, ...config }, context) {
      const { clock, globals } = context;
      const encoder = batchEncoder(config.encoding, config.framing, 'message', { logSchema: globals.logSchema, clock });
      const sink = requestSink(context, {
        batch: { max_events, max_bytes, timeout_secs: 1 },
        request: request as RequestLimits,
        measure: 'encoded',
        route: { key: '', value: '' },
        frameForm: encoder.frameForm,
        encoder: () => encoder,
        finishBody: (body) => body,
        send(given) {
          kept().add(context.id, Buffer.concat([Buffer.from(`${given.events}:`), given.body, Buffer.from('|')]));
          return Promise.resolve({ outcome: 'delivered' });
        },
        protocol: 'test',
      });
      return watched(sink, kept());
    },
  });
}

/** Looks at events, metadata included. */
function events(kept: () => Kept) {
  return defineSink({
    ...about,
    type: 'events',
    options: {},
    inputs: () => ['log'],
    build: (_, { id }) => ({
      write(batch) {
        const decoded = decode(batch) as LogBatch;
        for (const { value, metadata } of decoded.events) {
          const { value: own, ...rest } = metadata;
          kept().add(id, Buffer.from(`${JSON.stringify([toTagged(value), toTagged(own), rest], sorted)}\n`));
        }
        finish(decoded);
        return undefined;
      },
      async end() {},
    }),
  });
}

function watched(sink: Sink, kept: Kept): Sink {
  return {
    ...sink,
    write(batch) {
      kept.see(batch);
      return sink.write(batch);
    },
  };
}

/** The order of members means nothing. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

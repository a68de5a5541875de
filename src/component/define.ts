// How a component is defined: its name, its options with their documentation, what goes in and comes out, and how it is
// built. Registry, reference pages, JSON Schema and checks are all made from these definitions.

import type { FrameForm } from '../codecs/encoding/encoding.ts';
import type { Step, Taker } from '../engine/segment/step.ts';
import type { Batch } from '../event/batch.ts';
import type { EventType } from '../event/event.ts';
import { type ConfigOf, type Fields, type Option, object, type Problem } from '../schema/schema.ts';
import type { SinkContext, SourceContext, TransformContext } from './context.ts';
import type { ProgramSurroundings } from './programs.ts';

export type Stability = 'stable' | 'beta' | 'experimental' | 'deprecated';

/** An output of a source or transform: `port` is undefined for the default one, named `<component>`. */
export interface OutputDefinition {
  readonly port: string | undefined;
  readonly types: readonly EventType[];
}

/** Something only one component of the process may use, as `tcp:127.0.0.1:9000` or `fd:0`. */
export type Resource = string;

export interface Example {
  readonly title: string;
  /** YAML of the component's own options, without `type` and `inputs`. */
  readonly config: string;
}

interface Definition<C> {
  /** Vector's name. */
  readonly type: string;
  readonly status: Stability;
  /** One sentence. */
  readonly summary: string;
  readonly options: Option<C>;
  readonly examples: readonly Example[];
  /** The options that `generate` writes, where they are others than those required or with a default. */
  readonly sample?: Readonly<Record<string, unknown>>;
  /** Resources it claims; two components that claim the same one are a configuration error. */
  readonly resources?: (config: C) => readonly Resource[];
  /**
   * What is wrong with a configuration whose options are right each on its own, with the surroundings known: programs
   * that do not compile. Paths lead from the component's options.
   */
  readonly verify?: (config: C, surroundings: ProgramSurroundings) => readonly Problem[];
  /** Files whose content is as good as configuration: they are watched, and another content is another component. */
  readonly files?: (config: C) => readonly string[];
}

/** Takes batches from a source. A returned promise is backpressure: wait for it before sending more. */
export interface Output {
  /** Hands on the hold of `batch`. The port is undefined for the default output. */
  send(batch: Batch, port?: string): Promise<void> | undefined;
}

export interface Source {
  /**
   * Reads until `stop` aborts or the input is over, then resolves; everything it read was sent, and the resources it
   * claimed are free. It does not wait for acknowledgements. A rejection is the end of the whole process: only for what
   * cannot be lived with. Called with an aborted `stop` when another component could not be built: let go at once.
   */
  run(output: Output, stop: AbortSignal): Promise<void>;
  /** After everything sent was delivered, or the time for it was over: answer last peers, write last positions. */
  close?(): Promise<void>;
}

export interface SourceDefinition<C = unknown> extends Definition<C> {
  readonly outputs: (config: C) => readonly OutputDefinition[];
  /** Whether it can wait for delivery before it answers. */
  readonly acknowledges: boolean;
  build(config: C, context: SourceContext): Source | Promise<Source>;
}

/** A promise is backpressure, and never rejects; most have nothing to say. */
export type Wait = Promise<void> | undefined | void;

/**
 * Hands on the hold of a batch. The port is undefined for the default output. Who emits from a timer waits for what is
 * returned before it emits more; within `process` the topology does that.
 */
export type Emit = (batch: Batch, port?: string) => Wait;

export interface Transform {
  /**
   * Takes the hold of `batch`. What it emits keeps, shares or releases the batch's finalizer. Nothing more comes before
   * a returned promise resolves.
   */
  process(batch: Batch, emit: Emit): Wait;
  /** Called once before the first batch: timers may emit through it later. */
  start?(emit: Emit): void;
  /** The input is over: emit what is still held. */
  end?(emit: Emit): void;
  /**
   * What it does to one log event, so that it can be a part of a segment: for transforms that keep nothing from one
   * event to the next. Ports are those of the definition's `outputs`, in their order. Text says
   * why it cannot be one.
   */
  step?(): Step | string;
  /**
   * For transforms that make something else of log events and keep none: how a segment gives them events that are not
   * whole. Text says why they must be. What it makes goes to the first output.
   */
  taker?(): Taker | string;
  /**
   * Options from which another thread builds the same, where its own would not do: what was read from files is in them.
   */
  readonly recipe?: unknown;
}

export interface TransformDefinition<C = unknown> extends Definition<C> {
  readonly inputs: (config: C) => readonly EventType[];
  readonly outputs: (config: C, inputs: readonly EventType[]) => readonly OutputDefinition[];
  /**
   * Whether `process` needs the events for itself, because it writes them or sends them on under another finalizer. It
   * is then given decoded batches whose events nobody else sees, copied where others hold them (`ownEvents`). Otherwise
   * batches come as they are, raw ones too, and are read-only; a raw batch is not kept beyond the call.
   */
  readonly writes?: boolean;
  build(config: C, context: TransformContext): Transform | Promise<Transform>;
}

export interface Sink {
  /**
   * The form of frames of which it takes ranges as they are, whatever is in the events; `discard` when it never looks
   * at any.
   */
  readonly frameForm?: FrameForm | 'discard' | undefined;
  /** Takes the hold of `batch`. Resolves when the sink takes more; never rejects: failures end in the finalizer. */
  write(batch: Batch): Promise<void> | undefined;
  /**
   * The input is over: resolves when everything taken was delivered, refused or given up. Called once. When `abort`
   * aborts, the time is over (it may be already, with a `write` still pending): what is left is finished as `errored`
   * at once.
   */
  end(abort?: AbortSignal): Promise<void>;
  /** Rejects with the reason when the other side does not answer as it should. */
  healthcheck?(stop: AbortSignal): Promise<void>;
}

export interface SinkDefinition<C = unknown> extends Definition<C> {
  readonly inputs: (config: C) => readonly EventType[];
  build(config: C, context: SinkContext): Sink | Promise<Sink>;
}

/** Options as bare fields, or as one option where members depend on each other (`variants`). */
type Written<D, C, F> = Omit<D, 'options' | keyof Functions<C>> & { readonly options: F } & Functions<C>;

/** Placeholder for the members whose parameter is the configuration: they are typed by the caller's definition. */
type Functions<C> = {
  readonly resources?: (config: C) => readonly Resource[];
  readonly verify?: (config: C, surroundings: ProgramSurroundings) => readonly Problem[];
  readonly files?: (config: C) => readonly string[];
};

function optionOf<F extends Fields | Option<unknown>>(options: F, summary: string): Option<ConfigOf<F>> {
  const isOption = 'schema' in options && 'info' in options && typeof options['doc'] === 'string';
  return (isOption ? options : object(summary, options as Fields)) as Option<ConfigOf<F>>;
}

export function defineSource<const F extends Fields | Option<unknown>>(
  definition: Written<SourceDefinition<ConfigOf<F>>, ConfigOf<F>, F>,
): SourceDefinition<ConfigOf<F>> {
  return { ...definition, options: optionOf(definition.options, definition.summary) };
}

export function defineTransform<const F extends Fields | Option<unknown>>(
  definition: Written<TransformDefinition<ConfigOf<F>>, ConfigOf<F>, F>,
): TransformDefinition<ConfigOf<F>> {
  return { ...definition, options: optionOf(definition.options, definition.summary) };
}

export function defineSink<const F extends Fields | Option<unknown>>(
  definition: Written<SinkDefinition<ConfigOf<F>>, ConfigOf<F>, F>,
): SinkDefinition<ConfigOf<F>> {
  return { ...definition, options: optionOf(definition.options, definition.summary) };
}

// A segment: stateless components between a raw batch and the consumers behind them, run in one pass over the frames.
//
//   frame ─► partial event ─► step ─┬─► step ─► leaf: JSON frames in a slot, for a sink that passes them through
//                                   └─► leaf: events
//
// What an event is at each place (`form` of a node): the text of its message with the fields of the batch around it, a
// JSON object of which some members were read, or whole. The tree decides before any data comes; an event that does not
// fit (text that is no JSON, JSON the kernel cannot write again exactly) goes on whole, through the same steps.

import type { CommonFields, RawBatch, RawLayout, SyslogFields } from '../../event/batch.ts';
import type { Finalizer } from '../../event/finalizer.ts';
import type { Segment as PathSegment } from '../../event/path.ts';
import type { Value } from '../../event/value.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { TextKernel } from '../kernels/text_kernel.ts';
import { needsOf, readFieldsOf } from '../plan/plan.ts';
import { fieldsOf, type KnownFields } from './fields.ts';
import type { OutputSlots } from './frame_writer.ts';
import { EDIT_TEXT_BYTES, JsonBase, type JsonTools } from './json_base.ts';
import { JsonMerge } from './json_merge.ts';
import { type Leaf, type LeafForm, leafOf, type Taken } from './leaf.ts';
import { othersOf, PartialEvent, wholeEvent } from './partial_event.ts';
import { RegexBase } from './regex_base.ts';
import { type Keeping, SEVERAL, type Step, type TextReplacement } from './step.ts';
import { SyslogBase } from './syslog_base.ts';
import { isText, TextBase, type TextField, type TextFields, textFields } from './text_base.ts';

/** What a segment does, as the planner cut it. */
export type Branch =
  | {
      readonly kind: 'step';
      readonly step: Step;
      readonly index: number;
      readonly ports: readonly (readonly Branch[])[];
    }
  | { readonly kind: 'leaf'; readonly form: LeafForm; readonly index: number };

/** What a thread gives its segments. */
export interface SegmentTools {
  readonly kernels: Kernels;
  readonly memory: Buffer;
  readonly slots: OutputSlots;
}

/** What became of a batch. */
export interface SegmentResult {
  /** By index of the leaf. */
  readonly leaves: readonly LeafResult[];
  /** Events that steps were given, by index; and those they passed on, by index and port. */
  readonly received: readonly number[];
  readonly sent: readonly (readonly number[])[];
  /** Holds of batches before, the caller's: what came out stands under them too, as under that of this batch. */
  readonly holds: readonly Finalizer[];
}

export interface LeafResult extends Taken {
  /** Why events could not be encoded. */
  readonly errors: readonly EncodingError[];
}

/** An event that is too deep for JSON, or too long for a text. */
export type EncodingError = { readonly message: string };

interface Running {
  readonly step: Step;
  readonly index: number;
  readonly ports: readonly (readonly Target[])[];
  /** The one target behind the first port, where there is one. */
  readonly only: Target | undefined;
  /** Reads the text that replaces the event, where that can be done in parts. */
  readonly reader: TextReader | undefined;
  readonly parsed: PartialEvent;
  /** Whether the kernel cannot follow the text after all: too many fields, or no room for more plans. */
  readonly isUntracked: boolean;
}

type TextReader = JsonBase | JsonMerge | SyslogBase | RegexBase;

type Target = { readonly leaf: Leaf; readonly form: LeafForm } | { readonly running: Running };

export class Segment {
  readonly #root: Target;
  readonly #fields: readonly TextField[] | undefined;
  /** Reads frames that are JSON. */
  readonly #json: JsonMerge | undefined;
  readonly #tools: JsonTools;
  /** Reads frames that are messages of syslog, those of the layout that came last. */
  #syslog: { readonly layout: RawLayout; readonly base: SyslogBase | undefined } | undefined;
  /** The batch of such frames that is being run. */
  #batch: RawBatch | undefined;
  readonly #memory: ArrayBufferLike;
  readonly #text: TextKernel;
  readonly #running: Running[] = [];
  /** Of the steps that keep something. */
  readonly #keeping: readonly Keeping[];
  readonly #leaves: Leaf[] = [];
  readonly #errors: EncodingError[][] = [];
  #received: number[] = [];
  #sent: number[][] = [];

  constructor(root: Branch, tools: SegmentTools) {
    this.#memory = tools.memory.buffer;
    this.#text = tools.kernels.text;
    const json = jsonTools(tools);
    this.#tools = json;
    this.#root = this.#build(root, tools, json);
    this.#keeping = this.#running.flatMap(({ step }) => step.keeping ?? []);
    const fields = fieldsOf(needsOf(root));
    this.#fields = textFields(fields);
    this.#json = 'fields' in fields ? new JsonMerge(fields, json) : undefined;
    this.#clear();
  }

  /** Runs on all frames of a batch. The caller keeps the hold on it. */
  run(batch: RawBatch): SegmentResult {
    const common = batch.layout.form === 'json' ? undefined : batch.layout.common(batch);
    for (const { begin } of this.#keeping) begin(batch.finalizer);
    if (isText(common) && this.#fields) this.#runText(batch, common, this.#fields);
    else if (common && batch.layout.form === 'json_text') this.#runJson(batch, common);
    else if (common?.syslog) this.#runSyslog(batch, common, common.syslog);
    else this.#runWhole(batch);
    for (const { step } of this.#running) step.settle?.();
    return this.#take();
  }

  #runText(batch: RawBatch, common: TextFields, fields: readonly TextField[]): void {
    if ('leaf' in this.#root && this.#root.leaf.addAll(batch, common)) return;
    const base = new TextBase(batch, common, fields, this.#text);
    // One event at a time is on its way through here, so that it may be the same object each time.
    const event = new PartialEvent();
    for (let index = 0; index < batch.count; index++) {
      if (!base.read(event, index)) event.be(batch.layout.decodeFrame(batch, index));
      this.#visit(this.#root, event);
    }
  }

  #runJson(batch: RawBatch, common: CommonFields): void {
    const { bytes } = batch.hold;
    const json = bytes.buffer === this.#memory ? this.#json : undefined;
    const others = othersOf(common);
    const event = new PartialEvent();
    for (let index = 0; index < batch.count; index++) {
      const start = bytes.byteOffset + batch.frames[2 * index]!;
      event.metadata = common.metadata;
      if (!json?.read(event, start, start + batch.frames[2 * index + 1]!, others))
        event.be(batch.layout.decodeFrame(batch, index));
      this.#visit(this.#root, event);
    }
  }

  #runSyslog(batch: RawBatch, common: CommonFields, syslog: SyslogFields): void {
    const { bytes } = batch.hold;
    const base = bytes.buffer === this.#memory ? this.#syslogOf(batch, common, syslog) : undefined;
    const event = new PartialEvent();
    for (let index = 0; index < batch.count; index++) {
      const start = bytes.byteOffset + batch.frames[2 * index]!;
      event.metadata = common.metadata;
      event.frame = index;
      if (!base?.read(event, start, start + batch.frames[2 * index + 1]!))
        event.be(batch.layout.decodeFrame(batch, index));
      this.#visit(this.#root, event);
    }
    this.#batch = undefined;
  }

  /** What reads messages with these fields around them: made once for each peer, and kept while it sends. */
  #syslogOf(batch: RawBatch, { fields }: CommonFields, syslog: SyslogFields): SyslogBase | undefined {
    this.#batch = batch;
    if (this.#syslog?.layout !== batch.layout) {
      const { bytes, text } = this.#tools;
      const wholeOf = ({ frame }: PartialEvent): Value => this.#batch!.layout.decodeFrame(this.#batch!, frame).value;
      const base = this.#fields && SyslogBase.of(this.#fields, bytes, text, { ...syslog, fields, wholeOf });
      this.#syslog = { layout: batch.layout, base };
    }
    return this.#syslog.base;
  }

  #runWhole(batch: RawBatch): void {
    const event = new PartialEvent();
    for (let index = 0; index < batch.count; index++) {
      event.be(batch.layout.decodeFrame(batch, index));
      this.#visit(this.#root, event);
    }
  }

  /** It is not used any more. */
  close(): void {
    this.#json?.close();
    for (const { reader } of this.#running) if (reader && 'close' in reader) reader.close();
  }

  /** Lets go of what came of a batch that could not be run to its end. */
  reset(): void {
    const { leaves, holds } = this.#take();
    for (const { written } of leaves) for (const { hold } of written) hold.release();
    for (const hold of holds) hold.release('rejected');
  }

  #visit(first: Target, firstGiven: PartialEvent): void {
    let target = first;
    let given = firstGiven;
    for (;;) {
      if ('leaf' in target) {
        target.leaf.add(given);
        return;
      }
      const { running } = target;
      const { step, index } = running;
      this.#received[index]! += 1;
      const parsed = step.replaces ? this.#parsed(running, given) : undefined;
      const event = parsed ?? given;
      const bits = parsed ? step.replaces!.text!.run(parsed, given) : step.run(given);
      const { only } = running;
      if (bits !== 1 || !only) {
        this.#goOn(running, event, bits);
        return;
      }
      // Components in a row, which is the usual case.
      this.#sent[index]![0]! += 1;
      target = only;
      given = event;
    }
  }

  #goOn({ index, ports }: Running, event: PartialEvent, bits: number): void {
    const sent = this.#sent[index]!;
    if (bits === SEVERAL) {
      const events = event.several!;
      sent[0]! += events.length;
      for (const one of events) this.#visitAll(ports[0]!, wholeEvent(one));
      return;
    }
    for (let port = 0, rest = bits; rest !== 0; port++, rest >>>= 1) {
      if ((rest & 1) === 0) continue;
      sent[port]! += 1;
      this.#visitAll(ports[port]!, rest === 1 ? event : event.fork());
    }
  }

  #visitAll(targets: readonly Target[], event: PartialEvent): void {
    const last = targets.length - 1;
    for (let i = 0; i < last; i++) this.#visit(targets[i]!, event.fork());
    if (last >= 0) this.#visit(targets[last]!, event);
  }

  /** What the text that replaces an event says. Undefined, and `event` whole, when it is for the ordinary way. */
  #parsed({ step: { replaces }, reader, parsed, isUntracked }: Running, event: PartialEvent): PartialEvent | undefined {
    if (!reader) {
      if (isUntracked) event.complete();
      return undefined;
    }
    const { base } = event;
    if (base instanceof TextBase && isMessage(base, replaces!.text!.path) && base.keepsMessage(event)) {
      parsed.metadata = event.metadata;
      const start = base.addressOf(event);
      const end = start + base.lengthOf(event);
      const { keepsOthers } = replaces!.text!;
      const others = keepsOthers ? base.othersOf(event) : undefined;
      if (start >= 0 && (others || !keepsOthers) && reader.read(parsed, start, end, others)) return parsed;
    }
    event.complete();
    return undefined;
  }

  #build(branch: Branch, tools: SegmentTools, json: JsonTools): Target {
    if (branch.kind === 'leaf') {
      const errors: EncodingError[] = [];
      const leaf = leafOf(branch.form, tools.slots, tools.kernels.text, (error) => void errors.push(error as Error));
      this.#leaves[branch.index] = leaf;
      this.#errors[branch.index] = errors;
      return { leaf, form: branch.form };
    }
    const { step, index } = branch;
    const ports = branch.ports.map((targets) => targets.map((target) => this.#build(target, tools, json)));
    const fields = readFieldsOf(branch);
    const reader = fields && readerOf(fields, step.replaces!.text!, json);
    const isUntracked = fields !== undefined && !reader;
    const only = ports[0]?.length === 1 ? ports[0][0] : undefined;
    const running = { step, index, ports, only, reader, parsed: new PartialEvent(), isUntracked };
    this.#running[index] = running;
    return { running };
  }

  #clear(): void {
    this.#received = this.#running.map(() => 0);
    this.#sent = this.#running.map(({ ports }) => ports.map(() => 0));
  }

  #take(): SegmentResult {
    const leaves = this.#leaves.map((leaf, index) => {
      const errors = this.#errors[index]!.splice(0);
      return { ...leaf.take(), errors };
    });
    const holds = this.#keeping.flatMap(({ departed }) => departed());
    const result = { leaves, received: this.#received, sent: this.#sent, holds };
    this.#clear();
    return result;
  }
}

function readerOf(fields: KnownFields, { format, pattern, keepsOthers }: TextReplacement, tools: JsonTools) {
  if (format === 'syslog') return SyslogBase.of(textFields(fields) ?? [], tools.bytes, tools.text);
  if (format === 'regex') return pattern === undefined ? undefined : RegexBase.of(pattern, fields, keepsOthers, tools);
  return keepsOthers ? new JsonMerge(fields, tools) : JsonBase.of(fields, tools);
}

function jsonTools({ kernels, memory }: SegmentTools): JsonTools {
  const end = kernels.scratch.offset + kernels.scratch.bytes;
  return {
    kernel: kernels.json,
    text: kernels.text,
    bytes: memory,
    editText: { start: end - EDIT_TEXT_BYTES, end },
    indexed: { base: undefined, start: 0 },
  };
}

function isMessage(base: TextBase, path: readonly PathSegment[]): boolean {
  return path.length === 1 && path[0] === base.common.messageKey;
}

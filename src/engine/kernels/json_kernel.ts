// Reads and writes JSON objects where they lie: the kernel finds the values of a few tracked members, the caller decides
// what becomes of them, and the object is written by copying ranges of its text.
//
//   track(paths) ─► plan        index(plan, start, end) ─► table: kind, start, end of each tracked member
//                                                          edits: keep, remove, set
//                               emit(out, capacity)     ─► the object as `stringifyJson` writes it, with the edits
//
// A text of which any part is not as `stringifyJson` would write it is COMPLEX: the ordinary parser is to read it. Only
// whitespace, the order of members, zeros behind a fraction and escapes in strings may be otherwise. `parseJson` and `stringifyJson` are the specification, a property test
// compares.

import { formatFloat } from '../../event/json.ts';
import { latin1Text } from '../../std/bytes.ts';
import { encodePlan, TrackedPaths, treeOfPaths } from './tracked_paths.ts';

/** What `index` returns when the text is no JSON: `parseJson` would throw. */
export const JSON_INVALID = 1;
/** What `index` returns when the ordinary parser has to look; it may find that the text is no JSON. */
export const JSON_COMPLEX = 2;

/** Kinds of values in the table. Strings of the first two kinds are their own text. */
export const JsonKind = {
  ABSENT: 0,
  NULL: 1,
  TRUE: 2,
  FALSE: 3,
  /** A whole number of at most 15 digits. */
  INTEGER: 4,
  NUMBER: 5,
  ASCII: 6,
  /** UTF-8 with other characters than ASCII and no escapes. */
  UNICODE: 7,
  /** UTF-8 with escapes of any kind: the inside of a JSON string. */
  ESCAPED: 8,
  OBJECT: 9,
  ARRAY: 10,
} as const;

/** What is to become of a member. */
export const JsonEdit = { KEEP: 0, REMOVE: 1, SET: 2 } as const;

/** What `emit` returns when the output might not fit, and when a member is there twice. */
export const EMIT_FULL = -1;
export const EMIT_COMPLEX = -2;

/** Bytes behind the output that may be overwritten; they count as part of the capacity. */
export const EMIT_SLACK_BYTES = 64;

/** Scratch space of a `JsonKernel`. */
export const JSON_SCRATCH_BYTES = 262_144;

/** Places in the scratch space; json_layout.ts of the assembly has the same. */
const TABLE = 0;
const EDITS = 768;
const DOUBTS = 1536;
const DOUBT_WORDS = 36;
const PLANS = 200_512;
const ROW_WORDS = 192;

/** What the module exports for this. */
export interface JsonKernelExports {
  jsonInit(scratch: number): void;
  jsonIndex(plan: number, start: number, end: number): number;
  jsonEmit(out: number, capacity: number): number;
}

export type { TrackedPaths } from './tracked_paths.ts';

export class JsonKernel {
  /** For node i the kind, start and end of its value, from 3 * i on: addresses, for strings without the quotes. */
  readonly table: Int32Array<ArrayBufferLike>;
  /**
   * For node i what becomes of it, from 3 * i on: an action, and for SET address and length of JSON text. That text must be
   * as `stringifyJson` writes it. `index` resets all to KEEP.
   */
  readonly edits: Int32Array<ArrayBufferLike>;
  readonly #exports: JsonKernelExports;
  readonly #bytes: Buffer;
  readonly #doubts: Int32Array<ArrayBufferLike>;
  readonly #plansFrom: number;
  readonly #plansTo: number;
  /** Plans in the memory, by address. */
  #plans: readonly TrackedPaths[] = [];
  #nothing: TrackedPaths | undefined;

  /** `offset` is where its scratch space begins, a multiple of 16. */
  constructor(memory: WebAssembly.Memory, exports: JsonKernelExports, offset: number) {
    this.#exports = exports;
    this.#bytes = Buffer.from(memory.buffer);
    this.table = new Int32Array(memory.buffer, offset + TABLE, ROW_WORDS);
    this.edits = new Int32Array(memory.buffer, offset + EDITS, ROW_WORDS);
    this.#doubts = new Int32Array(memory.buffer, offset + DOUBTS, DOUBT_WORDS);
    this.#plansFrom = offset + PLANS;
    this.#plansTo = offset + JSON_SCRATCH_BYTES;
    exports.jsonInit(offset);
  }

  /**
   * Prepares to find the members at these paths. Undefined when they are more than the kernel can follow: 64 nodes, names of
   * 255 bytes, 8 levels, or the room for plans; and for a path of no names.
   */
  track(paths: readonly (readonly string[])[]): TrackedPaths | undefined {
    const tree = treeOfPaths(paths);
    if (tree === undefined) return undefined;
    const address = this.#room(encodePlan(tree, 0).length);
    if (address === undefined) return undefined;
    const bytes = encodePlan(tree, address);
    this.#bytes.set(bytes, address);
    const plan = new TrackedPaths(tree, address, bytes.length);
    this.#plans = [...this.#plans, plan].sort((a, b) => a.address - b.address);
    return plan;
  }

  /** Gives back the room of a plan, which must not be used any more. */
  release(plan: TrackedPaths): void {
    this.#plans = this.#plans.filter((one) => one !== plan);
  }

  /** The first gap between plans that is large enough. */
  #room(bytes: number): number | undefined {
    let address = this.#plansFrom;
    for (const plan of this.#plans) {
      if (plan.address - address >= bytes) return address;
      address = plan.address + plan.sizeBytes;
    }
    return this.#plansTo - address >= bytes ? address : undefined;
  }

  /**
   * Reads the bytes [start, end) of the memory as one JSON text. 0 when they are an object that `emit` can write, else
   * JSON_INVALID or JSON_COMPLEX. They must stay as they are until it is written.
   */
  index(plan: TrackedPaths, start: number, end: number): number {
    const result = this.#exports.jsonIndex(plan.address, start, end);
    return result === 0 && this.#doubts[0] !== 0 ? this.#resolveDoubts() : result;
  }

  /** Whether `index` would give 0. */
  isObject(start: number, end: number): boolean {
    this.#nothing ??= this.track([]);
    return this.#nothing !== undefined && this.index(this.#nothing, start, end) === 0;
  }

  /** Numbers of which the kernel cannot tell whether their text is the shortest. */
  #resolveDoubts(): number {
    const count = this.#doubts[0]!;
    for (let i = 0; i < count; i++) {
      const text = latin1Text(this.#bytes, this.#doubts[4 + 2 * i]!, this.#doubts[5 + 2 * i]!);
      if (formatFloat(Number(text)) !== text) return JSON_COMPLEX;
    }
    return 0;
  }

  /**
   * Writes the object that was indexed last, edited, to `out`. Bytes written; EMIT_FULL when they and EMIT_SLACK_BYTES might
   * be more than `capacity`, where the text with all that is set is counted and nothing that is removed; EMIT_COMPLEX when
   * a member is there twice.
   */
  emit(out: number, capacity: number): number {
    return this.#exports.jsonEmit(out, capacity);
  }
}

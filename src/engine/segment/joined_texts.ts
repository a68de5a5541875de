// Events whose fields are texts that lie in memory, and events that several of them become: a field of that is a text of one of
// them, or those of all, one behind the other. Nothing is copied until it is written.
//
//   stdout P first part,⏎   ──► held: names, ranges ─┐
//   stdout F second part⏎   ──► held: names, ranges ─┴─► {"flag":" │F│ ","message":" │first part,││second part│ "}

import { getField, setField } from '../../event/object.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { utf8Text } from '../../std/bytes.ts';
import { EMIT_COMPLEX, EMIT_FULL } from '../kernels/json_kernel.ts';
import { TEXT_RANGES_MAX, type TextKernel } from '../kernels/text_kernel.ts';
import { type Base, type PartialEvent, UNREAD } from './partial_event.ts';
import type { HeldTexts, Joining } from './step.ts';

/** What texts in memory are read and written with. */
export interface TextTools {
  readonly bytes: Buffer;
  readonly text: TextKernel;
}

/** Ways of joining that are kept for one kind of events; a configuration has one or two. */
const JOININGS_MAX = 8;

/** Makes events of held texts, for the events of one base. */
export class Joiner {
  readonly #names: readonly string[];
  readonly #tools: TextTools;
  /** By the way of joining, and by the number of events. */
  readonly #bases = new Map<Joining, (JoinedBase | undefined)[]>();

  /** `names` are those of the fields, in the order in which they are written. */
  constructor(names: readonly string[], tools: TextTools) {
    this.#names = names;
    this.#tools = tools;
  }

  /** Of an event whose fields lie at `ranges`, which are the caller's no more. */
  hold(event: PartialEvent, ranges: Int32Array): HeldTexts {
    const { bytes } = this.#tools;
    const names = this.#names;
    const whole = (): Value => {
      const value: ObjectValue = {};
      for (const [index, name] of names.entries())
        value[name] = utf8Text(bytes, ranges[2 * index]!, ranges[2 * index + 1]!);
      return value;
    };
    return {
      names,
      ranges,
      value: event.value as ObjectValue,
      metadata: event.metadata,
      whole,
      makeJoined: (target, held, joining) => this.#join(target as PartialEvent, held, joining),
    };
  }

  #join(event: PartialEvent, held: readonly HeldTexts[], joining: Joining): boolean {
    const base = this.#baseFor(held.length, joining);
    if (!base) return false;
    base.make(event, held);
    return true;
  }

  #baseFor(count: number, joining: Joining): JoinedBase | undefined {
    if (count > TEXT_RANGES_MAX) return undefined;
    let bases = this.#bases.get(joining);
    if (!bases) {
      if (this.#bases.size >= JOININGS_MAX) this.#bases.clear();
      this.#bases.set(joining, (bases = []));
    }
    bases[count] ??= new JoinedBase(this.#names, joining, count, this.#tools);
    return bases[count].isWithinLimits ? bases[count] : undefined;
  }
}

class JoinedBase implements Base {
  readonly isWithinLimits: boolean;
  readonly #names: readonly string[];
  readonly #joining: Joining;
  readonly #count: number;
  readonly #tools: TextTools;
  readonly #parts: readonly string[];

  /** For events that `count` others become. */
  constructor(names: readonly string[], joining: Joining, count: number, tools: TextTools) {
    this.#names = names;
    this.#joining = joining;
    this.#count = count;
    this.#tools = tools;
    this.#parts = partsOf(names, joining, count);
    this.isWithinLimits = this.#parts.length <= TEXT_RANGES_MAX + 1;
  }

  make(event: PartialEvent, held: readonly HeldTexts[]): void {
    const last = held.length - 1;
    const ranges = new Int32Array(2 * (this.#parts.length - 1));
    const value: ObjectValue = {};
    let at = 0;
    for (let index = 0; index < this.#names.length; index++) {
      const name = this.#names[index]!;
      const takes = this.#joining[index]!;
      const from = takes === 'last' ? last : 0;
      const to = takes === 'first' ? 0 : last;
      for (let i = from; i <= to; i++) {
        ranges[at++] = held[i]!.ranges[2 * index]!;
        ranges[at++] = held[i]!.ranges[2 * index + 1]!;
      }
      const found = getField(held[from]!.value, name);
      if (found === undefined) continue;
      value[name] =
        found === UNREAD || from === to
          ? found
          : held.map(({ value: one }) => one[name] as string).join((takes as { separator: string }).separator);
    }
    event.value = value;
    event.metadata = held[0]!.metadata;
    event.base = this;
    event.joined = { ranges, value: { ...value } };
  }

  wholeOf(event: PartialEvent): Value {
    const { ranges, value: before } = event.joined!;
    const whole: ObjectValue = {};
    let at = 0;
    for (const [index, name] of this.#names.entries()) {
      const takes = this.#joining[index]!;
      const texts: string[] = [];
      for (let i = 0; i < (typeof takes === 'string' ? 1 : this.#count); i++, at += 2)
        texts.push(utf8Text(this.#tools.bytes, ranges[at]!, ranges[at + 1]!));
      whole[name] = texts.join(typeof takes === 'string' ? '' : takes.separator);
    }
    const now = event.value as ObjectValue;
    for (const name of Object.keys(before)) if (getField(now, name) === undefined) delete whole[name];
    for (const name of Object.keys(now)) if (now[name] !== getField(before, name)) setField(whole, name, now[name]!);
    return whole;
  }

  /** As `JsonBase.emit`: an event that steps have changed is for the ordinary way. */
  emit(event: PartialEvent, out: number, capacity: number): number {
    const { ranges, value: before } = event.joined!;
    const now = event.value as ObjectValue;
    for (const name in before) if (now[name] !== before[name]) return EMIT_COMPLEX;
    for (const name in now) if (!Object.hasOwn(before, name)) return EMIT_COMPLEX;
    const { text } = this.#tools;
    if (!text.useParts(this.#parts)) return EMIT_COMPLEX;
    const length = text.between(ranges, out, capacity);
    if (length >= 0) return length;
    return length === -1 ? EMIT_FULL : EMIT_COMPLEX;
  }
}

export type { JoinedBase };

export function isJoined(base: Base | undefined): base is JoinedBase {
  return base instanceof JoinedBase;
}

/** What stands around the texts of an event that `count` others become. */
function partsOf(names: readonly string[], joining: Joining, count: number): readonly string[] {
  const parts: string[] = [];
  let open = '{';
  for (const [index, name] of names.entries()) {
    parts.push(`${open}${JSON.stringify(name)}:"`);
    open = '",';
    const takes = joining[index]!;
    if (typeof takes === 'string') continue;
    const between = JSON.stringify(takes.separator).slice(1, -1);
    for (let i = 1; i < count; i++) parts.push(between);
  }
  parts.push('"}');
  return parts;
}

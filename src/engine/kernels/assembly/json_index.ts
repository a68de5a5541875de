// One pass over a JSON text: it is validated, its values are put on the tape, and those of tracked paths into a table.
//
// What can be written by copying ranges of the text is taken: whitespace, the order of members and needless zeros may be as
// they like, and escapes in strings. A text with anything else that the ordinary writer would write otherwise is left to the
// ordinary parser (COMPLEX).
//
// Up to 64 bytes behind `end` are read, and may be taken for a part of the text on the way; a text that ends there is refused.

import {
  ARRAY,
  ASCII,
  compareTails,
  COMPLEX,
  DEPTH_MAX,
  DOUBTS,
  EDITS,
  ENTRY,
  ESCAPED,
  INTEGER,
  INVALID,
  LITERAL_FALSE,
  LITERAL_NULL,
  LITERAL_TRUE,
  nameWord,
  OBJECT,
  PLAN_ROOT,
  RECORD,
  RECORDS,
  REWRITTEN,
  scratch,
  STACK,
  TABLE,
  TAPE,
  TAPE_END,
} from './json_layout';
import { kind as oddKind, nextOdd, numberEnd, oddLanes, oddNumber, oddString, problem, skipSpace } from './json_scan';

/** The text that the tape is of. */
export let textStart: usize = 0;
export let textEnd: usize = 0;
export let textPlan: usize = 0;

/** Whether there is a text on the tape. */
export let isIndexed: bool = false;

/** 0 when [start, end) is an object that can be written from the tape, else INVALID or COMPLEX. */
export function jsonIndex(plan: usize, start: usize, end: usize): i32 {
  forget(plan);
  textStart = start;
  textEnd = end;
  textPlan = plan;
  const at = skipSpace(start, end);
  if (at >= end) return INVALID;
  const first = load<u8>(at);
  if (first != 0x7b) return startsValue(first) ? COMPLEX : INVALID;
  const result = index(plan, at, end);
  isIndexed = result == 0;
  return result;
}

function forget(plan: usize): void {
  isIndexed = false;
  const table = scratch + TABLE;
  const edits = scratch + EDITS;
  const size = <usize>load<i32>(plan) * 12;
  const zero = i8x16.splat(0);
  for (let i: usize = 0; i < size; i += 16) {
    v128.store(table + i, zero);
    v128.store(edits + i, zero);
  }
  store<i32>(scratch + DOUBTS, 0);
}

/** Whether a byte can begin anything else than an object: a value, a byte order mark, text that has to be repaired. */
function startsValue(byte: u32): bool {
  return (
    byte == 0x5b || byte == 0x22 || byte == 0x2d || byte - 0x30 <= 9 ||
    byte == 0x74 || byte == 0x66 || byte == 0x6e || byte >= 0x80
  );
}

/** The record of a plan for the member whose entry is `entry`, or 0. */
@inline
function findRecord(node: usize, word: u64, entry: usize, length: usize): usize {
  let number = <usize>load<u8>(node + <usize>(((word + <u64>length) * 0x9e3779b97f4a7c15) >>> 58));
  while (number != 0) {
    const record = node + RECORDS + (number - 1) * RECORD;
    if (load<u64>(record) == word && compareTails(record, entry) == 0) return record;
    number = <usize>load<u32>(record, 24);
  }
  return 0;
}

/**
 * The pass itself: one function, so that all it knows stays in registers. Each round reads one value with the name before
 * it, and what follows the value: a comma, or the ends of containers.
 */
function index(plan: usize, start: usize, end: usize): i32 {
  const table = scratch + TABLE;
  const tapeEnd = scratch + TAPE_END;
  let tape = scratch + TAPE;
  // The open container: its frame on the stack, entry, closing byte, members so far, and members in the plan.
  let stack = scratch + STACK;
  const stackEnd = stack + (<usize>DEPTH_MAX << 4);
  let container: usize = 0;
  let close: u32 = 0;
  let count: u32 = 0;
  let node: usize = 0;
  let inner = plan + PLAN_ROOT;
  let at = start;
  while (true) {
    if (at >= end) return INVALID;
    if (tape == tapeEnd) return COMPLEX;
    let tracked: u32 = 0;
    if (close == 0x7d) {
      if (load<u8>(at) != 0x22) return INVALID;
      const name = at + 1;
      const block = v128.load(name);
      const odd = oddLanes(block);
      at = odd ? name + <usize>ctz(odd) : nextOdd(name + 16, end);
      if (load<u8>(at) != 0x22) {
        at = oddString(name, at, end);
        if (at == 0) return problem;
        if (oddKind > ASCII + 1) return COMPLEX;
      }
      const word = nameWord(block, at - name);
      store<u64>(tape, word);
      store<u64>(tape, <u64>name | (<u64>at << 32), 8);
      if (node != 0) {
        const record = findRecord(node, word, tape, at - name);
        if (record != 0) {
          tracked = load<u32>(record, 16) + 1;
          inner = load<u32>(record, 20);
          if (load<i32>(table + <usize>(tracked - 1) * 12) != 0) return COMPLEX;
        } else inner = 0;
      }
      at++;
      if (load<u8>(at) != 0x3a) {
        at = skipSpace(at, end);
        if (load<u8>(at) != 0x3a) return INVALID;
      }
      at++;
      if (load<u8>(at) <= 32) at = skipSpace(at, end);
    }
    const from = at;
    const first = <u32>load<u8>(at);
    let kind: i32;
    let to: usize = 0;
    if (first == 0x22) {
      const odd = oddLanes(v128.load(at + 1));
      at = odd ? from + 1 + <usize>ctz(odd) : nextOdd(from + 17, end);
      kind = ASCII;
      if (load<u8>(at) != 0x22) {
        at = oddString(from + 1, at, end);
        if (at == 0) return problem;
        kind = oddKind;
      }
      to = ++at;
    } else if (first - 0x30 <= 9 || first == 0x2d) {
      const whole = at + <usize>(first == 0x2d);
      const other = ~i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(whole), i8x16.splat(0x30)), i8x16.splat(10)));
      const digits = <usize>ctz(other);
      const next = <u32>load<u8>(whole + digits);
      kind = INTEGER;
      to = at = whole + digits;
      if (digits - 1 > 14 || next == 0x2e || (next | 0x20) == 0x65 || load<u8>(whole) == 0x30) {
        at = oddNumber(from, end);
        if (at == 0) return problem;
        kind = oddKind;
        to = numberEnd;
      }
    } else if ((first | 0x20) == 0x7b) {
      if (stack == stackEnd) return COMPLEX;
      store<u64>(stack, <u64>container | (<u64>node << 32));
      store<u64>(stack, <u64>count | (<u64>close << 32), 8);
      stack += 16;
      kind = first == 0x7b ? OBJECT : ARRAY;
      if (tracked != 0) {
        store<i32>(table + <usize>(tracked - 1) * 12, kind);
        store<u32>(table + <usize>(tracked - 1) * 12, <u32>from, 4);
      }
      node = kind == OBJECT && (tracked != 0 || container == 0) ? inner : 0;
      container = tape;
      store<u32>(tape, <u32>from, 16);
      store<u32>(tape, <u32>kind | (tracked << 8), 28);
      tape += ENTRY;
      close = first + 2;
      count = 0;
      at++;
      let next = <u32>load<u8>(at);
      if (next <= 32) {
        at = skipSpace(at, end);
        next = <u32>load<u8>(at);
      }
      if (next != close) continue;
      kind = 0;
    } else {
      const word = load<u32>(at);
      if (word == 0x65757274) kind = LITERAL_TRUE;
      else if (word == 0x6c6c756e) kind = LITERAL_NULL;
      else {
        if (first != 0x66 || load<u32>(at, 1) != 0x65736c61) return INVALID;
        kind = LITERAL_FALSE;
        at++;
      }
      to = at += 4;
    }
    if (kind != 0) {
      store<u64>(tape, <u64>from | (<u64>to << 32), 16);
      store<u64>(tape, <u64>(tape + ENTRY) | (<u64>(<u32>kind | (tracked << 8)) << 32), 24);
      tape += ENTRY;
      count++;
      if (tracked != 0) {
        const row = table + <usize>(tracked - 1) * 12;
        const quote: usize = first == 0x22 ? 1 : 0;
        store<i32>(row, kind == REWRITTEN ? ESCAPED : kind);
        store<u32>(row, <u32>(from + quote), 4);
        store<u32>(row, <u32>(to - quote), 8);
      }
    }
    while (true) {
      let next = <u32>load<u8>(at);
      if (next <= 32) {
        at = skipSpace(at, end);
        next = <u32>load<u8>(at);
      }
      at++;
      if (next == 0x2c) break;
      if (next != close || at > end) return INVALID;
      store<u64>(container, <u64>at | (<u64>tape << 32), 20);
      store<u16>(container, <u16>count, 30);
      tracked = <u32>load<u8>(container, 29);
      if (tracked != 0) store<u32>(table + <usize>(tracked - 1) * 12, <u32>at, 8);
      stack -= 16;
      container = load<u32>(stack);
      node = load<u32>(stack, 4);
      count = load<u32>(stack, 8) + 1;
      close = load<u32>(stack, 12);
      if (container == 0) return skipSpace(at, end) == end ? 0 : INVALID;
    }
    if (load<u8>(at) <= 32) at = skipSpace(at, end);
  }
}

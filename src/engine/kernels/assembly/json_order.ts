// The members of an object in the order of their names, which also shows names that are there twice.
//
// Objects of a stream have the same few sets of names over and over. So the order that an object with as many members had
// last is tried first: that every name is less than the next is seen in one pass, mostly by comparing two numbers.

import { compareTails, MEMBERS, ORDERS, scratch, SORTING } from './json_layout';

/** Longest order that is kept. */
const KEPT_MAX: u32 = 128;
/** Kept orders: how many members (i32), then the place of each (u16). */
const KEPT_BYTES: usize = 272;

/** Runs that are sorted by insertion before they are merged. */
const RUN: u32 = 16;

/** Where the members of the next object go. */
let free: usize = 0;

/** Forgets what was handed out. */
@inline
export function beginOrders(): void {
  free = scratch + MEMBERS;
}

/**
 * The members of the object `container`, `count` of them (at least 1): pointers to entries in the order of names, or 0 when
 * a name is there twice.
 */
export function orderedMembers(container: usize, count: u32): usize {
  const members = free;
  const ordered = members + (<usize>count << 2);
  free = ordered + (<usize>count << 2);
  let entry = container + 32;
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(members + (<usize>i << 2), <u32>entry);
    entry = load<u32>(entry, 24);
  }
  const isKept = count <= KEPT_MAX;
  let order = scratch + SORTING - 8;
  if (isKept) {
    const hash = (load<u64>(container + 32) * 0x9e3779b97f4a7c15) >>> 58;
    order = scratch + ORDERS + <usize>((hash + count) & 63) * KEPT_BYTES;
    if (load<u32>(order) == count) {
      if (apply(members, order + 8, count, ordered)) return ordered;
    } else {
      store<u32>(order, count);
      identity(order + 8, count);
      if (apply(members, order + 8, count, ordered)) return ordered;
    }
  } else {
    identity(order + 8, count);
    if (apply(members, order + 8, count, ordered)) return ordered;
  }
  sort(members, order + 8, count);
  return apply(members, order + 8, count, ordered) ? ordered : 0;
}

function identity(order: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) store<u16>(order + (<usize>i << 1), <u16>i);
}

/** Puts members in an order; whether each is less than the next. */
@inline
function apply(members: usize, order: usize, count: u32, ordered: usize): bool {
  let before = <usize>load<u32>(members + (<usize>load<u16>(order) << 2));
  store<u32>(ordered, <u32>before);
  let word = load<u64>(before);
  for (let i: usize = 1; i < count; i++) {
    const entry = <usize>load<u32>(members + (<usize>load<u16>(order + (i << 1)) << 2));
    const next = load<u64>(entry);
    if (next <= word && (next < word || compareTails(before, entry) >= 0)) return false;
    store<u32>(ordered + (i << 2), <u32>entry);
    before = entry;
    word = next;
  }
  return true;
}

@inline
function isLess(members: usize, a: u32, b: u32): bool {
  const entryA = <usize>load<u32>(members + (<usize>a << 2));
  const entryB = <usize>load<u32>(members + (<usize>b << 2));
  const wordA = load<u64>(entryA);
  const wordB = load<u64>(entryB);
  return wordA == wordB ? compareTails(entryA, entryB) < 0 : wordA < wordB;
}

/** Sorts places of members: short runs by insertion, then merged two by two. */
function sort(members: usize, order: usize, count: u32): void {
  for (let from: u32 = 0; from < count; from += RUN) insertion(members, order, from, min<u32>(from + RUN, count));
  if (count <= RUN) return;
  // The half of the space for sorting that no order lies in.
  const other = scratch + SORTING + 8192;
  let source = order;
  let target = other;
  for (let width = RUN; width < count; width <<= 1) {
    for (let from: u32 = 0; from < count; from += 2 * width) {
      merge(members, source, target, from, min<u32>(from + width, count), min<u32>(from + 2 * width, count));
    }
    const swap = source;
    source = target;
    target = swap;
  }
  if (source != order) memory.copy(order, source, <usize>count << 1);
}

function insertion(members: usize, order: usize, from: u32, to: u32): void {
  for (let i = from + 1; i < to; i++) {
    const place = <u32>load<u16>(order + (<usize>i << 1));
    let at = i;
    while (at > from) {
      const before = <u32>load<u16>(order + (<usize>(at - 1) << 1));
      if (!isLess(members, place, before)) break;
      store<u16>(order + (<usize>at << 1), <u16>before);
      at--;
    }
    store<u16>(order + (<usize>at << 1), <u16>place);
  }
}

function merge(members: usize, source: usize, target: usize, from: u32, middle: u32, to: u32): void {
  let left = from;
  let right = middle;
  for (let at = from; at < to; at++) {
    const a = load<u16>(source + (<usize>left << 1));
    const b = load<u16>(source + (<usize>right << 1));
    const takesRight = left == middle || (right < to && isLess(members, b, a));
    store<u16>(target + (<usize>at << 1), takesRight ? b : a);
    if (takesRight) right++;
    else left++;
  }
}

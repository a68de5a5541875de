// Text as JSON: the inside of a string, escaped as the native JSON writer does it, and whole objects of lines of text.
//
//   block of 16 ─┬─ nothing to escape ───────────► copied
//                ├─ `"`, `\`, \b \t \n \f \r ────► each half spread by a shuffle that leaves room for the slashes
//                └─ another control character ───► \u00xx, byte by byte
//
// Shuffles come from a table of 256 × 16 bytes, one for every choice of bytes to escape in half a block, so that text
// full of quotes costs no branches. The table is made once per thread in its scratch memory (`textInit`).
// Output is stored in blocks: up to SLACK bytes behind what is written, within the capacity, are overwritten.

import { indexOfByte } from './frames';
import { copy } from './memory';
import { isUtf8, loadPart } from './utf8';

/** Bytes behind the output that may be overwritten. */
const SLACK: isize = 64;

/** Bytes that one byte becomes at most: `\\u0001`. */
const ESCAPE_MAX: isize = 6;

/** Why a call ended. */
const DONE: i32 = 0;
const FULL: i32 = 1;
const NOT_UTF8: i32 = 2;

let shuffles: usize = 0;

/** Whether the last text that was written held bytes above 127. */
let seenHigh: bool = false;

/** Whether the text that was written last has to be looked at, as it may not be UTF-8. */
@inline export function hasHigh(): bool {
  return seenHigh;
}

/** Makes the table of shuffles in 4,096 bytes at `table`. Lanes 8 to 15 of what is shuffled are slashes. */
export function textInit(table: usize): void {
  shuffles = table;
  for (let bits: u32 = 0; bits < 256; bits++) {
    const row = table + (<usize>bits << 4);
    let place: usize = 0;
    for (let lane: u32 = 0; lane < 8; lane++) {
      if ((bits >>> lane) & 1) store<u8>(row + place++, 15);
      store<u8>(row + place++, <u8>lane);
    }
    while (place < 16) store<u8>(row + place++, 15);
  }
}

/** Lanes of bytes that JSON escapes. */
@inline function special(block: v128): v128 {
  return v128.or(
    controls(block),
    v128.or(i8x16.eq(block, i8x16.splat(0x22)), i8x16.eq(block, i8x16.splat(0x5c))),
  );
}

@inline function controls(block: v128): v128 {
  return i8x16.eq(i8x16.min_u(block, i8x16.splat(31)), block);
}

/** Writes the `count` bytes at `from`, a block in which the lanes of `bits` are escaped; the end of the output. */
@inline function spread(from: usize, block: v128, bits: u32, count: u32, out: usize): usize {
  const control = controls(block);
  let letters = block;
  if (v128.any_true(control)) {
    const letter = i8x16.swizzle(i8x16(0, 0, 0, 0, 0, 0, 0, 0, 0x62, 0x74, 0x6e, 0, 0x66, 0x72, 0, 0), block);
    const rare = v128.and(control, i8x16.eq(letter, i8x16.splat(0)));
    if (<u32>i8x16.bitmask(rare) & ((<u32>1 << count) - 1)) return spell(from, count, out);
    letters = v128.bitselect(letter, block, control);
  }
  const slashes = i8x16.splat(0x5c);
  const low = i8x16.shuffle(letters, slashes, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
  const high = i8x16.shuffle(letters, slashes, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
  const lowBits = bits & 0xff;
  v128.store(out, i8x16.swizzle(low, v128.load(shuffles + (<usize>lowBits << 4))));
  const middle = out + 8 + <usize>popcnt(lowBits);
  v128.store(middle, i8x16.swizzle(high, v128.load(shuffles + (<usize>(bits >>> 8) << 4))));
  return out + <usize>count + <usize>popcnt(bits);
}

/** The same, byte by byte. */
function spell(from: usize, count: u32, out: usize): usize {
  let to = out;
  for (let at = from; at < from + count; at++) {
    const byte = <u32>load<u8>(at);
    if (byte >= 32 && byte != 0x22 && byte != 0x5c) store<u8>(to++, <u8>byte);
    else to = spellEscaped(byte, to);
  }
  return to;
}

function spellEscaped(byte: u32, to: usize): usize {
  let letter = byte;
  if (byte == 8) letter = 0x62;
  else if (byte == 9) letter = 0x74;
  else if (byte == 10) letter = 0x6e;
  else if (byte == 12) letter = 0x66;
  else if (byte == 13) letter = 0x72;
  else if (byte < 32) {
    const digit = byte & 15;
    store<u32>(to, 0x3030755c); // \u00
    store<u8>(to, <u8>(0x30 + (byte >>> 4)), 4);
    store<u8>(to, <u8>(digit < 10 ? 0x30 + digit : 0x57 + digit), 5);
    return to + 6;
  }
  store<u8>(to, 0x5c);
  store<u8>(to, <u8>letter, 1);
  return to + 2;
}

/** Writes [from, end) escaped to `out`, where there is room for it; the end of the output. Sets `seenHigh`. */
export function write(from: usize, end: usize, out: usize): usize {
  let high = i8x16.splat(0);
  let at = from;
  let to = out;
  for (; at + 16 <= end; at += 16) {
    const block = v128.load(at);
    const found = special(block);
    high = v128.or(high, block);
    if (!v128.any_true(found)) {
      v128.store(to, block);
      to += 16;
    } else to = spread(at, block, i8x16.bitmask(found), 16, to);
  }
  if (at < end) {
    const count = <u32>(end - at);
    const block = loadPart(at, end - at);
    high = v128.or(high, block);
    const bits = <u32>i8x16.bitmask(special(block)) & ((<u32>1 << count) - 1);
    if (bits == 0) {
      v128.store(to, block);
      to += count;
    } else to = spread(at, block, bits, count, to);
  }
  seenHigh = i8x16.bitmask(high) != 0;
  return to;
}

/** Bytes of [from, end) when it is escaped. */
function escapedLength(from: usize, end: usize): usize {
  let length = end - from;
  for (let at = from; at < end; at += 16) {
    const left = end - at;
    const mask: u32 = left < 16 ? ((<u32>1) << (<u32>left)) - 1 : 0xffff;
    const block = v128.load(at);
    const short = i8x16.swizzle(i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0), block);
    const rare = v128.and(controls(block), i8x16.eq(short, i8x16.splat(0)));
    length += <usize>popcnt(<u32>i8x16.bitmask(special(block)) & mask);
    length += 4 * <usize>popcnt(<u32>i8x16.bitmask(rare) & mask);
  }
  return length;
}

/** Whether [from, end) fits into `room` bytes when it is escaped, with the slack that writing it takes. */
export function fits(from: usize, end: usize, room: isize): bool {
  const length = <isize>(end - from);
  if (length * ESCAPE_MAX + SLACK <= room) return true;
  if (length + SLACK > room) return false;
  return <isize>escapedLength(from, end) + SLACK <= room;
}

/** Writes the text [start, end) escaped: its length, -1 when the capacity is too small for it, -2 when it is not UTF-8. */
export function textEscape(start: usize, end: usize, out: usize, capacity: i32): i32 {
  if (!fits(start, end, capacity)) return -1;
  const to = write(start, end, out);
  if (seenHigh && !isUtf8(start, end)) return -2;
  return <i32>(to - out);
}

// A job, in scratch memory: what to write around each text, where to, and afterwards how far it came.
//
//   0 prefix, length   8 suffix, length   16 out   20 outEnd   24 table   28 tableEnd   32 base   36 delimiter bytes
//  40 ► texts done    44 ► begin of the first text not done    48 ► end of the output
//
// The table gets (offset − base, length) of each object, without the delimiter that the suffix ends in.

/**
 * An object for each complete frame of [start, end), frames ending in `delimiter`.
 * @returns why it ended: DONE, FULL (out or table), NOT_UTF8
 */
export function textLines(job: usize, start: usize, end: usize, delimiter: i32): i32 {
  let from = start;
  let reason = begin(job);
  while (reason == DONE) {
    const at = indexOfByte(from, end, delimiter);
    if (at == end) break;
    reason = object(job, from, at);
    if (reason == DONE) from = at + 1;
  }
  return finish(job, from, reason);
}

/** The same for `count` frames given as pairs of (offset − inputBase, length) at `frames`. */
export function textFrames(job: usize, frames: usize, count: i32, inputBase: usize): i32 {
  let reason = begin(job);
  let from = inputBase;
  for (let i: i32 = 0; i < count && reason == DONE; i++) {
    const frame = frames + (<usize>i << 3);
    const start = inputBase + <usize>load<u32>(frame);
    const end = start + <usize>load<u32>(frame, 4);
    reason = object(job, start, end);
    from = reason == DONE ? end : start;
  }
  return finish(job, from, reason);
}

let out: usize = 0;
let pair: usize = 0;
let done: i32 = 0;

function begin(job: usize): i32 {
  out = load<u32>(job, 16);
  pair = load<u32>(job, 24);
  done = 0;
  return DONE;
}

function finish(job: usize, from: usize, reason: i32): i32 {
  store<i32>(job, done, 40);
  store<u32>(job, <u32>from, 44);
  store<u32>(job, <u32>out, 48);
  return reason;
}

/** Writes one object; nothing is taken when there is no room or the text is not UTF-8. */
@inline function object(job: usize, from: usize, end: usize): i32 {
  const prefixLength = <usize>load<u32>(job, 4);
  const suffixLength = <usize>load<u32>(job, 12);
  const room = <isize>load<u32>(job, 20) - <isize>out - <isize>prefixLength - <isize>suffixLength;
  if (pair == <usize>load<u32>(job, 28) || !fits(from, end, room)) return FULL;
  copy(out, load<u32>(job), prefixLength);
  let to = write(from, end, out + prefixLength);
  if (seenHigh && !isUtf8(from, end)) return NOT_UTF8;
  copy(to, load<u32>(job, 8), suffixLength);
  to += suffixLength;
  store<u32>(pair, <u32>(out - <usize>load<u32>(job, 32)));
  store<u32>(pair, <u32>(to - out - <usize>load<u32>(job, 36)), 4);
  pair += 8;
  out = to;
  done++;
  return DONE;
}

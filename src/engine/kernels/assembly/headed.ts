// Objects of text that has the header of a container runtime before it: the message, the time and the stream of each
// frame go into the gaps of a template, in the order that it says.
//
//   ⏎2026-11-27T05:24:18.123456000Z stdout F message
//    └ time                         └ stream  └ frame
//
//   {"file":"…","message":" │ message, escaped │ ","source_type":"…","stream":" │ stdout │ ","timestamp":" │ time │ "}⏎
//   part 0 ────────────────                      part 1 ─────────────────────            part 2 ─────────    part 3 ─
//
// Times come out as the JSON writer has them: in UTC, with 0, 3, 6 or 9 digits behind the point. What is not simply so
// (another zone, a date that there is not, no header) is not written: the call ends there, as at text that is not UTF-8.

import { copy } from './memory';
import { fits, hasHigh, write } from './text';
import { isUtf8 } from './utf8';

/** Why a call ended. */
const DONE: i32 = 0;
const FULL: i32 = 1;
const NOT_UTF8: i32 = 2;
const ODD: i32 = 3;

/** What goes into a gap. */
const MESSAGE: u32 = 1;
const TIME: u32 = 2;

/** The parts of a template, and the gaps between them, in a job. */
const PARTS: usize = 64;
const GAPS: usize = 96;
const GAPS_MAX: usize = 3;

/** A time and a stream take no more than this. */
const HEADER_MAX: isize = 48;

/** Longest time that is looked at, and the shortest: `2026-11-27T05:24:18Z`. */
const TIME_BYTES_MAX: usize = 40;
const TIME_BYTES_MIN: usize = 20;

/** The last minute that was found to be one: `2026-11-27T05:24`. */
let minute: v128 = i8x16.splat(0);

let timeStart: usize = 0;
let timeEnd: usize = 0;

// The job is that of `textFrames`, and behind it in place of prefix and suffix:
//
//  64 parts: four pairs of address and length   96 gaps: three words, 0 for none
//
// The last delimiter bytes of the last part are no part of the object.

/** An object for each of `count` frames, given as pairs of (offset − inputBase, length) at `frames`. */
export function textHeadedFrames(job: usize, frames: usize, count: i32, inputBase: usize): i32 {
  const outEnd = <isize>load<u32>(job, 20);
  const tableEnd = <usize>load<u32>(job, 28);
  const base = <usize>load<u32>(job, 32);
  const delimiters = <usize>load<u32>(job, 36);
  let around: isize = HEADER_MAX;
  for (let part: usize = 0; part <= GAPS_MAX; part++) around += <isize>load<u32>(job + PARTS + (part << 3), 4);
  let out = <usize>load<u32>(job, 16);
  let pair = <usize>load<u32>(job, 24);
  let from = inputBase;
  let reason = DONE;
  let done: i32 = 0;
  for (; done < count; done++) {
    const frame = frames + (<usize>done << 3);
    from = inputBase + <usize>load<u32>(frame);
    const end = from + <usize>load<u32>(frame, 4);
    if (pair == tableEnd || !fits(from, end, outEnd - <isize>out - around)) {
      reason = FULL;
      break;
    }
    const to = findHeader(from, inputBase) ? object(job, from, end, out) : 0;
    if (to == 0) {
      reason = ODD;
      break;
    }
    if (hasHigh() && !isUtf8(from, end)) {
      reason = NOT_UTF8;
      break;
    }
    store<u32>(pair, <u32>(out - base));
    store<u32>(pair, <u32>(to - out - delimiters), 4);
    pair += 8;
    out = to;
    from = end;
  }
  store<i32>(job, done, 40);
  store<u32>(job, <u32>from, 44);
  store<u32>(job, <u32>out, 48);
  return reason;
}

/** Writes the object of the frame [from, end) whose header was found; the end of it, 0 when its time is odd. */
function object(job: usize, from: usize, end: usize, out: usize): usize {
  let to = part(job, 0, out);
  for (let i: usize = 0; i < GAPS_MAX; i++) {
    const gap = load<u32>(job + GAPS + (i << 2));
    if (gap == 0) break;
    if (gap == MESSAGE) to = write(from, end, to);
    else if (gap == TIME) {
      to = writeTime(timeStart, timeEnd, to);
      if (to == 0) return 0;
    } else to = writeStream(to);
    to = part(job, i + 1, to);
  }
  return to;
}

@inline function part(job: usize, index: usize, out: usize): usize {
  const pair = job + PARTS + (index << 3);
  const length = <usize>load<u32>(pair, 4);
  copy(out, load<u32>(pair), length);
  return out + length;
}

/** Finds the header before `start`, from its end; nothing before `lowest` is read. */
function findHeader(start: usize, lowest: usize): bool {
  if (start <= lowest + TIME_BYTES_MIN || load<u8>(start - 1) != 0x20) return false;
  let tag = start - 1;
  while (tag > lowest + TIME_BYTES_MIN && load<u8>(tag - 1) != 0x20) tag--;
  // `… stdout F `: the space behind the time is 8 bytes before the tag.
  timeEnd = tag - 8;
  if (timeEnd < lowest + TIME_BYTES_MIN) return false;
  let at = timeEnd;
  const least = timeEnd - lowest > TIME_BYTES_MAX ? timeEnd - TIME_BYTES_MAX : lowest;
  while (at > least && load<u8>(at - 1) != 0x0a) at--;
  timeStart = at;
  return at == lowest || load<u8>(at - 1) == 0x0a;
}

function writeStream(out: usize): usize {
  const isOut = load<u8>(timeEnd, 4) == 0x6f;
  store<u32>(out, isOut ? 0x6f647473 : 0x65647473); // stdo, stde
  store<u16>(out, isOut ? 0x7475 : 0x7272, 4); // ut, rr
  return out + 6;
}

/** Writes the time [from, end) as the JSON writer does; 0 when it is one that is for the ordinary way. */
function writeTime(from: usize, end: usize, out: usize): usize {
  if (end - from < TIME_BYTES_MIN) return 0;
  let last = end - 1;
  if (load<u8>(last) != 0x5a) {
    // `+00:00`
    last = end - 6;
    if (load<u32>(last) != 0x3a30302b || load<u16>(last, 4) != 0x3030) return 0;
  }
  if (last < from + 19 || !isSecond(from)) return 0;
  v128.store(out, v128.load(from));
  store<u32>(out, load<u32>(from, 15), 15);
  let to = out + 19;
  if (last != from + 19) {
    const digits = last - from - 20;
    if (load<u8>(from, 19) != 0x2e || digits - 1 > 8) return 0;
    const block = v128.load(from, 20);
    const zeros = i8x16.splat(0x30);
    const mask = ((<u32>1) << (<u32>digits)) - 1;
    const isDigit = i8x16.lt_u(i8x16.sub(block, zeros), i8x16.splat(10));
    if ((<u32>i8x16.bitmask(isDigit) & mask) != mask) return 0;
    const counted = <u32>i8x16.bitmask(i8x16.ne(block, zeros)) & mask;
    if (counted) {
      const length = 32 - clz(counted);
      const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
      store<u8>(to, 0x2e);
      v128.store(to + 1, v128.bitselect(block, zeros, i8x16.lt_u(lanes, i8x16.splat(<i8>length))));
      to += 1 + <usize>((length + 2) / 3 * 3);
    }
  }
  store<u8>(to, 0x5a);
  return to + 1;
}

/** Whether `2026-11-27T05:24:18` stands at `at`, or another second that there was. */
function isSecond(at: usize): bool {
  const seconds = two(at + 17);
  if (load<u8>(at, 16) != 0x3a || seconds > 59) return false;
  const here = v128.load(at);
  if (i8x16.all_true(i8x16.eq(here, minute))) return true;
  const isApart =
    load<u8>(at, 4) == 0x2d && load<u8>(at, 7) == 0x2d && load<u8>(at, 10) == 0x54 && load<u8>(at, 13) == 0x3a;
  if (!isApart || two(at + 11) > 23 || two(at + 14) > 59) return false;
  const century = two(at);
  const ofCentury = two(at + 2);
  const month = two(at + 5);
  const day = two(at + 8);
  if (century > 99 || ofCentury > 99 || month < 1 || month > 12 || day < 1) return false;
  if (day > daysIn(century * 100 + ofCentury, month)) return false;
  minute = here;
  return true;
}

function daysIn(year: u32, month: u32): u32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Two digits as a number; above 99 for anything else. */
@inline function two(at: usize): u32 {
  const tens = <u32>load<u8>(at) - 0x30;
  const ones = <u32>load<u8>(at, 1) - 0x30;
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 100;
}

// An object of texts that lie in different places: the members of a pattern's captures, say.
//
//   {"a":" │ text, escaped │ ","b":" │ text, escaped │ "}
//   part 0                   part 1                    part 2

import { copy } from './memory';
import { fits, hasHigh, write } from './text';
import { isUtf8 } from './utf8';

/**
 * Writes `count` texts, given as pairs of (start, end) at `ranges`, between parts, given as pairs of (address, length).
 * @returns bytes written, -1 when the capacity (slack included) is too small, -2 when a text is not UTF-8
 */
export function textBetween(parts: usize, ranges: usize, count: i32, out: usize, capacity: i32): i32 {
  let room: isize = capacity;
  for (let i: i32 = 0; i <= count; i++) room -= <isize>load<u32>(parts + (<usize>i << 3), 4);
  let to = out;
  for (let i: i32 = 0; i < count; i++) {
    const start = <usize>load<u32>(ranges + (<usize>i << 3));
    const end = <usize>load<u32>(ranges + (<usize>i << 3), 4);
    if (!fits(start, end, room)) return -1;
    const from = part(parts + (<usize>i << 3), to);
    to = write(start, end, from);
    if (hasHigh() && !isUtf8(start, end)) return -2;
    room -= <isize>(to - from);
  }
  if (room < 64) return -1;
  return <i32>(part(parts + (<usize>count << 3), to) - out);
}

@inline function part(pair: usize, out: usize): usize {
  const length = <usize>load<u32>(pair, 4);
  copy(out, load<u32>(pair), length);
  return out + length;
}

// Finds where frames end: one delimiter byte behind each, sixty-four bytes looked at in one step.

/** Bytes of a table before its first pair. */
const TABLE_HEAD: usize = 8;

/**
 * The complete frames of [start, end), at most `max` of them (at least 1).
 *
 *   table:  [ longest frame, i32 │ reserved ][ offset − base │ length ][ offset − base │ length ] …
 *
 * Up to 63 bytes behind `end` are read and ignored.
 * @returns their number; the next frame begins behind the delimiter of the last one
 */
export function cutFrames(start: usize, end: usize, base: usize, delimiter: i32, table: usize, max: i32): i32 {
  const wanted = i8x16.splat(<i8>delimiter);
  const first = table + TABLE_HEAD;
  const full = first + (<usize>max << 3);
  let pair = first;
  let from = start;
  let longest: usize = 0;
  for (let block = start; block < end; block += 64) {
    const a = i8x16.eq(v128.load(block), wanted);
    const b = i8x16.eq(v128.load(block, 16), wanted);
    const c = i8x16.eq(v128.load(block, 32), wanted);
    const d = i8x16.eq(v128.load(block, 48), wanted);
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
    let found =
      <u64>(<u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16)) |
      (<u64>(<u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16)) << 32);
    if (end - block < 64) found &= ((<u64>1) << (<u64>(end - block))) - 1;
    while (found) {
      const at = block + <usize>ctz(found);
      found &= found - 1;
      const length = at - from;
      store<i32>(pair, <i32>(from - base));
      store<i32>(pair, <i32>length, 4);
      longest = select<usize>(longest, length, longest > length);
      from = at + 1;
      pair += 8;
      if (pair == full) {
        store<i32>(table, <i32>longest);
        return max;
      }
    }
  }
  store<i32>(table, <i32>longest);
  return <i32>((pair - first) >>> 3);
}

/** Where `delimiter` stands next in [from, end), or `end`. Up to 63 bytes behind `end` are read and ignored. */
export function indexOfByte(from: usize, end: usize, delimiter: i32): usize {
  const wanted = i8x16.splat(<i8>delimiter);
  for (let block = from; block < end; block += 64) {
    const a = i8x16.eq(v128.load(block), wanted);
    const b = i8x16.eq(v128.load(block, 16), wanted);
    const c = i8x16.eq(v128.load(block, 32), wanted);
    const d = i8x16.eq(v128.load(block, 48), wanted);
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
    const found =
      <u64>(<u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16)) |
      (<u64>(<u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16)) << 32);
    const at = block + <usize>ctz(found);
    return select<usize>(at, end, at < end);
  }
  return end;
}

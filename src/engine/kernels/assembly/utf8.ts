// Whether bytes are UTF-8, sixteen in one step.
//
// What is wrong with a pair of neighbours shows in three nibbles: both of the first byte and the upper one of the
// second. Three tables say, for each nibble, which faults it allows; a fault that all three allow is there. Third and
// fourth bytes of a character are found by the lead two or three bytes before them. (Keiser and Lemire, "Validating
// UTF-8 in less than one instruction per byte", 2020.)
//
//   TOO_SHORT    1  a lead byte and no continuation          SURROGATE   16  ED A0…
//   TOO_LONG     2  ASCII and a continuation                 OVERLONG_2  32  C0 or C1
//   OVERLONG_3   4  E0 80…9F                                 OVERLONG_4  64  F0 80…8F; F5…FF 80…8F, too large
//   TOO_LARGE    8  F4 90…, F5… 90…                          TWO        128  two continuations: a fault unless due

@inline function firstUpper(): v128 {
  return i8x16(2, 2, 2, 2, 2, 2, 2, 2, -128, -128, -128, -128, 33, 1, 21, 73);
}

@inline function firstLower(): v128 {
  return i8x16(-25, -93, -125, -125, -117, -53, -53, -53, -53, -53, -53, -53, -53, -37, -53, -53);
}

@inline function secondUpper(): v128 {
  return i8x16(1, 1, 1, 1, 1, 1, 1, 1, -26, -82, -70, -70, 1, 1, 1, 1);
}

/** The faults of sixteen bytes, given the sixteen before them: zero when there is none. */
@inline function faults(before: v128, block: v128): v128 {
  const nibble = i8x16.splat(15);
  const one = i8x16.shuffle(before, block, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  const two = i8x16.shuffle(before, block, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  const three = i8x16.shuffle(before, block, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
  const pairs = v128.and(
    v128.and(
      i8x16.swizzle(firstUpper(), upper(one)),
      i8x16.swizzle(firstLower(), v128.and(one, nibble)),
    ),
    i8x16.swizzle(secondUpper(), upper(block)),
  );
  const due = v128.or(
    i8x16.sub_sat_u(two, i8x16.splat(0x60)),
    i8x16.sub_sat_u(three, i8x16.splat(0x70)),
  );
  return v128.xor(pairs, v128.and(due, i8x16.splat(-128)));
}

@inline function upper(value: v128): v128 {
  return v128.and(i16x8.shr_u(value, 4), i8x16.splat(15));
}

/** The first `count` bytes at `at` (fewer than 16), and zeros; sixteen bytes are read. */
@inline export function loadPart(at: usize, count: usize): v128 {
  const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return v128.and(v128.load(at), i8x16.lt_u(lanes, i8x16.splat(<i8>count)));
}

/** Whether [start, end) is UTF-8. Up to 15 bytes behind `end` are read and ignored. */
export function isUtf8(start: usize, end: usize): bool {
  let before = i8x16.splat(0);
  let wrong = i8x16.splat(0);
  let at = start;
  for (; at + 16 <= end; at += 16) {
    const block = v128.load(at);
    if (i8x16.bitmask(v128.or(block, before))) wrong = v128.or(wrong, faults(before, block));
    before = block;
  }
  // At least one zero follows, so that a character that is cut off shows.
  wrong = v128.or(wrong, faults(before, loadPart(at, end - at)));
  return !v128.any_true(wrong);
}

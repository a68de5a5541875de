// Strings with escapes that nobody would write (`\/`, `\u00e9`), as they would be written: the text becomes shorter, or has
// its letters in lower case.

/** The number that four hexadecimal digits stand for, or -1. */
export function hex(at: usize): i32 {
  let value: u32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const byte = <u32>load<u8>(at + i);
    const letter = (byte | 0x20) - 0x61;
    if (byte - 0x30 <= 9) value = (value << 4) | (byte - 0x30);
    else if (letter <= 5) value = (value << 4) | (letter + 10);
    else return -1;
  }
  return <i32>value;
}

/** The letter behind the backslash of a control character, or 0. */
export function controlLetter(unit: u32): u32 {
  if (unit == 8) return 0x62;
  if (unit == 9) return 0x74;
  if (unit == 10) return 0x6e;
  if (unit == 12) return 0x66;
  return unit == 13 ? 0x72 : 0;
}

/** Writes the valid string [from, to), quotes included, to `out`: the end of the output. */
export function rewriteString(from: usize, to: usize, out: usize): usize {
  let at = from;
  while (at < to) {
    if (at + 16 <= to) {
      const block = v128.load(at);
      if (!v128.any_true(i8x16.eq(block, i8x16.splat(0x5c)))) {
        v128.store(out, block);
        at += 16;
        out += 16;
        continue;
      }
    }
    const byte = load<u8>(at);
    if (byte != 0x5c) {
      store<u8>(out++, byte);
      at++;
      continue;
    }
    const letter = load<u8>(at, 1);
    at += 2;
    if (letter == 0x2f) store<u8>(out++, 0x2f);
    else if (letter != 0x75) {
      store<u16>(out, <u16>(0x5c | ((<u32>letter) << 8)));
      out += 2;
    } else {
      let point = <u32>hex(at);
      at += 4;
      if ((point & 0xfc00) == 0xd800) {
        point = 0x10000 + ((point & 0x3ff) << 10) + (<u32>hex(at + 2) & 0x3ff);
        at += 6;
      }
      out = putPoint(point, out);
    }
  }
  return out;
}

/** Writes a character of a string: the end of the output. */
function putPoint(point: u32, out: usize): usize {
  if (point < 0x20) return putControl(point, out);
  if (point == 0x22 || point == 0x5c) {
    store<u16>(out, <u16>(0x5c | (point << 8)));
    return out + 2;
  }
  if (point < 0x80) {
    store<u8>(out, <u8>point);
    return out + 1;
  }
  if (point < 0x800) {
    store<u8>(out, <u8>(0xc0 | (point >>> 6)));
    store<u8>(out, <u8>(0x80 | (point & 0x3f)), 1);
    return out + 2;
  }
  if (point < 0x10000) {
    store<u8>(out, <u8>(0xe0 | (point >>> 12)));
    store<u8>(out, <u8>(0x80 | ((point >>> 6) & 0x3f)), 1);
    store<u8>(out, <u8>(0x80 | (point & 0x3f)), 2);
    return out + 3;
  }
  store<u8>(out, <u8>(0xf0 | (point >>> 18)));
  store<u8>(out, <u8>(0x80 | ((point >>> 12) & 0x3f)), 1);
  store<u8>(out, <u8>(0x80 | ((point >>> 6) & 0x3f)), 2);
  store<u8>(out, <u8>(0x80 | (point & 0x3f)), 3);
  return out + 4;
}

function putControl(point: u32, out: usize): usize {
  const letter = controlLetter(point);
  if (letter != 0) {
    store<u16>(out, <u16>(0x5c | (letter << 8)));
    return out + 2;
  }
  const digit = point & 15;
  store<u32>(out, 0x3030755c); // \u00
  store<u8>(out, <u8>(0x30 + (point >>> 4)), 4);
  store<u8>(out, <u8>(digit < 10 ? 0x30 + digit : 0x57 + digit), 5);
  return out + 6;
}

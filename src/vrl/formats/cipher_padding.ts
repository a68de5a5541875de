// How the last block of a text is filled up, and how the filling is found again.

export interface Padding {
  /** The text and one to `size` bytes. */
  pad(text: Uint8Array, size: number): Uint8Array;
  /** The text without what was added; undefined when that is not there. */
  unpad(text: Uint8Array, size: number): Uint8Array | undefined;
}

/** By the names in algorithms. */
export const PADDINGS: Readonly<Record<string, Padding>> = {
  PKCS7: counted(
    (out, start) => out.fill(out.length - start, start),
    (count) => (byte) => byte === count,
  ),
  ANSIX923: counted(
    () => {},
    () => (byte) => byte === 0,
  ),
  ISO7816: { pad: padWithMark, unpad: unpadMark },
  // The bytes before the count may be anything, and need not be random.
  ISO10126: counted(
    (out, start) => out.fill(out.length - start, start),
    () => () => true,
  ),
};

/** The last byte says how many were added. */
function counted(
  fill: (out: Uint8Array, start: number) => void,
  check: (count: number) => (byte: number) => boolean,
): Padding {
  return {
    pad(text, size) {
      const out = extended(text, size);
      fill(out, text.length);
      out[out.length - 1] = out.length - text.length;
      return out;
    },
    unpad(text, size) {
      const count = text[text.length - 1] ?? 0;
      if (count === 0 || count > size) return undefined;
      const start = text.length - count;
      return text.subarray(start, -1).every(check(count)) ? text.subarray(0, start) : undefined;
    },
  };
}

function extended(text: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(text.length + size - (text.length % size));
  out.set(text);
  return out;
}

const MARK = 0x80;

function padWithMark(text: Uint8Array, size: number): Uint8Array {
  const out = extended(text, size);
  out[text.length] = MARK;
  return out;
}

function unpadMark(text: Uint8Array, size: number): Uint8Array | undefined {
  let end = text.length - 1;
  while (end >= 0 && text[end] === 0) end -= 1;
  return text[end] === MARK && text.length - end <= size ? text.subarray(0, end) : undefined;
}

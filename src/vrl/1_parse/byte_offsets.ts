// From indexes into a text (UTF-16) to offsets in its bytes (UTF-8), which is what spans hold.

/** Maps an index to its byte offset. Inside a surrogate pair it gives the offset before the pair. */
export type ByteOffsets = (index: number) => number;

export function byteOffsets(text: string): ByteOffsets {
  if (!hasWideCharacters(text)) return identity;
  const offsets = new Uint32Array(text.length + 1);
  let offset = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    offsets[i] = offset;
    if (code < 0x80) offset += 1;
    else if (code < 0x800) offset += 2;
    else if (code < 0xd800 || code > 0xdfff) offset += 3;
    else {
      if (i + 1 < text.length) offsets[++i] = offset;
      offset += 4;
    }
  }
  offsets[text.length] = offset;
  // A place may name the character after the last.
  return (index) => offsets[index] ?? offset + index - text.length;
}

function identity(index: number): number {
  return index;
}

function hasWideCharacters(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return true;
  return false;
}

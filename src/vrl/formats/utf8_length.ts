// Lengths and places in text as bytes of its UTF-8, which is how programs count them.

/** How many bytes `text[start, end)` takes. */
export function utf8Length(text: string, start = 0, end = text.length): number {
  let length = end - start;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Both halves of a pair count two.
    length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return length;
}

/** Where the first character starts that begins at or after a byte; undefined when the text has fewer bytes. */
export function indexOfByte(text: string, byte: number): number | undefined {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (bytes >= byte) return i;
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 3;
    else {
      bytes += 4;
      i += 1;
    }
  }
  return bytes >= byte ? text.length : undefined;
}

/** How many characters a text has. */
export function characterCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xdc00 && unit <= 0xdfff) count -= 1;
  }
  return count;
}

/** Where the text ends after so many characters; its length when it has fewer. */
export function indexOfCharacter(text: string, count: number): number {
  if (text.length <= count) return text.length;
  let index = 0;
  for (let left = count; left > 0 && index < text.length; left--) {
    const unit = text.charCodeAt(index);
    index += unit >= 0xd800 && unit <= 0xdbff ? 2 : 1;
  }
  return index;
}

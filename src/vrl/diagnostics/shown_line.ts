// A line of source as a terminal shows it: tabs as spaces, control characters made visible, wide characters two columns
// wide, and long lines cut to the part that matters.

const TAB = 4;

/** Columns shown of a line. */
const WIDTH_MAX = 140;

/** A line taken apart. Lists by character (code point); the last entry of `columns` and `bytes` is the end. */
export interface MeasuredLine {
  /** What is shown for each character. */
  readonly cells: readonly string[];
  readonly columns: readonly number[];
  /** Where each begins, in bytes from the start of the line. */
  readonly bytes: readonly number[];
}

export function measureLine(line: string): MeasuredLine {
  const cells: string[] = [];
  const columns = [0];
  const bytes = [0];
  let column = 0;
  let byte = 0;
  for (const char of line) {
    const cell = char === '\t' ? ' '.repeat(TAB - (column % TAB)) : visible(char);
    cells.push(cell);
    columns.push((column += char === '\t' ? cell.length : widthOf(char)));
    bytes.push((byte += byteLength(char)));
  }
  return { cells, columns, bytes };
}

export function byteLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // A surrogate pair is two units and four bytes.
    if (code >= 0x80) length += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return length;
}

export interface ShownLine {
  readonly text: string;
  /** Where a character is shown. Those that are cut off are at the cut. */
  columnOf(character: number): number;
}

/** @param focus the character that must be seen */
export function showLine({ cells, columns }: MeasuredLine, focus: number): ShownLine {
  const total = columns.at(-1)!;
  const last = cells.length;
  if (total <= WIDTH_MAX) {
    return { text: cells.join(''), columnOf: (character) => columns[Math.min(character, last)]! };
  }
  // A third of what is shown stands before the place in question.
  const wanted = Math.min(columns[Math.min(focus, last)]! - WIDTH_MAX / 3, total - WIDTH_MAX);
  const from = wanted > 0 ? firstAtLeast(columns, wanted) : 0;
  const to = Math.max(from, firstAtLeast(columns, columns[from]! + WIDTH_MAX + 1) - 1);
  const head = from > 0 ? '… ' : '';
  const tail = to < last ? ' …' : '';
  const shift = columns[from]! - head.length;
  return {
    text: head + cells.slice(from, to).join('') + tail,
    columnOf(character) {
      if (character < from) return 0;
      return character > to ? columns[to]! - shift + tail.length : columns[character]! - shift;
    },
  };
}

/** The first index of an ascending list whose entry is at least `wanted`, or the list's length. */
export function firstAtLeast(list: readonly number[], wanted: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Text in which nothing moves the cursor or changes the colour. */
export function plainText(text: string): string {
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, visible);
}

function visible(char: string): string {
  const code = char.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return isUnsafe(code) ? '\ufffd' : char;
}

/** Controls, and characters that turn the direction of writing or cannot be seen. */
function isUnsafe(code: number): boolean {
  return (
    (code >= 0x80 && code < 0xa0) ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2069) ||
    code === 0xfeff
  );
}

/** Columns that a character takes. */
function widthOf(char: string): number {
  const code = char.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (isUnsafe(code)) return 1;
  if (/\p{Mn}|\p{Me}/u.test(char)) return 0;
  return isWide(code) ? 2 : 1;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1f64f) ||
    (code >= 0x1f680 && code <= 0x1f6ff) ||
    (code >= 0x1f900 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

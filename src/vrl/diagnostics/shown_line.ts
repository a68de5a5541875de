// A line of source as a terminal shows it: tabs as spaces, control characters made visible, wide characters two columns
// wide, and long lines cut to the part that matters.

const TAB = 4;

/** Columns shown of a line. */
const WIDTH_MAX = 140;

export interface ShownLine {
  readonly text: string;
  /** The column at which each character begins, and that after the last. Cut ones share the column of the cut. */
  readonly columns: readonly number[];
}

/** @param focus the character that must be seen */
export function showLine(line: string, focus: number): ShownLine {
  const columns: number[] = [0];
  const cells: string[] = [];
  let column = 0;
  for (const char of line) {
    const cell = char === '\t' ? ' '.repeat(TAB - (column % TAB)) : visible(char);
    cells.push(cell);
    column += char === '\t' ? cell.length : widthOf(char);
    columns.push(column);
  }
  if (column <= WIDTH_MAX) return { text: cells.join('').trimEnd(), columns };
  return cut(cells, columns, Math.min(focus, cells.length));
}

function cut(cells: readonly string[], columns: readonly number[], focus: number): ShownLine {
  const total = columns.at(-1)!;
  // A third of what is shown stands before the place in question.
  let from = 0;
  const wanted = Math.min(columns[focus]! - WIDTH_MAX / 3, total - WIDTH_MAX);
  while (wanted > 0 && columns[from]! < wanted) from++;
  let to = from;
  while (to < cells.length && columns[to + 1]! - columns[from]! <= WIDTH_MAX) to++;
  const head = from > 0 ? '… ' : '';
  const tail = to < cells.length ? ' …' : '';
  const shift = columns[from]! - head.length;
  const end = columns[to]! - shift;
  return {
    text: head + cells.slice(from, to).join('') + tail,
    columns: columns.map((column, i) => (i < from ? 0 : i > to ? end + tail.length : column - shift)),
  };
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

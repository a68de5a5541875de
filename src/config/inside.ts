// Where a part of a text stands in the file, when the value of a leaf is written over several lines, indented or quoted.

import type { Place } from './document.ts';

/**
 * The offset in the file for an offset in `value`, the text of the leaf at `place`; undefined where the value is not
 * written as it is: with escapes, folded lines, or variables put in.
 */
export function offsetsOf({ file, start, end }: Place, value: string): ((offset: number) => number) | undefined {
  const written = file.text.slice(start, end);
  const plain = value.replace(/\n+$/, '');
  const at = written.indexOf(plain);
  if (at !== -1 && /^["']*(\r?\n)?$/.test(written.slice(0, at))) {
    return (offset) => start + at + Math.min(offset, plain.length);
  }
  return lineOffsets(file.text, start, end, plain);
}

/** A block of lines, each behind the same indentation. */
function lineOffsets(
  text: string,
  start: number,
  end: number,
  value: string,
): ((offset: number) => number) | undefined {
  if (!/^[|]/.test(text.slice(start, end).trimStart())) return undefined;
  /** Where each line of the value begins, in the value and in the file. */
  const lines: { readonly from: number; readonly at: number }[] = [];
  let next = text.indexOf('\n', start) + 1;
  let from = 0;
  for (const line of value.split('\n')) {
    if (next === 0 || next > end) return undefined;
    const over = text.indexOf('\n', next);
    const lineEnd = over === -1 ? text.length : over;
    const whole = text.slice(next, lineEnd).replace(/\r$/, '');
    if (!whole.endsWith(line) || whole.slice(0, whole.length - line.length).trim() !== '') return undefined;
    lines.push({ from, at: next + whole.length - line.length });
    from += line.length + 1;
    next = over + 1;
  }
  return (offset) => {
    const line = lines.findLast((one) => one.from <= offset) ?? lines[0]!;
    return line.at + offset - line.from;
  };
}

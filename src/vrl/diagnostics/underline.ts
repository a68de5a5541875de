// The rows under a line of source: marks, and the messages that belong to them.
//
//   now!()
//   ^^^- remove the `!`
//   │
//   this cannot fail
//
// Marks of the same place share a block of messages. The messages of the last mark stand beside it unless another mark
// is in the way; those of the others hang below, from right to left.

import type { Colour, Paint } from './paint.ts';

export interface Mark {
  /** Columns, the end exclusive. */
  readonly from: number;
  readonly to: number;
  readonly primary: boolean;
  readonly messages: readonly string[];
}

export interface Colours {
  readonly primary: Colour;
  readonly context: Colour;
}

export function underline(marks: readonly Mark[], paint: Paint, colours: Colours): string[] {
  if (marks.length === 0) return [];
  const groups = grouped(marks);
  const rows = [new Row()];
  draw(rows[0]!, marks, colours);
  const last = groups.at(-1)!;
  const end = Math.max(...marks.map(({ to }) => to));
  const hanging = groups.filter(({ texts }) => texts.length > 0);
  if (last.to === end && last.texts.length > 0) {
    hanging.pop();
    beside(rows, last, hanging, colours);
  }
  if (hanging.length > 0) {
    if (rows.length === 1) rows.push(pointers(hanging, colours));
    while (hanging.length > 0) {
      const group = hanging.pop()!;
      for (const { text, primary } of group.texts) {
        const row = pointers(hanging, colours);
        row.put(group.from, text, primary ? colours.primary : colours.context);
        rows.push(row);
      }
    }
  }
  return rows.map((row) => row.paint(paint));
}

interface Group {
  readonly from: number;
  to: number;
  primary: boolean;
  readonly texts: { readonly text: string; readonly primary: boolean }[];
}

/** By where they begin, the primary messages first. */
function grouped(marks: readonly Mark[]): Group[] {
  const groups = new Map<number, Group>();
  const sorted = [...marks].sort((a, b) => a.from - b.from || Number(b.primary) - Number(a.primary));
  for (const mark of sorted) {
    const group = groups.get(mark.from) ?? { from: mark.from, to: mark.to, primary: mark.primary, texts: [] };
    group.to = Math.max(group.to, mark.to);
    group.primary ||= mark.primary;
    for (const text of mark.messages) if (text !== '') group.texts.push({ text, primary: mark.primary });
    groups.set(mark.from, group);
  }
  return [...groups.values()];
}

function draw(row: Row, marks: readonly Mark[], colours: Colours): void {
  // The primary ones are drawn over the others.
  for (const mark of [...marks].sort((a, b) => Number(a.primary) - Number(b.primary))) {
    const [sign, colour] = mark.primary ? ['^', colours.primary] : ['-', colours.context];
    row.put(mark.from, sign.repeat(mark.to - mark.from), colour);
  }
}

/** The messages of the last mark, to the right of it. */
function beside(rows: Row[], group: Group, hanging: readonly Group[], colours: Colours): void {
  group.texts.forEach(({ text, primary }, i) => {
    if (i > 0) rows.push(pointers(hanging, colours));
    rows[i]!.put(group.to + 1, text, primary ? colours.primary : colours.context);
  });
}

function pointers(groups: readonly Group[], colours: Colours): Row {
  const row = new Row();
  for (const { from, primary } of groups) row.put(from, '│', primary ? colours.primary : colours.context);
  return row;
}

/** A row that texts are written into at columns. */
class Row {
  readonly #cells: { readonly char: string; readonly colour: Colour }[] = [];

  put(column: number, text: string, colour: Colour): void {
    let at = column;
    for (const char of text) this.#cells[at++] = { char, colour };
  }

  paint(paint: Paint): string {
    let text = '';
    for (let i = 0; i < this.#cells.length; ) {
      const cell = this.#cells[i];
      if (!cell) {
        text += ' ';
        i++;
        continue;
      }
      let run = '';
      while (this.#cells[i]?.colour === cell.colour) run += this.#cells[i++]!.char;
      text += paint(cell.colour, run);
    }
    return text;
  }
}

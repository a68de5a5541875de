// Reads Prometheus' text format. A text is taken whole or not at all.

import { Families } from './families.ts';
import { FormatProblem } from './problem.ts';
import { parseTextLine } from './text_line.ts';

/** The families of a text. Throws `FormatProblem`, which names the line. */
export function parseText(text: string): Families {
  const families = new Families();
  for (let at = 0, number = 1; at < text.length; number++) {
    const end = text.indexOf('\n', at);
    const stop = end < 0 ? text.length : end;
    try {
      takeLine(families, text.slice(at, text[stop - 1] === '\r' ? stop - 1 : stop));
    } catch (error) {
      if (!(error instanceof FormatProblem)) throw error;
      throw new FormatProblem(`line ${number}: ${error.message}`);
    }
    at = stop + 1;
  }
  return families;
}

function takeLine(families: Families, text: string): void {
  const line = parseTextLine(text);
  if (line === undefined) return;
  if (line.kind === 'sample') families.add(line.name, line.labels, line.value, line.timestampMs);
  else if (families.declare(line.name, line.type)) throw new FormatProblem(`\`${line.name}\` has two types`);
}

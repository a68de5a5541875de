// The file with the characters of usual classes, as the engine that runs this knows them.

import { scanAll } from '../src/vrl/formats/regex/unicode_scan.ts';
import { rangesText, USUAL_CONTENTS } from '../src/vrl/formats/regex/usual_classes.ts';

export const USUAL_RANGES_PATH = 'src/vrl/formats/regex/usual_ranges.gen.ts';

/** The longest piece of text on a line. */
const PIECE = 110;

export function renderUsualRanges(): string {
  const entries = USUAL_CONTENTS.map(
    (content) => `  [\n    ${quoted(content)},\n${pieces(rangesText(scanAll(content)))},\n  ],\n`,
  );
  return `// The characters of the classes that patterns mostly name. Written by \`npm run gen\`; do not edit.

export const USUAL_RANGES: ReadonlyMap<string, string> = new Map([
${entries.join('')}]);
`;
}

function pieces(text: string): string {
  const lines = text.match(new RegExp(`.{1,${PIECE}}(?: |$)`, 'g')) ?? [];
  return lines.map((line, index) => `    ${index > 0 ? '  ' : ''}'${line}'`).join(' +\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\')}'`;
}

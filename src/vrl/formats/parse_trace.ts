// What a hand-written parser says when it fails: the places it looked at, innermost first, each with its line and a
// caret under the column. Columns count bytes of UTF-8.

import { trimmedEnd } from './utf8_text.ts';

/** A place (an index into the input) and what was wanted there. */
export type TraceNote =
  | { readonly at: number; readonly kind: 'rule'; readonly name: string }
  | { readonly at: number; readonly kind: 'char'; readonly char: string }
  | { readonly at: number; readonly kind: 'context'; readonly name: string };

export function ruleNote(at: number, name: string): TraceNote {
  return { at, kind: 'rule', name };
}

export function charNote(at: number, char: string): TraceNote {
  return { at, kind: 'char', char };
}

export function contextNote(at: number, name: string): TraceNote {
  return { at, kind: 'context', name };
}

/** Lines are not shown from this column on: one caret must not cost pages of spaces. */
const COLUMN_MAX = 65_535;

/** The message for the notes of a failed parse. */
export function traceText(input: string, notes: readonly TraceNote[]): string {
  const places = notes.map((note) => placeOf(input, note.at));
  const first = places[0];
  if (first && places.some(({ rawColumn }) => rawColumn >= COLUMN_MAX))
    return `parse error at line ${first.line}, column ${first.rawColumn} (line too long to display context)`;
  return notes.map((note, index) => noteText(input, note, index, places[index]!)).join('');
}

interface Place {
  readonly line: number;
  readonly text: string;
  readonly rawColumn: number;
}

function placeOf(input: string, at: number): Place {
  const begin = input.lastIndexOf('\n', at - 1) + 1;
  const start = at === 0 ? 0 : begin;
  let line = 1;
  for (let i = input.indexOf('\n'); i !== -1 && i < at; i = input.indexOf('\n', i + 1)) line++;
  const end = input.indexOf('\n', start);
  return {
    line,
    text: trimmedEnd(input, start, end === -1 ? input.length : end),
    rawColumn: byteLength(input.slice(start, at)) + 1,
  };
}

function noteText(input: string, note: TraceNote, index: number, place: Place): string {
  if (input === '') {
    if (note.kind === 'char') return `${index}: expected '${note.char}', got empty input\n\n`;
    return `${index}: in ${note.name}, got empty input\n\n`;
  }
  const shown = `${place.text}\n${'^'.padStart(place.rawColumn)}\n`;
  if (note.kind !== 'char') return `${index}: at line ${place.line}, in ${note.name}:\n${shown}\n`;
  const code = input.codePointAt(note.at);
  const found = code === undefined ? 'got end of input' : `found ${String.fromCodePoint(code)}`;
  return `${index}: at line ${place.line}:\n${shown}expected '${note.char}', ${found}\n\n`;
}

function byteLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0xd800 && code <= 0xdfff) length += 1;
    else if (code >= 0x800) length += 2;
    else if (code >= 0x80) length += 1;
  }
  return length;
}

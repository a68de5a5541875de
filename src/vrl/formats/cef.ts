// Common Event Format: `CEF:0|vendor|product|version|class|name|severity|key=value key=value`.

import { type Failure, fail } from '../4_run/failure.ts';
import { ruleNote, type TraceNote, traceText } from './parse_trace.ts';
import { trimText } from './utf8_text.ts';

export type CefField = readonly [key: string, value: string];

export const CEF_HEADER = [
  'cefVersion',
  'deviceVendor',
  'deviceProduct',
  'deviceVersion',
  'deviceEventClassId',
  'name',
  'severity',
] as const;

const MARK = 'CEF:';

/**
 * Parses a line: the fields of the extension, then those of the header. Text before `CEF:` is skipped. Not `strict`,
 * values may hold `=`, and what cannot be parsed at the end is left away.
 */
export function parseCef(input: string, strict: boolean): CefField[] | Failure {
  const mark = input.indexOf(MARK);
  if (mark === -1) return fail(traceText(input, [ruleNote(0, 'TakeUntil')]));
  const header = readHeader(input, mark + MARK.length);
  if (!('values' in header)) return fail(traceText(input, header.notes));
  const extension = new Extension(input, header.end, strict);
  const fields = extension.read();
  if (!fields) return fail(traceText(input, [ruleNote(header.end, 'Tag'), ruleNote(header.end, 'Alt')]));
  if (strict && trimText(input.slice(extension.end)) !== '') return fail('Could not parse whole line successfully');
  const last = fields.at(-1);
  if (last) fields[fields.length - 1] = [last[0], last[1].replace(/ +$/, '')];
  for (const [index, key] of CEF_HEADER.entries()) fields.push([key, header.values[index]!]);
  return fields.map(([key, value]) => [key, unquoted(value)]);
}

function unquoted(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

type Header = { readonly values: readonly string[]; readonly end: number } | { readonly notes: readonly TraceNote[] };

function readHeader(input: string, start: number): Header {
  const values: string[] = [];
  let at = start;
  while (values.length < CEF_HEADER.length) {
    if (input[at] === '|') at++;
    const begin = at;
    let value = '';
    while (at < input.length && input[at] !== '|') {
      if (input[at] === '\\') {
        const escaped = input[at + 1];
        if (escaped !== '\\' && escaped !== '|') {
          const note = escaped === undefined ? ruleNote(at, 'EscapedTransform') : ruleNote(at + 1, 'Satisfy');
          return { notes: [note, ruleNote(begin, 'Alt'), ruleNote(start, 'Count')] };
        }
        value += escaped;
        at += 2;
        continue;
      }
      let end = at;
      while (end < input.length && input[end] !== '|' && input[end] !== '\\') end++;
      value += input.slice(at, end);
      at = end;
    }
    values.push(trimText(value));
  }
  return { values, end: at };
}

class Extension {
  end: number;
  readonly #input: string;
  readonly #strict: boolean;
  /** The first ` `, `=` or `\` at or behind a place that was asked for; keys are looked for at every blank. */
  #stop = -1;

  constructor(input: string, start: number, strict: boolean) {
    this.#input = input;
    this.end = start;
    this.#strict = strict;
  }

  /** The pairs up to the first thing that is none; undefined when there is nothing of an extension. */
  read(): CefField[] | undefined {
    const fields: CefField[] = [];
    for (;;) {
      const key = this.#keyAt(this.end);
      const value = key && this.#value(key.end);
      if (!value) break;
      fields.push([key.text, value.text]);
      this.end = value.end;
    }
    if (fields.length > 0) return fields;
    if (this.#input[this.end] !== '|') return undefined;
    this.end++;
    return fields;
  }

  /** Blanks or bars, a name, and `=`. */
  #keyAt(at: number): { text: string; end: number } | undefined {
    const start = this.#skipGaps(at);
    if (start === at) return undefined;
    const stop = this.#stopFrom(start);
    if (stop === start || this.#input[stop] !== '=') return undefined;
    return { text: this.#input.slice(start, stop), end: stop + 1 };
  }

  #skipGaps(at: number): number {
    while (this.#input[at] === ' ' || this.#input[at] === '|') at++;
    return at;
  }

  #stopFrom(start: number): number {
    if (this.#stop < start) {
      let stop = start;
      for (; stop < this.#input.length; stop++) {
        const code = this.#input.charCodeAt(stop);
        if (code === 32 || code === 61 || code === 92) break;
      }
      this.#stop = stop;
    }
    return this.#stop;
  }

  /** Text up to the next key; undefined when it is malformed. */
  #value(start: number): { text: string; end: number } | undefined {
    const input = this.#input;
    let text = '';
    let from = start;
    let at = start;
    while (at < input.length) {
      const char = input[at];
      if (char === '\\') {
        const escaped = input[at + 1];
        if (escaped === undefined) return undefined;
        const known = ESCAPES[escaped];
        text += input.slice(from, at) + (known ?? '\\');
        at += known === undefined ? 1 : 2;
        from = at;
      } else if (char === '=' && this.#strict) {
        if (at === start) return undefined;
        break;
      } else if (char === ' ' || char === '|') {
        if (this.#keyAt(at)) break;
        at = this.#skipGaps(at);
      } else at++;
    }
    return { text: text + input.slice(from, at), end: at };
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '=': '=', '\\': '\\', n: '\n', r: '\n' };

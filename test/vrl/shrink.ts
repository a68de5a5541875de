// Makes a case that shows a difference as small as it gets: parts of the program and fields of the event go as long as
// the same difference stays.

import { closingBracket, splitTop } from './catalog.ts';
import type { Case } from './generate.ts';

/** Batches of candidates that are tried at most. */
const ROUNDS_MAX = 60;
/** Candidates of a round at most. */
const CANDIDATES_MAX = 200;

/** @param shows for each case whether it still shows the difference. */
export async function shrunk(
  start: Case,
  shows: (cases: readonly Case[]) => Promise<readonly boolean[]>,
): Promise<Case> {
  let best = start;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const candidates = smaller(best).slice(0, CANDIDATES_MAX);
    if (candidates.length === 0) return best;
    const shown = await shows(candidates);
    const better = candidates.filter((_, i) => shown[i]).sort((a, b) => sizeOf(a) - sizeOf(b))[0];
    if (better === undefined) return best;
    best = better;
  }
  return best;
}

function sizeOf({ source, event }: Case): number {
  return source.length * 2 + JSON.stringify(event).length;
}

function smaller(from: Case): Case[] {
  const { timezone: _, read_only: __, ...plain } = from;
  const others = from.timezone !== undefined || from.read_only !== undefined ? [plain] : [];
  const sources = smallerSources(from.source).map((source) => ({ ...from, source }));
  const events = smallerValues(from.event).map((event) => ({ ...from, event }));
  const all = [...others, ...events, ...sources].filter((one) => sizeOf(one) < sizeOf(from) || one === plain);
  return all.sort((a, b) => sizeOf(a) - sizeOf(b));
}

const TOKEN = /"(?:[^"\\\n]|\\.)*"|[srt]'(?:[^'\\\n]|\\.)*'|[A-Za-z_]\w*|-?\d[\d_.]*|\s+|[^\s\w]/g;

function smallerSources(source: string): string[] {
  const found = new Set<string>();
  for (const separator of ['\n', ';']) {
    const parts = splitTop(source, separator);
    if (parts.length < 2) continue;
    for (const [i, part] of parts.entries())
      found.add(part.trim()).add(parts.filter((_, j) => j !== i).join(separator));
  }
  const tokens = [...source.matchAll(TOKEN)];
  for (const { 0: token, index } of tokens) {
    const without = (end: number, instead: string): void => {
      found.add(source.slice(0, index) + instead + source.slice(end));
    };
    const end = index + token.length;
    without(end, '');
    if ('([{'.includes(token)) {
      const close = closingBracket(source, index);
      if (close !== undefined) {
        without(close + 1, source.slice(index + 1, close));
        without(close + 1, token === '(' ? '()' : token === '[' ? '[]' : '{}');
        without(close + 1, '');
        // An item of a list.
        const items = splitTop(source.slice(index + 1, close), ',');
        if (items.length > 1)
          for (const i of items.keys()) without(close, token + items.filter((_, j) => j !== i).join(','));
      }
    }
    if (/^"../.test(token)) for (const text of smallerTexts(token.slice(1, -1))) without(end, `"${text}"`);
    if (/^[srt]'../.test(token))
      for (const text of smallerTexts(token.slice(2, -1))) without(end, `${token.slice(0, 2)}${text}'`);
    if (/^-?\d{2}/.test(token)) without(end, '1');
    // An assignment's value alone.
    if (token === '=' || token === '??') found.add(source.slice(end).trim());
    if (token === '??') found.add(source.slice(0, index).trim());
  }
  found.delete(source);
  return [...found].sort((a, b) => a.length - b.length);
}

function smallerTexts(text: string): string[] {
  const half = Math.floor(text.length / 2);
  const single = text.length <= 40 ? [...text].map((_, i) => text.slice(0, i) + text.slice(i + 1)) : [];
  return [...new Set(['', text.slice(0, half), text.slice(half), ...single])];
}

function smallerValues(value: unknown): unknown[] {
  if (typeof value === 'string') return value.length > 1 ? smallerTexts(value) : [];
  if (typeof value === 'number') return value > 1 ? [1, 0] : [];
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => [
      value.filter((_, j) => j !== i),
      ...smallerValues(item).map((less) => value.map((one, j) => (j === i ? less : one))),
    ]);
  }
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  if (entries.length === 1 && /^\$/.test(entries[0]![0]) && typeof entries[0]![1] === 'string') return [];
  return entries.flatMap(([key, member]) => [
    Object.fromEntries(entries.filter(([name]) => name !== key)),
    ...smallerValues(member).map((less) =>
      Object.fromEntries(entries.map(([name, one]) => [name, name === key ? less : one])),
    ),
  ]);
}

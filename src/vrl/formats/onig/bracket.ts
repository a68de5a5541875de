// Bracket expressions: `[a-z]`, `[^"\\]`, `[[:alpha:]_]`, sets within sets, and `&&` for what both sides have.

import { CharSet } from '../regex/char_set.ts';
import { DIGIT, HEX, POSIX, SPACE, WORD } from './classes.ts';
import { OnigProblem } from './node.ts';
import type { PatternReader } from './reader.ts';

/** Sets nested deeper than this are refused. */
const NESTING_MAX = 100;

const CLASSES: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  D: DIGIT.negated(),
  s: SPACE,
  S: SPACE.negated(),
  w: WORD,
  W: WORD.negated(),
  h: HEX,
  H: HEX.negated(),
};

/** Parses from behind the opening bracket. */
export function parseBracket(reader: PatternReader, ignoreCase: boolean, depth = 0): CharSet {
  if (depth > NESTING_MAX) throw new OnigProblem(-16, 'parse depth limit over');
  const negated = reader.take('^');
  let whole: CharSet | undefined;
  let parts: CharSet[] = [];
  const close = () => {
    const set = CharSet.union(parts.length > 0 ? parts : [CharSet.of([])]);
    whole = whole ? whole.combined('&&', set) : set;
    parts = [];
  };
  // A bracket that closes at once is a character, where another closes later.
  if (reader.char === ']') {
    if (!/^\](?:\\[\s\S]|[^\]\\])*\]/.test(reader.source.slice(reader.at)))
      throw new OnigProblem(-102, 'empty char-class');
    reader.at++;
    parts.push(range(reader, 93));
  }
  for (;;) {
    if (reader.atEnd) throw premature();
    if (reader.take(']')) break;
    if (reader.take('&&')) close();
    else parts.push(member(reader, ignoreCase, depth));
  }
  close();
  const set = ignoreCase ? whole!.folded() : whole!;
  return negated ? set.negated() : set;
}

function premature(): OnigProblem {
  return new OnigProblem(-103, 'premature end of char-class');
}

function member(reader: PatternReader, ignoreCase: boolean, depth: number): CharSet {
  if (reader.char === '[') {
    const posix = posixClass(reader);
    if (posix) return posix;
    reader.at++;
    return parseBracket(reader, ignoreCase, depth + 1);
  }
  const single = code(reader);
  if (typeof single === 'number') return range(reader, single);
  if (reader.char === '-' && reader.source[reader.at + 1] !== ']' && !reader.source.startsWith('-&&', reader.at))
    throw new OnigProblem(-112, 'unmatched range specifier in char-class');
  return single;
}

function posixClass(reader: PatternReader): CharSet | undefined {
  const match = /^\[:(\^?)([^:\]\\[]{1,20}):\]/.exec(reader.source.slice(reader.at, reader.at + 32));
  if (!match) return undefined;
  const set = POSIX[match[2]!];
  if (!set) throw new OnigProblem(-121, 'invalid POSIX bracket type');
  reader.at += match[0].length;
  return match[1] === '' ? set : set.negated();
}

/** One character, or a class that an escape names. */
function code(reader: PatternReader): number | CharSet {
  if (!reader.take('\\')) return reader.next().codePointAt(0)!;
  if (reader.atEnd) throw new OnigProblem(-104, 'end pattern at escape');
  const set = CLASSES[reader.char];
  if (set) {
    reader.at++;
    return set;
  }
  if (/^[pP]\{/.test(reader.source.slice(reader.at, reader.at + 2))) return reader.property();
  if (reader.take('b')) return 8;
  return reader.escapedCode();
}

/** The range that begins with a character, or the character alone. */
function range(reader: PatternReader, from: number): CharSet {
  const next = reader.source[reader.at + 1];
  if (reader.char !== '-' || next === ']' || next === undefined) return CharSet.of([from, from]);
  if (reader.source.startsWith('-&&', reader.at)) return CharSet.of([from, from]);
  reader.at++;
  if (next === '[') return CharSet.of([45, 45]);
  const to = code(reader);
  if (typeof to !== 'number') throw new OnigProblem(-110, 'char-class value at end of range');
  if (to < from) throw new OnigProblem(-203, 'empty range in char class');
  return CharSet.of([from, to]);
}

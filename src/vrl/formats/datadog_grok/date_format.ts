// Formats of dates as Joda-Time writes them (`yyyy-MM-dd'T'HH:mm:ss.SSS`), made into those of strftime and into
// regular expressions.

/** A run of one letter, a quoted literal, or a character that stands for itself. */
type Piece =
  | { readonly kind: 'letters'; readonly letter: string; readonly count: number }
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'char'; readonly char: string };

function piecesOf(format: string): Piece[] {
  const pieces: Piece[] = [];
  for (const match of format.matchAll(/([A-Za-z])\1*|'([^']*)'?|([\s\S])/gu)) {
    const [all, letter, literal] = match;
    if (letter !== undefined) pieces.push({ kind: 'letters', letter, count: all.length });
    else if (literal !== undefined) pieces.push({ kind: 'literal', text: literal });
    else pieces.push({ kind: 'char', char: all });
  }
  return pieces;
}

/** The format for `strptime`; undefined where it has a letter that means nothing. */
export function strptimeFormat(format: string): string | undefined {
  let result = '';
  for (const piece of piecesOf(format)) {
    if (piece.kind === 'literal') result += piece.text;
    else if (piece.kind === 'char') result += piece.char;
    else if (piece.letter === 'S') {
      // The fraction brings its point along.
      result = `${[...result].slice(0, -1).join('')}%.f`;
    } else {
      const specifier = specifierOf(piece.letter, piece.count);
      if (specifier === undefined) return undefined;
      result += specifier;
    }
  }
  return result;
}

const SPECIFIERS: Readonly<Record<string, string>> = {
  h: '%I',
  H: '%H',
  m: '%M',
  s: '%S',
  x: '%D',
  c: '%C',
  C: '%C',
  e: '%u',
  D: '%j',
  w: '%V',
  a: '%p',
  z: '%Z',
};

function specifierOf(letter: string, count: number): string | undefined {
  switch (letter) {
    case 'y':
    case 'Y':
      return count === 2 ? '%y' : '%Y';
    case 'd':
      return count === 1 ? '%-d' : '%d';
    case 'M':
      return ['%-m', '%m', '%b'][count - 1] ?? '%B';
    case 'E':
      return count < 3 ? undefined : count === 3 ? '%a' : '%A';
    case 'Z':
      return ['%z', '%:z'][count - 1] ?? '';
    default:
      return SPECIFIERS[letter];
  }
}

export interface DateExpression {
  readonly source: string;
  /** The text says how far it is from UTC, or names its zone. */
  readonly hasZone: boolean;
  /** There is a capture `tz`, the name of the zone. */
  readonly capturesZone: boolean;
  /** There are captures `fr`, the character before the fraction of a second, and `before`, what stands before that. */
  readonly capturesFraction: boolean;
}

/** The regular expression for texts of a format; undefined where it has a letter that means nothing. */
export function dateExpression(format: string, withCaptures: boolean): DateExpression | undefined {
  const expression = { source: '', hasZone: false, capturesZone: false, capturesFraction: false };
  for (const piece of piecesOf(format)) {
    if (piece.kind === 'literal') expression.source += piece.text;
    else if (piece.kind === 'char') expression.source += piece.char === '.' ? '\\.' : piece.char;
    else if (piece.letter === 'S') addFraction(expression, piece.count, withCaptures);
    else if (piece.letter === 'z') {
      const name = piece.count >= 4 ? '[\\w]+(?:\\/[\\w]+)?' : '[\\w]+';
      expression.source += withCaptures ? `(?P<tz>${name.replace('\\/', '/')})` : name;
      expression.capturesZone ||= withCaptures;
      expression.hasZone = true;
    } else {
      const source = sourceOf(piece.letter, piece.count);
      if (source === undefined) return undefined;
      expression.source += source;
      expression.hasZone ||= piece.letter === 'Z';
    }
  }
  return expression;
}

function addFraction(
  expression: { source: string; capturesFraction: boolean },
  count: number,
  withCaptures: boolean,
): void {
  const chars = [...expression.source];
  let char = chars.pop();
  if (char === '.') {
    chars.pop();
    char = '\\.';
  }
  const before = chars.join('');
  const captures = withCaptures && char !== undefined;
  const point = char ?? '';
  expression.capturesFraction ||= captures;
  expression.source = `${captures ? `(?P<before>${before})(?P<fr>${point})` : before + point}[\\d]{${count}}`;
}

function sourceOf(letter: string, count: number): string | undefined {
  switch (letter) {
    case 'd':
      return count === 1 ? '[\\d]{1,2}' : `[\\d]{${count}}`;
    case 'y':
      return `[\\d]{${count === 1 ? 4 : count}}`;
    case 'M':
      return ['[\\d]{1,2}', '[\\d]{2}', '[\\w]{3}'][count - 1] ?? '[\\w]+';
    case 'a':
      return '(?:[aA][mM]|[pP][mM])';
    case 'E':
      return count < 3 ? undefined : count === 3 ? '[\\w]{3}' : '[\\w]+';
    case 'Z':
      return count <= 2 ? '(?:Z|[+-]\\d\\d:?\\d\\d)' : '[\\w]+(?:/[\\w]+)?';
    default:
      return 'hHmsYxcCeDw'.includes(letter) ? `[\\d]{${count}}` : undefined;
  }
}

/** An expression whose captures are the fields of the time, the month and the day, by their letters. */
export function fieldExpression(format: string): { readonly source: string; readonly letters: readonly string[] } {
  const letters: string[] = [];
  let source = '';
  for (const piece of piecesOf(format)) {
    if (piece.kind !== 'letters')
      source += (piece.kind === 'literal' ? piece.text : piece.char).replace(/[^\w\s]/g, '\\$&');
    else if ('hHmsSaMd'.includes(piece.letter)) {
      letters.push(piece.letter);
      source += `(${piece.letter === 'S' ? `[\\d]{${piece.count}}` : sourceOf(piece.letter, piece.count)})`;
    } else source += piece.letter === 'z' ? '[\\w/]+' : `(?:${sourceOf(piece.letter, piece.count)})`;
  }
  return { source, letters };
}

// Words of identifiers, cut at separators and where letters change their case or meet digits, and put together in
// another convention.

export type CaseName = 'camelCase' | 'PascalCase' | 'SCREAMING_SNAKE' | 'snake_case' | 'kebab-case';

/** In the order of messages. */
export const CASE_NAMES = ['camelCase', 'PascalCase', 'SCREAMING_SNAKE', 'snake_case', 'kebab-case'] as const;

export const CASE_DOCS: Readonly<Record<CaseName, string>> = {
  'kebab-case': 'Small letters, words joined by `-`.',
  camelCase: 'Each word but the first begins with a capital.',
  PascalCase: 'Each word begins with a capital.',
  SCREAMING_SNAKE: 'Capitals, words joined by `_`.',
  snake_case: 'Small letters, words joined by `_`.',
};

/** Boundaries at which names are cut without losing a character, in the order of messages. */
export const BOUNDARY_NAMES = [
  'lower_upper',
  'upper_lower',
  'acronym',
  'lower_digit',
  'upper_digit',
  'digit_lower',
  'digit_upper',
] as const;

export type BoundaryName = (typeof BOUNDARY_NAMES)[number];

const SEPARATORS = [' ', '-', '_'] as const;

interface Boundaries {
  readonly separators: readonly string[];
  readonly changes: ReadonlySet<BoundaryName>;
}

const CHANGES: readonly BoundaryName[] = [
  'lower_upper',
  'acronym',
  'lower_digit',
  'upper_digit',
  'digit_lower',
  'digit_upper',
];

/** Where to cut names, all in the given case or in any. */
export function boundariesOf(from: CaseName | undefined, excluded: readonly BoundaryName[] = []): Boundaries {
  const changes = new Set(CHANGES.filter((name) => !excluded.includes(name)));
  if (from === undefined) return { separators: SEPARATORS, changes };
  if (from === 'kebab-case') return { separators: ['-'], changes: new Set() };
  if (from === 'snake_case' || from === 'SCREAMING_SNAKE') return { separators: ['_'], changes: new Set() };
  return { separators: [], changes };
}

export function convertCase(text: string, boundaries: Boundaries, to: CaseName): string {
  const words = wordsOf(text, boundaries);
  switch (to) {
    case 'snake_case':
      return words.map((word) => word.toLowerCase()).join('_');
    case 'kebab-case':
      return words.map((word) => word.toLowerCase()).join('-');
    case 'SCREAMING_SNAKE':
      return words.map((word) => word.toUpperCase()).join('_');
    case 'PascalCase':
      return words.map(capitalized).join('');
    case 'camelCase':
      return words.map((word, i) => (i === 0 ? word.toLowerCase() : capitalized(word))).join('');
  }
}

function capitalized(word: string): string {
  const [first = ''] = graphemesOf(word);
  return first.toUpperCase() + word.slice(first.length).toLowerCase();
}

const OTHER = 0;
const LOWER = 1;
const UPPER = 2;
const DIGIT = 3;

function wordsOf(text: string, { separators, changes }: Boundaries): string[] {
  const graphemes = graphemesOf(text);
  const sorts = graphemes.map(sortOf);
  const words: string[] = [];
  let start = 0;
  let at = 0;
  const cut = (end: number) => {
    if (end > start) words.push(text.slice(start, end));
  };
  for (let i = 0; i < graphemes.length; i++) {
    const grapheme = graphemes[i]!;
    const after = at + grapheme.length;
    if (separators.includes(grapheme)) {
      cut(at);
      start = after;
    } else if (isChange(sorts[i]!, sorts[i + 1], sorts[i + 2], changes)) {
      cut(after);
      start = after;
    }
    at = after;
  }
  cut(text.length);
  return words;
}

function isChange(
  here: number,
  next: number | undefined,
  third: number | undefined,
  changes: ReadonlySet<BoundaryName>,
): boolean {
  if (here === LOWER) {
    return (next === UPPER && changes.has('lower_upper')) || (next === DIGIT && changes.has('lower_digit'));
  }
  if (here === UPPER) {
    if (next === UPPER) return third === LOWER && changes.has('acronym');
    return next === DIGIT && changes.has('upper_digit');
  }
  if (here !== DIGIT) return false;
  return (next === LOWER && changes.has('digit_lower')) || (next === UPPER && changes.has('digit_upper'));
}

function sortOf(grapheme: string): number {
  if (grapheme.length === 1) {
    const code = grapheme.charCodeAt(0);
    if (code >= 97 && code <= 122) return LOWER;
    if (code >= 65 && code <= 90) return UPPER;
    if (code >= 48 && code <= 57) return DIGIT;
    if (code < 128) return OTHER;
  }
  const upper = grapheme.toUpperCase();
  const lower = grapheme.toLowerCase();
  if (upper === lower) return OTHER;
  return grapheme === lower ? LOWER : grapheme === upper ? UPPER : OTHER;
}

let segmenter: Intl.Segmenter | undefined;

/** Each character as a reader sees it. */
export function graphemesOf(text: string): string[] {
  // CR and LF belong together, all else in ASCII stands alone.
  if (/^[\0-\x0c\x0e-\x7f]*$/.test(text)) return text.split('');
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

// Finds what a TypeScript file imports, by its tokens: comments, regular expressions and the text of strings and
// templates that only look like imports do not count.

export interface Import {
  /** What stands between the quotes. */
  readonly specifier: string;
  /** From 1. */
  readonly line: number;
  /** `import type` and `export type`: gone at run time. */
  readonly typeOnly: boolean;
}

interface Token {
  readonly kind: 'word' | 'string' | 'punctuation';
  readonly text: string;
  readonly line: number;
}

/** The static imports, re-exports and dynamic imports of literals in a source text, in their order. */
export function findImports(source: string): Import[] {
  const tokens = tokenize(source);
  const imports: Import[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const { kind, text } = tokens[i];
    if (kind !== 'word' || (text !== 'import' && text !== 'export') || tokens[i - 1]?.text === '.') continue;
    const found = text === 'import' ? specifierOfImport(tokens, i + 1) : specifierOfExport(tokens, i + 1);
    if (found === undefined) continue;
    const [specifier, line] = [found.text, found.line];
    // `import type from 'x'` imports a default named type; `import type X from 'x'` does not.
    const typeOnly = tokens[i + 1]?.text === 'type' && tokens[i + 2]?.text !== 'from';
    imports.push({ specifier, line, typeOnly });
  }
  return imports;
}

function specifierOfImport(tokens: readonly Token[], at: number): Token | undefined {
  const first = tokens[at];
  if (first?.kind === 'string') return first;
  if (first?.text === '(') return tokens[at + 1]?.kind === 'string' ? tokens[at + 1] : undefined;
  if (first?.text === '.') return undefined;
  return specifierAfterFrom(tokens, at);
}

function specifierOfExport(tokens: readonly Token[], at: number): Token | undefined {
  const first = tokens[at]?.text === 'type' ? tokens[at + 1] : tokens[at];
  return first?.text === '{' || first?.text === '*' ? specifierAfterFrom(tokens, at) : undefined;
}

/** Names, braces, commas and `as` may stand before `from`; anything else means this was no import. */
function specifierAfterFrom(tokens: readonly Token[], at: number): Token | undefined {
  for (let i = at; i < tokens.length; i++) {
    const { kind, text } = tokens[i];
    if (text === 'from' && tokens[i + 1]?.kind === 'string') return tokens[i + 1];
    if (kind === 'punctuation' && !'{},*'.includes(text)) return undefined;
    if (text === '}' && tokens[i + 1]?.text !== 'from') return undefined;
  }
  return undefined;
}

/** Words after which a slash begins a regular expression and does not divide. */
const BEFORE_REGEX = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'await',
  'yield',
  'void',
  'new',
  'delete',
  'else',
]);

const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$]*|\d[\w.]*/uy;
const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y;
const STRING = /'((?:\\[\s\S]|[^'\\\n])*)'|"((?:\\[\s\S]|[^"\\\n])*)"/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const TEMPLATE = /(?:\\[\s\S]|[^`\\$]|\$(?!\{))*(`|\$\{)/y;

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  /** For each open `${`, how many braces are open inside it. */
  const templates: number[] = [];
  let at = 0;
  let line = 1;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null) return null;
    at = pattern.lastIndex;
    return match;
  };
  const countLines = (text: string): void => {
    for (const character of text) if (character === '\n') line++;
  };
  const takeTemplate = (): void => {
    const match = take(TEMPLATE);
    if (match === null) at = source.length;
    else if (match[1] === '${') templates.push(0);
    countLines(match?.[0] ?? '');
  };
  while (at < source.length) {
    const character = source[at];
    let match: RegExpExecArray | null;
    if (character === '\n' || /\s/.test(character)) {
      if (character === '\n') line++;
      at++;
    } else if (character === '/' && (match = take(COMMENT))) countLines(match[0]);
    else if (character === '/' && startsRegex(tokens.at(-1)) && take(REGEX))
      tokens.push({ kind: 'punctuation', text: ')', line });
    else if ((character === "'" || character === '"') && (match = take(STRING)))
      tokens.push({ kind: 'string', text: match[1] ?? match[2] ?? '', line });
    else if (character === '`') {
      at++;
      tokens.push({ kind: 'punctuation', text: '`', line });
      takeTemplate();
    } else if (character === '}' && templates.at(-1) === 0) {
      at++;
      templates.pop();
      takeTemplate();
    } else if ((match = take(WORD))) tokens.push({ kind: 'word', text: match[0], line });
    else {
      if (templates.length > 0 && character === '{') templates[templates.length - 1]++;
      if (templates.length > 0 && character === '}') templates[templates.length - 1]--;
      tokens.push({ kind: 'punctuation', text: character, line });
      at++;
    }
  }
  return tokens;
}

function startsRegex(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'punctuation') return !')]}`'.includes(before.text);
  return before.kind === 'word' && BEFORE_REGEX.has(before.text);
}

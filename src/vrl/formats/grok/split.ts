// Splits a grok pattern into regular expressions and placeholders: `%{NAME:field:type=definition}`.

export type Component =
  | { readonly kind: 'regex'; readonly text: string }
  | {
      readonly kind: 'placeholder';
      readonly name: string;
      readonly alias: string;
      readonly definition: string;
    };

/** What is wrong with a placeholder, in the words of messages. */
export type SplitProblem = `InvalidCharacter(${string})` | 'InvalidPattern' | 'InvalidPatternDefinition';

/** The components, up to the first problem. */
export function splitGrok(pattern: string): readonly Component[] | SplitProblem {
  const components: Component[] = [];
  for (let at = 0; at < pattern.length; ) {
    if (pattern.startsWith('%{', at)) {
      const placeholder = readPlaceholder(pattern, at + 2);
      if (typeof placeholder === 'string') return placeholder;
      components.push(placeholder.component);
      at = placeholder.end;
      continue;
    }
    // A percent sign also takes the character behind it, whatever that is.
    const from = pattern[at] === '%' ? at + 2 : at + 1;
    const next = pattern.indexOf('%', from);
    const end = next === -1 ? pattern.length : next;
    components.push({ kind: 'regex', text: pattern.slice(at, end) });
    at = end;
  }
  return components;
}

const NAME = /[0-9A-Za-z_]*/y;
/** Fields and types may be paths. */
const FIELD = /[0-9A-Za-z_\-[\].]*/y;

function readPlaceholder(pattern: string, start: number): { component: Component; end: number } | SplitProblem {
  const words: string[] = [];
  let at = start;
  for (;;) {
    const word = words.length === 0 ? NAME : FIELD;
    word.lastIndex = at;
    const text = word.exec(pattern)![0];
    at += text.length;
    const terminator = pattern[at];
    if (terminator === undefined) return 'InvalidPattern';
    if (terminator !== '}' && terminator !== '=' && terminator !== ':')
      return `InvalidCharacter(${debugChar(pattern, at)})`;
    if ((words.length === 0 && text === '') || words.length === 3) return 'InvalidPattern';
    words.push(text);
    at++;
    if (words.length === 3 && text === '') return 'InvalidPatternDefinition';
    if (terminator === ':') continue;
    const definition = terminator === '=' ? readDefinition(pattern, at) : '';
    if (definition === undefined || (words.length === 2 && words[1] === '')) return 'InvalidPatternDefinition';
    const end = terminator === '=' ? at + definition.length + 1 : at;
    return { component: { kind: 'placeholder', name: words[0]!, alias: words[1] ?? '', definition }, end };
  }
}

function readDefinition(pattern: string, start: number): string | undefined {
  const end = pattern.indexOf('}', start);
  const definition = end === -1 ? '' : pattern.slice(start, end);
  return definition === '' || definition.includes('{') ? undefined : definition;
}

function debugChar(pattern: string, at: number): string {
  const char = String.fromCodePoint(pattern.codePointAt(at)!);
  if (char === "'" || char === '\\') return `'\\${char}'`;
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' }[char];
  if (short !== undefined) return `'${short}'`;
  return /[\p{C}\p{Z}\p{Grapheme_Extend}]/u.test(char) && char !== ' '
    ? `'\\u{${char.codePointAt(0)!.toString(16)}}'`
    : `'${char}'`;
}

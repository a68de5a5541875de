// Text in quotes as messages of the original show it: control characters, marks that combine and whatever else cannot
// be seen are written as escapes.

const UNSEEN = /["\\]|(?! )[\p{C}\p{Z}\p{Grapheme_Extend}]/gu;

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\0': '\\0',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

/** `say "hi"` → `"say \"hi\""`. */
export function debugText(text: string): string {
  return `"${text.replace(UNSEEN, (char) => SHORT[char] ?? `\\u{${char.codePointAt(0)!.toString(16)}}`)}"`;
}

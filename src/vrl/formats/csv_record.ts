// The first record of CSV text. Works on text of any unit (characters or bytes as characters).

const QUOTE = '"';

/** The fields of the first record; empty lines before it are skipped, no record gives no fields. */
export function firstCsvRecord(text: string, delimiter: string): string[] {
  let at = 0;
  while (isLineEnd(text[at])) at++;
  if (at >= text.length) return [];
  const fields: string[] = [];
  for (;;) {
    const field = readField(text, at, delimiter);
    fields.push(field.text);
    if (field.end >= text.length || text[field.end] !== delimiter) return fields;
    at = field.end + 1;
  }
}

/** Quotes count only where the field begins with one; what follows the closing quote is taken as it is. */
function readField(text: string, start: number, delimiter: string): { text: string; end: number } {
  if (text[start] !== QUOTE) {
    const end = plainEnd(text, start, delimiter);
    return { text: text.slice(start, end), end };
  }
  let field = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf(QUOTE, at);
    if (quote === -1) return { text: field + text.slice(at), end: text.length };
    field += text.slice(at, quote);
    if (text[quote + 1] === QUOTE) {
      field += QUOTE;
      at = quote + 2;
      continue;
    }
    const end = plainEnd(text, quote + 1, delimiter);
    return { text: field + text.slice(quote + 1, end), end };
  }
}

function plainEnd(text: string, start: number, delimiter: string): number {
  let end = start;
  while (end < text.length && text[end] !== delimiter && !isLineEnd(text[end])) end++;
  return end;
}

function isLineEnd(char: string | undefined): boolean {
  return char === '\n' || char === '\r';
}

// CSV as tables are written: fields between delimiters, in quotes where they hold delimiters, quotes or line ends.

/** The records of a text; empty lines are none. */
export function csvRecords(text: string, delimiter: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const isStart = record.length === 0;
    if (isStart && (text[at] === '\n' || text[at] === '\r')) {
      at += 1;
      continue;
    }
    const field = fieldAt(text, at, delimiter);
    record.push(field.text);
    at = field.end;
    if (text[at] === delimiter && at < text.length) {
      at += 1;
      // A record may end in an empty field.
      if (at === text.length || text[at] === '\n' || text[at] === '\r') record.push('');
      else continue;
    }
    records.push(record);
    record = [];
  }
  return records;
}

function fieldAt(text: string, start: number, delimiter: string): { readonly text: string; readonly end: number } {
  if (text[start] !== '"') {
    const end = plainEnd(text, start, delimiter);
    return { text: text.slice(start, end), end };
  }
  let field = '';
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return { text: field + text.slice(at), end: text.length };
    field += text.slice(at, quote);
    if (text[quote + 1] !== '"') {
      const end = plainEnd(text, quote + 1, delimiter);
      return { text: field + text.slice(quote + 1, end), end };
    }
    field += '"';
    at = quote + 2;
  }
}

function plainEnd(text: string, start: number, delimiter: string): number {
  let end = start;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end += 1;
  return end;
}

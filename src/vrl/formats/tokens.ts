// Splits a line into words, quoted texts and bracketed texts: `a "b c" [d]`.

/** The tokens as they stand, without their quotes or brackets; escapes are kept. */
export function tokenize(input: string): string[] {
  const tokens: string[] = [];
  let at = 0;
  while (at < input.length) {
    const open = input[at];
    const close = open === '[' ? ']' : open === '"' ? '"' : undefined;
    const end = close === undefined ? -1 : closingIndex(input, at + 1, close);
    if (end !== -1) {
      tokens.push(input.slice(at + 1, end));
      at = end + 1;
    } else {
      // What opens and does not close, or a blank where a token should be, takes the rest of the line.
      const stop = close === undefined ? wordEnd(input, at) : at;
      const next = stop === at ? input.length : stop;
      tokens.push(input.slice(at, next));
      at = next;
    }
    while (input[at] === ' ' || input[at] === '\t') at++;
  }
  return tokens;
}

function wordEnd(input: string, start: number): number {
  for (let at = start; at < input.length; at++) {
    const code = input.charCodeAt(at);
    if (code === 32 || code === 9 || code === 34 || code === 91) return at;
  }
  return input.length;
}

/** Only the closing character and the backslash can be escaped; -1 when the text does not close. */
function closingIndex(input: string, start: number, close: string): number {
  for (let i = start; i < input.length; i++) {
    const char = input[i];
    if (char === close) return i;
    if (char === '\\') {
      i++;
      if (input[i] !== close && input[i] !== '\\') return -1;
    }
  }
  return -1;
}

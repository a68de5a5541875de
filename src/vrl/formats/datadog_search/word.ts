// Finds words in text, where `*` stands for anything on the same line: `con*ed` in `connection refused`. What is found
// begins and ends between a letter and something else, in the sense of Unicode.

/** A function that tells whether `wildcard` is found in a text. Takes time in proportion to the text. */
export function wordFinder(wildcard: string): (text: string) => boolean {
  const parts = wildcard.split('*');
  const first = parts[0]!;
  if (parts.length === 1) return (text) => findsWord(text, first);
  const middle = parts.slice(1, -1).filter((part) => part !== '');
  const last = parts.at(-1)!;
  return (text) => {
    if (!text.includes('\n')) return findsAll(text, first, middle, last);
    return text.split('\n').some((line) => findsAll(line, first, middle, last));
  };
}

function findsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (isBoundary(text, at) && isBoundary(text, at + word.length)) return true;
    if (at >= text.length) return false;
  }
  return false;
}

/** The earliest place for each part leaves most room for the next. */
function findsAll(line: string, first: string, middle: readonly string[], last: string): boolean {
  let at = line.indexOf(first);
  while (at !== -1 && !isBoundary(line, at)) at = at < line.length ? line.indexOf(first, at + 1) : -1;
  if (at === -1) return false;
  at += first.length;
  for (const part of middle) {
    const found = line.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  for (let end = line.lastIndexOf(last); end >= at; end = end > 0 ? line.lastIndexOf(last, end - 1) : -1) {
    if (isBoundary(line, end + last.length)) return true;
  }
  return false;
}

function isBoundary(text: string, at: number): boolean {
  return isWordBefore(text, at) !== isWordAt(text, at);
}

const WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

function isWordAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x80) return isAsciiWord(code);
  return at < text.length && WORD.test(String.fromCodePoint(text.codePointAt(at)!));
}

function isWordBefore(text: string, at: number): boolean {
  if (at === 0) return false;
  const code = text.charCodeAt(at - 1);
  if (code < 0x80) return isAsciiWord(code);
  const isLow = code >= 0xdc00 && code < 0xe000;
  return isWordAt(text, isLow ? at - 2 : at - 1);
}

function isAsciiWord(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x5f
  );
}

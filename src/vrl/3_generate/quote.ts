// The one way for text of a program (names, strings) to reach generated code.

const UNSAFE = /[\u2028\u2029]|<\/|<!--/g;

/** A JavaScript string literal of any text. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(UNSAFE, (found) =>
    [...found].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
}

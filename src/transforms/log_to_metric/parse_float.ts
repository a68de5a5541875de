// Text as a float, by the grammar that Vector's parser has: no spaces, no hexadecimal, `inf` and `nan` in any case.

const FLOAT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const WORD = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i;

/** Longer texts are no numbers that anybody measured. */
const LENGTH_MAX = 1_024;

export function parseFloatText(text: string): number | undefined {
  if (text.length > LENGTH_MAX) return undefined;
  if (FLOAT.test(text)) return Number(text);
  const word = WORD.exec(text);
  if (!word) return undefined;
  if (word[2] === undefined) return Number.NaN;
  return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

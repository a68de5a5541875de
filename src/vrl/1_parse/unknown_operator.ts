// E203 for runs of operator characters that are no operator, mostly habits from other languages.

import { Refusal } from './refusal.ts';
import { OPERATORS } from './token.ts';

export function unknownOperator(text: string, start: number): Refusal {
  const advice = adviceOn(text);
  return new Refusal(
    203,
    'syntax error',
    { start, end: start + text.length },
    `\`${text}\` is not an operator`,
    advice === undefined ? {} : { notes: [`hint: ${advice}`] },
  );
}

const ADVICE: Readonly<Record<string, string>> = {
  '===': 'write `==`: it never converts types',
  '!==': 'write `!=`: it never converts types',
  '=>': 'a closure is written `-> |name| { … }`; "greater or equal" is `>=`',
  '=<': 'write `<=`',
  '<>': 'write `!=`',
  '++': 'write `x = x + 1`',
  '--': 'write `x = x - 1`',
  '**': 'there is no power operator',
  '%=': 'write `x = mod(x, y)`',
  '//': 'a comment begins with `#`; whole division is `floor(a / b)`',
  '/*': 'a comment begins with `#` and ends with the line',
  '*/': 'a comment begins with `#` and ends with the line',
  '<<': 'there are no bit operators',
  '>>': 'there are no bit operators',
  '??=': 'write `x = x ?? y`',
  '||=': 'write `x = x || y`',
  '&&=': 'write `x = x && y`',
  '|>': 'there is no pipe operator: nest the calls',
  '?': 'write `if a { b } else { c }` for a choice, and `a ?? b` for a fallback',
  '?.': 'reading a missing path gives `null`, so that `.a.b` is enough',
  '!': 'a negation needs something behind it',
  '\\': 'a backslash is only known inside of strings; an expression goes on by itself after an operator',
};

function adviceOn(text: string): string | undefined {
  const known = ADVICE[text];
  if (known !== undefined) return known;
  const first = text.slice(0, -1);
  if (text.endsWith('=') && OPERATORS.has(first)) return `write \`x = x ${first} y\``;
  const last = text.slice(-1);
  if ((last === '!' || last === '-') && (OPERATORS.has(first) || first === '=' || first === '|=')) {
    return `put a space between \`${first}\` and \`${last}\``;
  }
  return undefined;
}

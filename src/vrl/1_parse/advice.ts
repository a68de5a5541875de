// Hints for usual mistakes: habits from other languages, and forms that look right.

import { bindingOf, isAnyWord, Token, type Tokens } from './token.ts';

/** A hint for a token that stands where it cannot; undefined when there is nothing to say. */
export function adviceOn(tokens: Tokens, at: number): string | undefined {
  const kind = tokens.kinds[at]!;
  const before = at > 0 ? tokens.kinds[at - 1]! : Token.newline;
  const next = tokens.kinds[at + 1] ?? Token.end;
  const general = onWordBefore(tokens, at, before) ?? onOperator(kind, before, at === 0);
  if (general !== undefined) return general;
  switch (kind) {
    case Token.identifier:
      return onName(tokens, at, before);
    case Token.reserved:
      return RESERVED[tokens.texts[at]!];
    case Token.functionCall:
      return onName(tokens, at, before);
    case Token.invalid:
      return onCharacter(tokens.texts[at]!);
    case Token.queryStart:
      return next === Token.percent && endsOperand(before) ? MODULO : onPath(tokens, at, before);
    case Token.percent:
      return endsOperand(before) ? MODULO : undefined;
    case Token.minus:
      if (endsOperand(before)) return undefined;
      return before === Token.newline && at > 0 ? `${UNARY}; ${CONTINUED}` : UNARY;
    case Token.integer:
    case Token.float:
      return onNumber(tokens, at, before);
    case Token.assign:
      return onAssign(tokens, at, before);
    case Token.ampersand:
      return '`&&` is the logical "and"; there are no bit operators';
    case Token.colon:
      return onColon(tokens, at, before);
    case Token.openBrace:
      return before === Token.closeParen ? onBlock(tokens, at) : undefined;
    case Token.closeBrace:
      return before === Token.openBrace || before === Token.newline
        ? 'a block cannot be empty: write `{ null }`'
        : undefined;
    case Token.else:
      return before === Token.semicolon ? 'an `if` ends at `;`: leave it out before `else`' : undefined;
    case Token.if:
      return BRACED_IF;
    case Token.newline:
      return before === Token.openParen ? 'an expression in parentheses begins on the line of the `(`' : undefined;
    default:
      return undefined;
  }
}

const UNARY = 'there is no unary minus: write `0 - x`';

const MODULO = 'there is no `%` operator: write `mod(a, b)`';

const LOOP = 'there are no loops: go over an array or object with `for_each`, `map_values` or `filter`';

const RESERVED: Readonly<Record<string, string>> = {
  for: LOOP,
  foreach: LOOP,
  forall: LOOP,
  while: LOOP,
  loop: LOOP,
  do: LOOP,
  each: LOOP,
  break: LOOP,
  continue: LOOP,
  try: 'handle an error with `value, err = f(x)` or `f(x) ?? fallback`',
  unless: 'write `if !(…) { … }`',
  undefined: 'write `null`; whether a path is there at all is `exists(.a)`',
};

const WORDS: ReadonlyMap<string, string> = new Map([
  ['and', 'write `&&`'],
  ['or', 'write `||`'],
  ['not', 'write `!`'],
  ['is', 'write `==`'],
  ['in', 'write `includes(array, value)` or `contains(text, part)`'],
  ['elif', 'write `else if`'],
  ['elsif', 'write `else if`'],
  ['elseif', 'write `else if`'],
  ['then', 'a block follows the condition: `if a { b }`'],
]);

const DECLARATIONS = /^(let|var|const|def|local|set|my)$/;

function onName(tokens: Tokens, at: number, before: number): string | undefined {
  const word = WORDS.get(tokens.texts[at]!);
  if (word !== undefined) return word;
  if (before !== Token.identifier) return undefined;
  const last = tokens.texts[at - 1]!;
  if (DECLARATIONS.test(last)) return `a variable needs no \`${last}\`: write \`${tokens.texts[at]} = …\``;
  if (/^(function|func|fn)$/.test(last)) return 'programs cannot define functions';
  return WORDS.get(last);
}

function onCharacter(character: string): string | undefined {
  switch (character) {
    case "'":
      return "a string is written \"…\", a raw one s'…', a regular expression r'…' and a timestamp t'…'";
    case '`':
      return 'a string is written "…", and holds variables as {{ name }}';
    case '$':
      return 'a variable has no `$` before its name; a field of the event has a `.`';
    case '\u201c':
    case '\u201d':
    case '\u2018':
    case '\u2019':
    case '\u00ab':
    case '\u00bb':
      return 'a string is written with straight double quotes';
    case '^':
    case '~':
      return 'there are no bit operators';
    default:
      return undefined;
  }
}

/** A path right behind an operand, most often parted from it by a space. */
function onPath(tokens: Tokens, at: number, before: number): string | undefined {
  const word = before === Token.identifier ? WORDS.get(tokens.texts[at - 1]!) : undefined;
  if (word !== undefined) return word;
  const gap = at > 0 && tokens.starts[at]! > tokens.ends[at - 1]!;
  if (!gap || !endsOperand(before)) return undefined;
  const call = before === Token.identifier ? ', and the arguments of a call stand in parentheses' : '';
  return `a path has no spaces in it${call}`;
}

function onNumber(tokens: Tokens, at: number, before: number): string | undefined {
  if (!tokens.texts[at]!.startsWith('-') || !endsOperand(before)) return undefined;
  return `\`-\` right before a digit belongs to the number: write \`- ${tokens.texts[at]!.slice(1)}\``;
}

function onColon(tokens: Tokens, at: number, before: number): string | undefined {
  if (before === Token.string) return 'this is a block, as a block is needed here: put an object in braces of its own';
  if (!isAnyWord(before)) return undefined;
  return `the key of an object is written in double quotes: \`"${tokens.texts[at - 1]}": …\``;
}

function onAssign(tokens: Tokens, at: number, before: number): string {
  if (before === Token.identifier && tokens.kinds[at - 2] === Token.minus && tokens.kinds[at - 3] === Token.queryEnd) {
    return 'a field with `-` in its name is written in double quotes: `."a-b"`';
  }
  return 'an assignment can only stand by itself, or in parentheses; `==` compares';
}

function onBlock(tokens: Tokens, at: number): string {
  return isKeywordCall(tokens, at)
    ? 'put a space between `if` and `(`'
    : 'a closure begins with its names: `-> |value| { … }`';
}

/** What a word right before says about anything that follows. */
function onWordBefore(tokens: Tokens, at: number, before: number): string | undefined {
  if (before === Token.if) {
    const outer = tokens.kinds[at - 2];
    return outer === Token.openParen || outer === Token.comma ? BRACED_IF : undefined;
  }
  if (before === Token.return && tokens.kinds[at] !== Token.minus)
    return 'a value follows `return`: write `return null` for none';
  if (before !== Token.reserved) return undefined;
  return `\`${tokens.texts[at - 1]}\` is reserved: it can only be the name of a field or of an argument`;
}

const BRACED_IF = 'put an `if` that is part of an expression in braces: `{ if a { b } else { c } }`';

const CONTINUED = 'an expression that goes on in the next line ends its line with the operator';

function onOperator(kind: number, before: number, isFirst: boolean): string | undefined {
  if (bindingOf(kind) === 0) return undefined;
  if (before === Token.newline && !isFirst && kind !== Token.minus) return CONTINUED;
  return before === Token.closeBrace ? BRACED_IF : undefined;
}

/** Whether the parentheses that close before token `at` belong to a call that looks like a keyword: `if(`. */
function isKeywordCall(tokens: Tokens, at: number): boolean {
  let depth = 0;
  for (let i = at - 1; i >= 0; i--) {
    if (tokens.kinds[i] === Token.closeParen) depth++;
    else if (tokens.kinds[i] === Token.openParen && --depth === 0) {
      return tokens.kinds[i - 1] === Token.functionCall && tokens.texts[i - 1] === 'if';
    }
  }
  return false;
}

function endsOperand(kind: number): boolean {
  switch (kind) {
    case Token.closeParen:
    case Token.closeBracket:
    case Token.closeBrace:
    case Token.queryEnd:
      return true;
    default:
      return bindingOf(kind) === 0 && ((kind >= Token.string && kind <= Token.timestamp) || isAnyWord(kind));
  }
}

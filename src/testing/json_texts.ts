// JSON texts that find faults: names that differ late, numbers and escapes at the edge of what a writer writes, members that
// are there twice, whitespace, deep nesting, and damage of every kind.

/** The next of a row of decisions: a whole number from 0 to below `below`. */
export type Choose = (below: number) => number;

/** Decisions from a seed. */
export function chooser(seed: number): Choose {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Decisions that are listed; where the list ends, all are 0. */
export function listed(decisions: readonly number[]): Choose {
  let at = 0;
  return (below) => (decisions[at++] ?? 0) % below;
}

export const NAMES: readonly string[] = [
  'a',
  'b',
  'level',
  'status',
  'request',
  'message',
  'timestamp',
  '',
  'é',
  'A',
  '0',
  '10',
  '__proto__',
  'constructor',
  'exactly8',
  'exactly8x',
  'exactly8y',
  'kubernetes.pod_name',
  'kubernetes.pod_namespace',
  'kubernetes.pod_labels_that_are_long',
  '\uffff',
  '\ud83d\ude00',
  'ünïcode-and-quite-long',
  'x'.repeat(300),
];

const ODD_NAMES = ['"\\n"', '"\\u0061"', '"a\\"b"', '"tab\\t"', '"\\ud83d\\ude00"'];

const NUMBERS =
  '0 1 -1 12 200 404 123456789012345 1234567890123456 -9007199254740993 9223372036854775807 9223372036854775808 -9223372036854775808 8999999999999999999 18446744073709551615 18446744073709551616 -0 0.0 -0.0 1.0 10.0 1.5 -1.25 1.50 0.1 0.00001 0.000001 0.00001234 100000.00001 123456789.012345 1234567890.123456 0.1234567890123456 0.30000000000000004 0.3000000000000001 0.12345678901234567 9.123456789012345 9.1234567890123456 99999999999999.9 999999999999999.9 9999999999999999.5 1e3 1E3 1e-6 1e+16 1.5e+20 1.5e-7 1.0e5 1e16 5e-324 1e400 1.7976931348623157e+308 00 01 -01 1. .5 - +1 1e 1e+ 1.e5 0x10 1_000 NaN 123456789012345678901234567890 0.0000000000000000000000000000001 1234567890123456.0 123456789012345.0'.split(
    ' ',
  );

const LITERALS = ['true', 'false', 'null', 'tru', 'nul', 'fals', 'truee', 'True', 'NULL'];

/** The first ones are valid. */
const PIECES = [
  'x',
  'word ',
  'a rather long piece of text ',
  'é',
  '\u4e2d\u6587',
  '\ud83d\ude00',
  '\u007f',
  '\u2028',
  '\\n',
  '\\"',
  '\\\\',
  '\\t\\r\\b\\f',
  '\\/',
  '\\u0001',
  '\\u001f',
  '\\u001F',
  '\\u000a',
  '\\u000b',
  '\\u0022',
  '\\u00e9',
  '\\uABcd',
  '\\ud83d\\ude00',
  '\\ud800',
  '\\x',
  '\\u12',
  '\t',
  '\u0000',
  '/',
  '{"}:,[]',
];

const PLAIN_PIECES = 12;
const VALID_PIECES = 22;

const SPACES = ['', ' ', '  ', '\n', '\t\r\n ', '\u000b', '\u00a0'];

interface Style {
  readonly choose: Choose;
  /** Out of 64, how often something odd is taken where something plain would do. */
  readonly oddness: number;
  readonly comma: string;
  readonly colon: string;
}

/** A text that mostly is a JSON object. */
export function jsonText(choose: Choose): Buffer {
  const oddness = [0, 0, 1, 8][choose(4)]!;
  const spacing = choose(4);
  const style: Style = {
    choose,
    oddness,
    comma: spacing === 1 ? ', ' : ',',
    colon: spacing === 1 ? ': ' : ':',
  };
  const space = spacing === 2;
  const text = space ? spaced(object(style, 0), choose) : object(style, 0);
  const bytes = Buffer.from(text);
  return choose(4) === 3 ? damaged(bytes, choose) : bytes;
}

function isOdd({ choose, oddness }: Style): boolean {
  return choose(64) < oddness;
}

function object(style: Style, depth: number): string {
  const { choose } = style;
  const count = depth === 0 && choose(64) === 63 ? 20 + choose(200) : choose(depth === 0 ? 12 : 5);
  const members = new Map<string, string>();
  /** Members whose names may be there twice. */
  let odd = '';
  for (let i = 0; i < count; i++) {
    const known = NAMES[choose(NAMES.length)]!;
    const name = count > 12 ? `${known.slice(0, 9)}${choose(1000)}` : known;
    const member = `${isOdd(style) ? ODD_NAMES[choose(ODD_NAMES.length)]! : JSON.stringify(name)}${style.colon}${value(style, depth + 1)}`;
    if (isOdd(style) || choose(200) === 199) odd += `${odd === '' ? '' : style.comma}${member}`;
    else members.set(name, member);
  }
  const plain = [...members.values()];
  if (choose(4) === 1) plain.sort();
  if (odd !== '') plain.push(odd);
  return `{${plain.join(style.comma)}}`;
}

function value(style: Style, depth: number): string {
  const { choose } = style;
  switch (choose(depth > 4 ? 6 : 9)) {
    case 0:
    case 1:
      return isOdd(style) ? NUMBERS[choose(NUMBERS.length)]! : plainNumber(choose);
    case 2:
      return LITERALS[choose(isOdd(style) ? LITERALS.length : 3)]!;
    case 6:
    case 7:
      return object(style, depth);
    case 8:
      return isOdd(style) && choose(8) === 0
        ? '['.repeat(choose(140)) + ']'.repeat(choose(140))
        : `[${Array.from({ length: choose(5) }, () => value(style, depth + 1)).join(style.comma)}]`;
    default:
      return string(style);
  }
}

function plainNumber(choose: Choose): string {
  switch (choose(5)) {
    case 0:
      return String(choose(1000));
    case 4:
      return (choose(4000) / 1000).toFixed(choose(5));
    case 1:
      return String(choose(1_000_000_000) / 100);
    case 2:
      return String(-choose(1_000_000_000));
    default:
      return String(choose(4_000_000_000) / 4_000_000_000);
  }
}

function string(style: Style): string {
  const { choose } = style;
  let text = '';
  const count = choose(5);
  for (let i = 0; i < count; i++)
    text += PIECES[choose(isOdd(style) ? PIECES.length : choose(2) === 0 ? PLAIN_PIECES : VALID_PIECES)]!;
  return `"${text}"`;
}

/** The same with whitespace between tokens. */
function spaced(text: string, choose: Choose): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|[{}[\]:,]/g, (token) => {
    const kinds = choose(32) === 31 ? SPACES.length : 5;
    return SPACES[choose(kinds)]! + token + SPACES[choose(kinds)]!;
  });
}

/** The same with bytes lost, added, changed or doubled. */
function damaged(bytes: Buffer, choose: Choose): Buffer {
  const at = choose(bytes.length + 1);
  switch (choose(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + choose(3))]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([choose(256)]), bytes.subarray(at)]);
    case 3: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = choose(256);
      return copy;
    }
    case 4:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from('{}[],:" \\\n'[choose(10)]!), bytes.subarray(at)]);
    default:
      return Buffer.concat([bytes, bytes.subarray(at)]);
  }
}

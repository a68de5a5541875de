// Random frames: objects of a few names as services write them, JSON that finds faults, lines of text, and what should
// never have been sent.

import { isUtf8 } from 'node:buffer';
import { parseJson } from '../../src/event/json.ts';
import { isObject } from '../../src/event/value.ts';
import { type Choose, jsonText } from '../../src/testing/json_texts.ts';

export type LineKind = 'json' | 'text' | 'mixed';

/** A frame; `names` are those that programs know. */
export function lineOf(choose: Choose, kind: LineKind, names: readonly string[]): Buffer {
  const isJson = kind === 'json' || (kind === 'mixed' && choose(2) === 0);
  const dice = choose(20);
  if (dice === 0) return hostile(choose);
  if (dice === 1) return text(choose);
  if (!isJson) return text(choose);
  return dice < 8 ? jsonText(choose) : record(choose, names);
}

/** A frame that is an object in JSON, whatever else is odd about it. */
export function objectOf(choose: Choose, kind: LineKind, names: readonly string[]): Buffer {
  for (;;) {
    const line = lineOf(choose, kind, names);
    if (isObjectText(line)) return line;
  }
}

export function isObjectText(bytes: Buffer): boolean {
  try {
    return isUtf8(bytes) && isObject(parseJson(bytes.toString()));
  } catch {
    return false;
  }
}

/** An object that has most of the names, or few. */
function record(choose: Choose, names: readonly string[]): Buffer {
  const spacing = choose(3) === 0 ? ' ' : '';
  const isSorted = choose(3) === 0;
  const share = 1 + choose(4);
  const object = (depth: number): string => {
    const chosen = names.filter(() => choose(4) < share);
    const ordered = isSorted ? [...chosen].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))) : chosen;
    if (!isSorted && choose(2) === 0) ordered.reverse();
    const members = ordered.map((name) => `${JSON.stringify(name)}:${spacing}${value(depth + 1)}`);
    return `{${members.join(`,${spacing}`)}}`;
  };
  const value = (depth: number): string => {
    const kind = choose(depth > 3 ? 8 : 11);
    if (kind < 4) return JSON.stringify(WORDS[choose(WORDS.length)]);
    if (kind < 6) return String(choose(400) - 20);
    if (kind === 6) return choose(20) === 0 ? ODD_NUMBERS[choose(ODD_NUMBERS.length)]! : String(choose(10_000) / 64);
    if (kind === 7) return ['true', 'false', 'null'][choose(3)]!;
    if (kind === 8) return `[${Array.from({ length: choose(4) }, () => value(depth + 1)).join(',')}]`;
    return object(depth);
  };
  return Buffer.from(object(0));
}

const ODD_NUMBERS = [
  '1.0',
  '-0',
  '1e3',
  '1E-2',
  '0.10',
  '12345678901234567890',
  '-9223372036854775808',
  '1e400',
  '-0.0',
];

const WORDS: readonly string[] = [
  'info',
  'error',
  'x',
  '',
  'word',
  'user logged in',
  'é',
  '中文',
  '😀',
  'a "quoted" word',
  'two\nlines',
  'C:\\path',
  '\u0001',
  '\u007f',
  '12',
  '1.5',
  'true',
  '{"a":1}',
  '{"level":"info","a":[1,2]}',
  'GET /index.html 200',
  'a=1 b="two words"',
  'a text that is longer than thirty-two bytes, so that it goes through more than one step',
];

const TEXTS: readonly string[] = [
  ...WORDS,
  '10.0.0.1 GET rest of the line',
  '5 info',
  'a=1 level=info status=200',
  'level="x y" a="\\"" =b c=',
  'tabs\tand\\backslashes "quotes" / slashes',
  '\u0000\u001f\u001b[31m',
  '\u2028 \ufeff \uffff',
  'héllo wörld '.repeat(20),
  '\\'.repeat(40),
  '"'.repeat(33),
];

function text(choose: Choose): Buffer {
  const parts = Array.from({ length: 1 + choose(3) }, () => TEXTS[choose(TEXTS.length)]!);
  return Buffer.from(choose(2) === 0 ? parts[0]! : parts.join(' '));
}

function hostile(choose: Choose): Buffer {
  const bytes = HOSTILE[choose(HOSTILE.length)]!;
  return typeof bytes === 'string' ? Buffer.from(bytes) : bytes();
}

const HOSTILE: readonly (string | (() => Buffer))[] = [
  '',
  ' ',
  '{}',
  ' { } ',
  '[]',
  '[{"a":1},2]',
  'null',
  '"x"',
  '5',
  'tru',
  '{"a":1}{"b":2}',
  '{"a":1,}',
  '{"a":1} x',
  '{"a":1}\n',
  '{"a":1,"a":2}',
  '{"a":{"b":1},"a":{"c":2}}',
  '{"a":{"b":1,"b":2}}',
  '{"\\u0061":1,"a":2}',
  '{"__proto__":{"a":1},"constructor":1,"toString":2}',
  '{"a":{"__proto__":5}}',
  '{"a":"\\ud83d\\ude00","b":"\\ud800","level":"\\udc00x"}',
  '{"a":"\\/\\b\\f\\n\\r\\t\\u0000"}',
  '{"message":"{\\"a\\":1}","a":"{\\"level\\":\\"info\\"}"}',
  '{"a":[{"b":1},{"b":2}],"b":[1,2,3]}',
  '{"timestamp":"2021-02-03T04:05:06Z","host":"h","source_type":"s"}',
  () => Buffer.from([0xff, 0xfe, 0x00]),
  () => Buffer.from('{"a":"\xff","b":1}', 'latin1'),
  () => Buffer.from('{"\xe9":1}', 'latin1'),
  () => Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d]),
  () => Buffer.from('\ufeff{"a":1}'),
  () => Buffer.from(`${'{"a":'.repeat(140)}1${'}'.repeat(140)}`),
  () => Buffer.from(`{"a":${'['.repeat(120)}${']'.repeat(120)},"b":1}`),
  () => Buffer.from(`{"a":"${'long '.repeat(4000)}","level":"info"}`),
  () => Buffer.from(`{"a":"${'\\n'.repeat(9000)}é","level":"info"}`),
  () => Buffer.from(`{"a":1,"b":{${Array.from({ length: 3000 }, (_, i) => `"k${i}":${i}`).join(',')}}}`),
  () => Buffer.from(`{${Array.from({ length: 300 }, (_, i) => `"${(i * 7919) % 300}":"v"`).join(',')},"a":1}`),
  () => Buffer.from(`{"a":${JSON.stringify('"'.repeat(3000))}}`),
  () => Buffer.from('\u0001'.repeat(3000)),
  () => Buffer.from('plain '.repeat(5000)),
];

/** A frame of about so many bytes, which may be more than a slot takes. */
export function longLine(choose: Choose, bytes: number): Buffer {
  const kind = choose(4);
  if (kind === 0) return Buffer.from(`{"message":"x","a":"${'y'.repeat(bytes)}","level":"info"}`);
  if (kind === 1) return Buffer.from(`{"b":[${'1,'.repeat(bytes >> 1)}2],"a":1}`);
  if (kind === 2) return Buffer.alloc(bytes, '"');
  return Buffer.from(`{"level":"info","a":"${'\\u0001'.repeat(bytes / 6)}"}`);
}

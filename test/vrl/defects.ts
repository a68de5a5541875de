// Statements and programs that a compiler must refuse or warn of: each aims at one complaint, and mutations of good
// programs hit whatever they hit.

import { type Draft, expression, literalOf, operand } from './expressions.ts';
import { type Chance, KINDS } from './values.ts';

type Defect = (draft: Draft) => string;

const any = (draft: Draft): string => operand(draft, draft.chance.one(KINDS)).text;
const path = (draft: Draft): string => draft.field('x');

/** By the code they aim at; warnings included. */
export const DEFECTS: Readonly<Record<string, readonly Defect[]>> = {
  E100: [
    (d) => `to_int(${path(d)})`,
    (d) => `${path(d)} + 1`,
    (d) => `parse_json("{}")`.padEnd(d.chance.below(20), ' '),
  ],
  E101: [(d) => `x = r'${d.chance.one(['(', '[a', 'a{2,1}', '(?P<n>', '*', '\\p{Nope}', '(?=a)', '\\1'])}'`],
  E102: [
    (d) => `if ${literalOf(d.chance, d.chance.one(['integer', 'bytes', 'null', 'array']))} { 1 }`,
    (d) => `if ${path(d)} { 1 } else { 2 }`,
  ],
  E103: [
    (d) => `.x = to_int(${path(d)})`,
    (d) => `x = ${path(d)} / ${path(d)}`,
    (d) => `.a.b |= parse_json(${path(d)})`,
  ],
  E104: [
    (d) => `.x, err = ${expression(d, d.chance.one(KINDS), 1)}`,
    () => 'ok, err = 1 + 1',
    (d) => `ok, err = ${path(d)}`,
  ],
  E105: [
    (d) => `${d.chance.one(['nope', 'upcas', 'to_strin', 'parse_jso', 'x', 'string_'])}(${any(d)})`,
    () => 'foo!()',
  ],
  E106: [(d) => `upcase("a", ${any(d)})`, () => 'now(1)', () => 'length([1], [2], [3])'],
  E107: [() => 'upcase()', (d) => `contains(${literalOf(d.chance, 'bytes')})`, () => 'split(pattern: ",")'],
  E108: [(d) => `upcase(valu: ${any(d)})`, () => 'now(x: 1)', () => 'length(value: [1], nope: true)'],
  E109: [(d) => `upcase("a") -> |x| { ${any(d)} }`, () => 'now() -> || { 1 }'],
  E110: [
    (d) => `upcase(${literalOf(d.chance, d.chance.one(['integer', 'array', 'null', 'timestamp']))})`,
    () => 'length(1)',
    () => 'to_string([])',
    (d) => `x = ${literalOf(d.chance, 'integer')}; starts_with(x, "a")`,
  ],
  E111: [() => 'for_each([1])', () => 'map_values({})', () => 'x = filter([1])'],
  E112: [
    (d) => `parse_grok!(${path(d)}, "%{NOPE:x}")`,
    () => 'parse_grok!("a", "%{")',
    () => 'parse_groks!("a", patterns: ["%{NOPE}"])',
  ],
  E113: [(d) => `abort ${literalOf(d.chance, d.chance.one(['integer', 'boolean', 'object', 'regex']))}`],
  E120: [
    () => 'for_each([1]) -> |x| { x }',
    () => 'map_values({}) -> |a, b| { a }',
    () => 'filter([1]) -> |a, b, c| { true }',
  ],
  E121: [(d) => `for_each(${path(d)}) -> |k, v| { k }`, () => 'map_keys([1]) -> |k| { k }'],
  E122: [
    () => 'filter([1]) -> |i, v| { v }',
    () => 'map_keys({}) -> |k| { 1 }',
    () => 'replace_with("a", r\'a\') -> |m| { m }',
  ],
  E200: [(d) => `x = 1 ${d.chance.one(['~', '^', '$', '`', '&', '§', '\u0001'])} 2`, () => "x = 'a'", () => 'x = q"a"'],
  E203: [
    (d) =>
      `x = ${d.chance.one([')', ']', '}', '1 2', '* 3', '"a" "b"', 'else', '-> 1', ', 1', '[1 2]', '{"a" 1}', '{a: 1}', '1 -1', '= 2', '|', '.a.', '..a', 'a .b'])}`,
    () => 'if true { 1 } }',
  ],
  E204: [
    (d) =>
      d.chance.one([
        'x =',
        'upcase(',
        '[1, 2',
        '{ "a": 1',
        'if true {',
        'if',
        '(1 +',
        'x = 1 +',
        '.a[0',
        'abort (',
        'for_each([]) -> |a',
      ]),
  ],
  E205: [(d) => `${d.chance.one(['for', 'while', 'any', 'int', 'string', 'loop', 'undefined', 'each', 'try'])} = 1`],
  E206: [
    (d) =>
      `x = ${d.chance.one(['9223372036854775808', '-9223372036854775809', '99999999999999999999999', '1_000_', '1.', '1.2.3', '0x10', '1e5', '1__0'])}`,
  ],
  E207: [(d) => `x = ${d.chance.one(['"abc', "s'abc", "r'abc", "t'abc", '"a\\"', '"\\'])}`],
  E209: [(d) => `x = "a\\${d.chance.one(['q', 'x', 'a', '1', ' ', 'u', '$', '[', 'é'])}"`, () => 'x = "\\u"'],
  E211: [
    (d) => `x = "\\u{${d.chance.one(['', 'zz', 'd800', '110000', 'ffffffffff', '1f600', '0'])}}"`,
    () => 'x = "\\u{12"',
  ],
  E315: [
    () => '.ro = 1',
    () => '.ro.a.b = 1',
    () => 'del(.ro)',
    () => '. = {}',
    () => '%ro.x = 1',
    () => '.ro |= {}',
    () => '.x, .ro = to_int(.y)',
    () => 'del(.)',
    () => '.ro2.x = 1',
  ],
  E400: [
    (d) => `del(${literalOf(d.chance, 'integer')})`,
    () => 'exists("a")',
    (d) => `parse_regex!(${path(d)}, ${path(d)})`,
    () => 'x = "a"; del(x)',
    () => 'unnest(1)',
    () => 'parse_regex("a", "b")',
  ],
  E401: [
    (d) => `parse_nginx_log!(${path(d)}, "nope")`,
    () => 'encode_base64("a", charset: "nope")',
    () => 'sha2("a", variant: "SHA-1")',
    () => 'hmac("a", "b", algorithm: "x")',
  ],
  E402: [
    (d) => `match_any("a", [${path(d)}])`,
    (d) => `flatten({}, separator: ${path(d)})`,
    (d) => `redact("a", filters: [${path(d)}])`,
    (d) => `parse_groks!("a", patterns: [${path(d)}])`,
    (d) => `parse_etld!("a.b", psl: ${path(d)})`,
    (d) => `sha2("a", variant: ${path(d)})`,
    (d) => `parse_key_value!("a=b", whitespace: ${path(d)})`,
  ],
  E403: [
    () => 'match_datadog_query({}, "a:[")',
    () => 'sieve("a", r\'a\', replace_repeated: 1)',
    () => 'format_number!(1, grouping_separator: "")',
    () => 'redact("a", filters: ["nope"])',
    () => 'redact("a", filters: [])',
    () => 'redact("a", filters: ["pattern"])',
    () => 'redact("a", filters: ["us_social_security_number"], redactor: "x")',
    () => 'parse_timestamp("a", format: "%")',
  ],
  E601: [
    (d) =>
      `x = t'${d.chance.one(['', '2021', '2021-02-30T00:00:00Z', '2021-02-03 04:05:06', '2021-02-03T04:05:06', '2021-02-03T25:00:00Z', 'now'])}'`,
  ],
  E620: [(d) => `upcase!(${literalOf(d.chance, 'bytes')})`, () => 'now!()', () => 'x = length!([1])'],
  E630: [
    (d) => `upcase(to_string(${path(d)}))`,
    (d) => `x = [to_int(${path(d)})]`,
    (d) => `contains("a", parse_json(${path(d)}))`,
  ],
  E631: [(d) => `abort to_string(${path(d)})`, (d) => `return to_int(${path(d)})`, (d) => `abort "a" + ${path(d)}`],
  E640: [(d) => `_ = ${literalOf(d.chance, 'integer')}`, (d) => `_, _ = to_int(${path(d)})`, (d) => `_ = ${path(d)}`],
  E641: [
    () => 'now().a = 1',
    () => '{}.a = 1',
    () => '[1][0] = 2',
    () => '[1][0], err = to_int(.x)',
    () => 'x() = 1',
    () => '"a" = 1',
    () => '1 = 2',
    () => '[a] = 1',
    () => '(x) = 1',
  ],
  E642: [
    (d) =>
      `x = ${literalOf(d.chance, d.chance.one(['integer', 'bytes', 'boolean', 'array']))}; x.${d.chance.one(['a', 'a.b'])} = 1`,
    () => '.a = 1; .a.b = 2',
    () => '.a = {}; .a[0] = 1',
    () => 'x = []; x[0] = 1; x[0].b = 2',
  ],
  E650: [
    (d) => `${any(d)} == ${any(d)} == ${any(d)}`,
    () => '1 < 2 < 3',
    () => '1 != 2 == true',
    () => '(1 < 2) > false',
  ],
  E651: [
    (d) => `${expression(d, d.chance.one(KINDS), 1)} ?? 1`,
    () => 'x = 1 ?? 2',
    () => '.x ?? 1',
    () => 'now() ?? now()',
  ],
  E652: [(d) => `x = ${any(d)} | ${any(d)}`, () => '{} | 1', (d) => `${path(d)} | {}`, () => 'x = 1; x |= {}'],
  E660: [(d) => `!${literalOf(d.chance, d.chance.one(['integer', 'bytes', 'null', 'object']))}`, (d) => `!${path(d)}`],
  E701: [
    (d) => `${d.chance.one(['nope', 'mesage', 'v00', 'x.y', 'z[0]'])}`,
    () => 'a = b',
    () => 'if true { q = 1 }; q',
    () => '{ q = 1 }; q',
    () => '"{{ nope }}"',
  ],
  E900: [
    (d) => `${literalOf(d.chance, d.chance.one(KINDS))}; 1`,
    () => 'unused = 1; 2',
    (d) => `${expression(d, 'integer', 1)}\n.x = 1`,
    () => 'x = 1; x = 2; x',
    () => '{ 1; 2 }',
    () => '[1, 2]; null',
    () => 'if true { 1 } else { 2 }; 3',
    () => 'u = 1; u2 = u; 1',
    () => 'x = { y = 1; 2 }; x',
    () => 'upcase("a"); .',
    () => '.a == 1; .',
  ],
  abort: [
    () => 'abort; 1',
    () => 'return 1; 2',
    () => 'if true { abort } else { return 1 }; .x = 1',
    () => 'x = { abort }; x',
    () => 'for_each([1]) -> |i, v| { return 1 }',
    () => 'x = [abort]',
    () => 'x = { "a": abort "b" }',
    () => '(return 2) + 1',
    () => 'abort "x" ?? "y"',
    () => 'x = abort || true',
  ],
};

const ALL = Object.values(DEFECTS).flat();

export function randomDefect(draft: Draft): string {
  return draft.chance.one(ALL)(draft);
}

const TOKEN = /"(?:[^"\\\n]|\\.)*"|[srt]'(?:[^'\\\n]|\\.)*'|[A-Za-z_]\w*|\d+|\s+|[^\s\w]/g;
const STRAYS = [
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ';',
  '\n',
  '!',
  '!!',
  '|',
  '||',
  '&&',
  '??',
  '=',
  '==',
  '|=',
  '->',
  '.',
  '..',
  '%',
  '-',
  '+',
  '"',
  "s'",
  "'",
  "r'",
  'if',
  'else',
  'abort',
  'return',
  'null',
  '_',
  'err',
  '1',
  '1.5',
  '#',
  '\\',
  '@',
  '\u00a0',
  'é',
  '💥',
];

/** The program with a token lost, doubled, moved or made up. */
export function brokenText(chance: Chance, source: string): string {
  const tokens = source.match(TOKEN) ?? [];
  for (let count = chance.few(3) + 1; count > 0 && tokens.length > 0; count--) {
    const i = chance.below(tokens.length);
    const j = chance.below(tokens.length);
    const way = chance.below(5);
    if (way === 0) tokens.splice(i, 1);
    else if (way === 1) tokens.splice(i, 0, tokens[i]!);
    else if (way === 2) [tokens[i], tokens[j]] = [tokens[j]!, tokens[i]!];
    else if (way === 3) tokens.splice(i, 0, chance.one(STRAYS));
    else tokens[i] = chance.one(STRAYS);
  }
  return tokens.join('');
}

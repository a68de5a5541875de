import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findPlace, plainValue, positionOf } from './document.ts';
import { type Format, parseText } from './files.ts';
import { renderConfig } from './write.ts';

const read = (text: string, format: Format): unknown => {
  const { root, problems } = parseText(text, format, 'c');
  assert.deepEqual(
    problems.map(({ message }) => message),
    [],
  );
  return plainValue(root!);
};

/** Message, line:column and hint of each problem. */
const wrong = (text: string, format: Format): (string | undefined)[][] =>
  parseText(text, format, 'c').problems.map(({ message, hint, place }) => {
    const { line, column } = positionOf(place);
    return hint === undefined ? [message, `${line}:${column}`] : [message, `${line}:${column}`, hint];
  });

const NESTED_TOO_DEEP = 'lists and objects are nested more than 128 deep';

test('YAML: reads plain scalars as Vector does', () => {
  const text = 'a: yes\nb: 0123\nc: 0x1f\nd: ~\ne: True\nf: 1e3\ng: .5\nh: -0o17\ni: 1.2.3\nj: "1"\nk:\nl: 1_000\n';
  assert.deepEqual(read(text, 'yaml'), {
    a: 'yes',
    b: '0123',
    c: 31,
    d: null,
    e: true,
    f: 1000,
    g: 0.5,
    h: -15,
    i: '1.2.3',
    j: '1',
    k: null,
    l: '1_000',
  });
});

test('YAML: a document of comments alone is empty', () => {
  assert.deepEqual(read('# nothing\n\n# here\n', 'yaml'), {});
  assert.deepEqual(read('', 'yaml'), {});
});

test('YAML: merge keys give way to what the map has itself, and the first of several counts', () => {
  const text = 'x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\nz:\n  <<: [*x, {a: 9, c: 4}]\nq: {"<<": 1}\n';
  assert.deepEqual(read(text, 'yaml'), {
    x: { a: 1, b: 2 },
    y: { a: 1, b: 3 },
    z: { a: 1, b: 2, c: 4 },
    q: { '<<': 1 },
  });
});

const brokenYaml: readonly [name: string, text: string, ...expected: string[]][] = [
  ['duplicate keys', 'a: 1\nb: 2\na: 3', 'the key `a` is written twice', '3:1', 'the first is on line 1'],
  ['tags', 'a: !include x', 'tags are not supported: `!include`', '1:4'],
  ['core tags', 'a: !!str 1', 'tags are not supported: `!!str`', '1:4'],
  ['keys that are no text', '1: x', 'the key `1` is not text', '1:1', 'put it in quotes'],
  ['unquoted templates', 'a: {{ b }}', 'this key is not text', '1:5', 'put text that holds braces in quotes'],
  [
    'unquoted variables',
    'a: {b: ${C}}',
    'this is not YAML: unexpected flow-map-start at node end',
    '1:9',
    'put text that holds braces in quotes',
  ],
  ['tabs', 'a:\n\tb: 1', 'this is not YAML: tabs are not allowed as indentation', '2:1', 'indent with spaces'],
  ['two documents', 'a: 1\n---\nb: 2', 'there is more than one YAML document in this file', '2:1'],
  ['a list at the top', '- a', 'a configuration is an object with keys such as `sources` and `sinks`', '1:1'],
  ['unknown aliases', 'a: *b', 'the alias `*b` stands for nothing that was written before it', '1:4'],
  ['aliases to themselves', 'a: &a [*a]', 'the alias `*a` stands for nothing that was written before it', '1:8'],
  ['integers past 64 bits', 'a: 9223372036854775808', 'the integer 9223372036854775808 does not fit in 64 bits', '1:4'],
  ['infinity', 'a: .inf', '`.inf` is not a finite number', '1:4'],
  ['nested flow bombs', '['.repeat(100_000), NESTED_TOO_DEEP, '1:257'],
];

for (const [name, text, ...expected] of brokenYaml) {
  test(`YAML: refuses ${name}`, () => assert.deepEqual(wrong(text, 'yaml'), [expected]));
}

test('YAML: refuses deep block nesting, and nesting through aliases', () => {
  const block = Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}k:`).join('\n');
  assert.equal(wrong(block, 'yaml')[0]![0], NESTED_TOO_DEEP);
  const lists = Array.from({ length: 200 }, (_, i) => `k${i}: &k${i} ${i === 0 ? '[]' : `[*k${i - 1}]`}`);
  assert.equal(wrong(lists.join('\n'), 'yaml')[0]![0], NESTED_TOO_DEEP);
});

test('YAML: refuses an alias bomb without writing it out', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 12; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  assert.deepEqual(
    wrong(lines.join('\n'), 'yaml').map(([message]) => message),
    ['aliases repeat more than 100000 values'],
  );
});

test('YAML: refuses more values than positions can be kept for', () => {
  const text = `a: [${'[],'.repeat(450_000)}]`;
  assert.deepEqual(wrong(text, 'yaml')[0]![0], 'there are more than 100000 values in this file');
});

const brokenJson: readonly [name: string, text: string, ...expected: string[]][] = [
  [
    'a comma at the end of an object',
    '{"a":1,}',
    'this is not JSON: expected a key in double quotes',
    '1:8',
    'there must be no comma after the last entry',
  ],
  [
    'a comma at the end of a list',
    '{"a":[1,]}',
    'this is not JSON: expected a value',
    '1:9',
    'there must be no comma after the last entry',
  ],
  ['a missing comma', '{"a":1\n"b":2}', 'this is not JSON: expected `,` or `}`', '2:1'],
  ['duplicate keys', '{"a":1,\n"a":2}', 'the key `a` is written twice', '2:1', 'the first is on line 1'],
  ['bare variables', '{"a":${P}}', 'this is not JSON: expected a value', '1:6', 'put it in double quotes'],
  ['an open text', '{"a":"x\n"}', 'this is not JSON: this text has no closing quote on its line', '1:6'],
  ['an open object', '{"a":1', 'this is not JSON: the end of the file comes before `}`', '1:7'],
  [
    'comments',
    '{} // x',
    'this is not JSON: it has no comments',
    '1:4',
    'write the configuration in YAML to comment it',
  ],
  ['a list at the top', '[1]', 'a configuration is an object with keys such as `sources` and `sinks`', '1:1'],
  ['nesting bombs', '['.repeat(100_000), NESTED_TOO_DEEP, '1:130'],
  ['numbers that are too large', '{"a":1e999}', 'the number 1e999 is too large', '1:6'],
];

for (const [name, text, ...expected] of brokenJson) {
  test(`JSON: refuses ${name}`, () => assert.deepEqual(wrong(text, 'json'), [expected]));
}

test('JSON: reads what JSON.parse reads, or refuses as it does', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }), (value) => {
      const text = JSON.stringify(value);
      // Integers past 64 bits are refused, which has its own test.
      fc.pre(!/\d{19}/.test(text));
      assert.deepEqual(JSON.parse(renderConfig(read(text, 'json'), 'json')), JSON.parse(text));
    }),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '1', '-', '.', 'e', ' ') }),
      (text) => {
        let isValid = true;
        try {
          JSON.parse(`{"a":${text}}`);
        } catch {
          isValid = false;
        }
        const { problems } = parseText(`{"a":${text}}`, 'json', 'c');
        // Two equal keys are fine for `JSON.parse`.
        assert.equal(problems.filter(({ message }) => !message.includes('twice')).length === 0, isValid, text);
      },
    ),
    { numRuns: 500 },
  );
});

const brokenToml: readonly [name: string, text: string, ...expected: string[]][] = [
  [
    'bare variables',
    'a = 1\nb = ${P}\n',
    'this is not TOML: invalid value',
    '2:5',
    'put variables in quotes: the value takes the type that its option wants',
  ],
  [
    'YAML in disguise',
    'sources:\n  a: b\n',
    'this is not TOML: illegal character in key',
    '1:8',
    'it looks like YAML: give the file the extension `.yaml`, or use `--config-yaml`',
  ],
  ['duplicate keys', 'a = 1\na = 2', 'this is not TOML: trying to redefine an already defined table or value', '2:1'],
  ['infinity', 'a = inf', '`inf` is not a finite number', '1:5'],
  [
    'integers past 64 bits',
    'a = 9223372036854775808',
    'the integer 9223372036854775808 does not fit in 64 bits',
    '1:5',
  ],
  ['dotted nesting bombs', `${'a.'.repeat(1000)}b = 1`, NESTED_TOO_DEEP, '1:1'],
];

for (const [name, text, ...expected] of brokenToml) {
  test(`TOML: refuses ${name}`, () => assert.deepEqual(wrong(text, 'toml'), [expected]));
}

test('TOML: dates become text, and large integers stay exact', () => {
  assert.deepEqual(read('a = 1979-05-27 07:32:00Z\nb = 9223372036854775807\nc = 0xff', 'toml'), {
    a: '1979-05-27T07:32:00Z',
    b: 9_223_372_036_854_775_807n,
    c: 255,
  });
});

const TOML = `top.dotted = 1
[table] # with a comment
plain = "text # no comment"
'quoted key' = '''
long = 1
'''
[[list]]
inline = [1, { w = 2, "e.f\\u0041" = 3 }] # [x]
[[list]]
escaped = "a\\"b"
after = true
[list.sub.deep]
here = """two
lines"""
last = 5
`;

const tomlPlaces: readonly [path: (string | number)[], position: string][] = [
  [['top', 'dotted'], '1:14'],
  [['table'], '2:2'],
  [['table', 'plain'], '3:9'],
  [['table', 'quoted key'], '4:16'],
  [['list', 0, 'inline', 0], '8:11'],
  [['list', 0, 'inline', 1, 'w'], '8:20'],
  [['list', 0, 'inline', 1, 'e.fA'], '8:37'],
  [['list', 1, 'escaped'], '10:11'],
  [['list', 1, 'after'], '11:9'],
  [['list', 1, 'sub', 'deep', 'here'], '13:8'],
  [['list', 1, 'sub', 'deep', 'last'], '15:8'],
];

for (const [path, position] of tomlPlaces) {
  test(`TOML: finds ${path.join('/')}`, () => {
    const { line, column } = positionOf(findPlace(parseText(TOML, 'toml', 'c').root!, path).place);
    assert.equal(`${line}:${column}`, position);
  });
}

test('keys of JavaScript are ordinary keys in every format', () => {
  const texts: readonly [Format, string][] = [
    ['yaml', '__proto__: 1\nconstructor: {toString: 2}'],
    ['json', '{"__proto__": 1, "constructor": {"toString": 2}}'],
    ['toml', '__proto__ = 1\n[constructor]\ntoString = 2'],
  ];
  for (const [format, text] of texts) {
    const value = read(text, format) as object;
    assert.deepEqual(Object.keys(value), ['__proto__', 'constructor'], format);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
  }
});

test('a value that is shown is the leaf itself, or the key of anything larger', () => {
  const { root } = parseText('a:\n  b: [1, {c: x}]\n  d:\n', 'yaml', 'c');
  const at = (path: (string | number)[], atKey = false): string => {
    const { line, column } = positionOf(findPlace(root!, path, atKey).place);
    return `${line}:${column}`;
  };
  assert.equal(at(['a', 'b', 1, 'c']), '2:14');
  assert.equal(at(['a', 'b', 1, 'c'], true), '2:11');
  assert.equal(at(['a', 'b']), '2:3');
  assert.equal(at(['a', 'b', 0]), '2:7');
  assert.equal(at(['a', 'd']), '3:3', 'an empty value has no place of its own');
  assert.equal(at(['a', 'missing', 'deep']), '1:1', 'the nearest that was written');
  assert.deepEqual(findPlace(root!, ['a', 0, 'b', 0]).path, ['a', 'b', 0], 'a shorthand for a list of one');
});

test('what is written in one format reads the same from all', () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.integer(),
    fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value)),
    fc.constantFrom('yes', '0123', 'null', '~', '1e3', '${A}', '{{ a }}', 'a: b', '# c', '<<', 'on', '.inf', '0x1f'),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(leaf, { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), value, { maxKeys: 4 }), (document) => {
      for (const format of ['yaml', 'toml', 'json'] as const) {
        const text = renderConfig(document, format);
        assert.deepEqual(sortedValue(read(text, format)), sortedValue(document), `${format}:\n${text}`);
      }
    }),
    { numRuns: 150 },
  );
});

/** Without prototypes and in the order of keys, so that only values are compared. */
function sortedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedValue);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => [key, sortedValue(member)]);
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatFloat,
  JSON_DEPTH_MAX,
  JSON_WRITE_DEPTH_MAX,
  JsonError,
  parseJson,
  parseJsonExact,
  quoteJson,
  stringifyJson,
} from './json.ts';
import { getField } from './object.ts';
import { Timestamp } from './timestamp.ts';
import { Float, isObject, type ObjectValue, Regex, type Value } from './value.ts';

const parsers = [
  ['parseJson', parseJson],
  ['parseJsonExact', parseJsonExact],
] as const;

for (const [name, parse] of parsers) {
  test(`${name} keeps 64-bit integers, and tells floats from integers`, () => {
    const cases: [string, Value][] = [
      ['0', 0],
      ['9007199254740991', 9007199254740991],
      ['9007199254740993', 9007199254740993n],
      ['9223372036854775807', 9223372036854775807n],
      ['-9223372036854775808', -9223372036854775808n],
      ['9223372036854775808', '9223372036854775808'],
      ['18446744073709551615', '18446744073709551615'],
      ['18446744073709551616', new Float(2 ** 64)],
      ['-9223372036854775809', new Float(-(2 ** 63))],
      [`1${'0'.repeat(300)}`, new Float(1e300)],
      ['-0', new Float(-0)],
      ['-0.0', new Float(-0)],
      ['0.0', new Float(0)],
      ['1e3', new Float(1000)],
      ['1E+2', new Float(100)],
      ['1e-7', 1e-7],
      ['1e-400', new Float(0)],
      ['2.50', 2.5],
      ['0.30000000000000004', 0.30000000000000004],
      ['1.0000000000000000001', new Float(1)],
      ['0.99999999999999999', new Float(1)],
      ['123456789012345.000000000000001', new Float(123456789012345)],
      ['1700000000.123456', 1700000000.123456],
    ];
    for (const [text, value] of cases) {
      assert.deepStrictEqual(parse(text), value, text);
      assert.deepStrictEqual(parse(`{"a":[${text}, ${text} ]}`), { a: [value, value] }, text);
    }
    assert.deepStrictEqual(parse('9223372036854775808', { unsigned: 'float' }), new Float(2 ** 63));
  });

  test(`${name} refuses what is not JSON`, () => {
    const bad =
      '|00|01|1.|.5|+1|1e|1e400|-1e400|-|True|NaN|Infinity|nul|"|"\\x"|"\\u12"|"a\nb"|"\\ud83d"|"\\ude00"|"\\ud83dx"|{|{"a"}|{"a":}|{"a":1,}|{,}|{a:1}|[|[1,]|[,1]|[1 2]|{"a":1}{"b":2}|1 2|\u00a01|\ufeff1|]|}|"a""b"';
    for (const text of bad.split('|')) {
      assert.throws(() => parse(text), JsonError, text);
      assert.throws(() => parse(`{"a":${text}`), JsonError, text);
    }
  });

  test(`${name} reads escapes, whitespace and the last of equal names`, () => {
    assert.deepStrictEqual(parse(' \t\r\n{ "a" : 1 , "a" : [ ] , "b" : { } } \n'), { a: [], b: {} });
    assert.equal(parse('"\\u00e9\\n\\t\\\\\\"\\/\\b\\f\\r\\ud83d\\ude00\\u0000"'), 'é\n\t\\"/\b\f\r😀\0');
    assert.equal(parse('"\\\\"'), '\\');
  });

  test(`${name} treats hostile names as ordinary ones`, () => {
    const value = parse('{"__proto__":1,"constructor":2,"toString":3,"":4,"n":-0}') as ObjectValue;
    assert.deepStrictEqual(Object.keys(value), ['__proto__', 'constructor', 'toString', '', 'n']);
    assert.equal(getField(value, '__proto__'), 1);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
  });

  test(`${name} refuses text that is nested too deeply`, () => {
    const nest = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    parse(nest(JSON_DEPTH_MAX));
    for (const depth of [JSON_DEPTH_MAX + 1, 100_000]) assert.throws(() => parse(nest(depth)), JsonError);
    assert.throws(() => parse('['.repeat(1_000_000)), JsonError);
    assert.throws(() => parse(`${'{"a":'.repeat(128)}1${'}'.repeat(128)}`), JsonError);
    assert.equal((parse(`[${'[],{},'.repeat(500)}"[[["]`) as Value[]).length, 1001);
  });

  test(`${name} takes time in proportion to hostile text`, () => {
    const long = 1_000_000;
    const digits = '7'.repeat(long);
    assert.throws(() => parse(digits), JsonError);
    assert.throws(() => parse(`[0.${'0'.repeat(long)}x]`), JsonError);
    assert.throws(() => parse(`"${'\\"'.repeat(long)}`), JsonError);
    assert.throws(() => parse(`["\\ud83d\\ude00${'\\'.repeat(long + 1)}"]`), JsonError);
    assert.equal(parse(`"${digits}"`), digits);
    assert.deepStrictEqual(parse(`{"n":1.0,"s":"${'\\n'.repeat(long)}"}`), { n: new Float(1), s: '\n'.repeat(long) });
  });
}

test('errors say where', () => {
  assert.throws(() => parseJson('{"a":1,"b":tru}'), { offset: 11, message: 'expected a value, got "t" at offset 11' });
  assert.throws(() => parseJson('{"a":1'), { offset: 6 });
});

/** JSON numbers spelled in every way, many of them near the limits. */
const numberText = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.stringMatching(/^(0|[1-9][0-9]{0,20})$/),
      fc.stringMatching(/^(\.([09]{1,20}|[0-9]{1,18}))?$/),
      fc.stringMatching(/^([eE][+-]?[0-9]{1,2})?$/),
    )
    .map((parts) => parts.join('')),
);

const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    numberText,
    fc.constantFrom('true', 'false', 'null', '""', '"\\ud83d\\ude00"', '"1.0,"', '":1e3}"', '"12345678901234567"'),
    fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(' ,')}]`),
    fc
      .array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 })
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
  ),
})).value;

/** What the native parser makes of the same text, as far as it can tell. */
function native(value: Value): unknown {
  if (value instanceof Float) return value.value;
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(native);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, native(member)]));
}

test('both ways of parsing agree with each other, and with the native parser where it can tell', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      const exact = parseJsonExact(text, { unsigned: 'float' });
      assert.deepStrictEqual(parseJson(text, { unsigned: 'float' }), exact);
      assert.deepStrictEqual(native(exact), JSON.parse(text));
    }),
    { numRuns: 1000 },
  );
});

test('both ways of parsing refuse the same texts', () => {
  const attempt = (parse: typeof parseJson, text: string) => {
    try {
      return parse(text);
    } catch (error) {
      assert.ok(error instanceof JsonError);
      return 'refused';
    }
  };
  const mutated = fc
    .tuple(jsonText, fc.nat(), fc.constantFrom(...'{}[]":,\\.-+eE0 9'))
    .map(([text, at, char]) => [[...text], at, char] as const)
    // Between characters: halves of surrogate pairs are in no text.
    .map(([chars, at, char]) => chars.toSpliced(at % (chars.length + 1), 0, char).join(''));
  const anything = fc.oneof(mutated, fc.string(), fc.string({ unit: fc.constantFrom(...'{}[]":,\\.-+eE01tfn ') }));
  fc.assert(
    fc.property(anything, (text) => {
      assert.deepStrictEqual(attempt(parseJson, text), attempt(parseJsonExact, text));
    }),
    { numRuns: 1000 },
  );
});

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Value>(null, true, false),
    fc.maxSafeInteger(),
    fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .filter((whole) => !Number.isSafeInteger(Number(whole)))
      .map((whole): Value => whole),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((number): Value => (Number.isInteger(number) ? new Float(number) : number)),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', '10', '9')), tie('value'), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
})).value;

test('a value survives being written and read, compact and indented', () => {
  fc.assert(
    fc.property(value, (before) => {
      const text = stringifyJson(before);
      assert.deepStrictEqual(parseJson(text), before);
      assert.equal(stringifyJson(parseJsonExact(stringifyJson(before, 2))), text);
    }),
    { numRuns: 500 },
  );
});

test('members are written in the order of their UTF-8 bytes', () => {
  const names = ['b', 'a', '10', '9', '\u{1f600}', '\uff5e', '', '__proto__'];
  const object = parseJson(`{${names.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`);
  const order = [...stringifyJson(object).matchAll(/"([^"]*)":0/g)].map((match) => match[1]);
  assert.deepStrictEqual(
    order,
    names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
});

test('floats are spelled with the fewest exact digits and always as floats', () => {
  const cases: [number, string][] = [
    [0, '0.0'],
    [-0, '-0.0'],
    [1000, '1000.0'],
    [0.1, '0.1'],
    [1e-5, '0.00001'],
    [1.5e-6, '1.5e-6'],
    [1e-7, '1e-7'],
    [9999999999999998, '9999999999999998.0'],
    [1e16, '1e+16'],
    [-1.7976931348623157e308, '-1.7976931348623157e+308'],
    [5e-324, '5e-324'],
  ];
  for (const [number, text] of cases) {
    assert.equal(formatFloat(number), text);
    const whole = Number.isInteger(number) ? new Float(number) : number;
    assert.equal(stringifyJson([whole, { a: whole }]), `[${text},{"a":${text}}]`);
  }
  assert.equal(
    stringifyJson([new Float(Number.POSITIVE_INFINITY), new Float(Number.NEGATIVE_INFINITY)]),
    '[null,null]',
  );
});

test('timestamps, bytes and regexes are written as text', () => {
  const event: ObjectValue = {
    t: new Timestamp(0, 120_000_000),
    b: new Uint8Array([0x61, 0xff, 0x22]),
    r: new Regex('a"\\d'),
    s: 'a\u0001\n"\\\u007f\u2028é',
  };
  assert.equal(
    stringifyJson(event),
    '{"b":"a\ufffd\\"","r":"a\\"\\\\d","s":"a\\u0001\\n\\"\\\\\u007f\u2028é","t":"1970-01-01T00:00:00.120Z"}',
  );
  assert.equal(quoteJson('a"b'), '"a\\"b"');
});

test('indented text has one member or item a line', () => {
  assert.equal(
    stringifyJson({ b: [1, { a: null }], a: {}, c: [] }, 2),
    '{\n  "a": {},\n  "b": [\n    1,\n    {\n      "a": null\n    }\n  ],\n  "c": []\n}',
  );
});

test('a member named toJSON is data', () => {
  assert.equal(stringifyJson({ toJSON: 'x', a: { toJSON: 1 } }), '{"a":{"toJSON":1},"toJSON":"x"}');
});

test('a value nested too deeply is refused, not an overflow', () => {
  const nest = (depth: number): Value => {
    let inner: Value = 1n;
    for (let i = 0; i < depth; i++) inner = i % 2 === 0 ? [inner] : { a: inner };
    return inner;
  };
  for (const indent of [0, 2]) {
    stringifyJson(nest(JSON_WRITE_DEPTH_MAX), indent);
    assert.throws(() => stringifyJson(nest(JSON_WRITE_DEPTH_MAX + 1), indent), JsonError);
    assert.throws(() => stringifyJson(nest(100_000), indent), JsonError);
  }
});

test('a name with an escape is read as it stands, whatever was read before', () => {
  assert.deepEqual(parseJson('{"a":1,"d\\\\":2}'), { a: 1, 'd\\': 2 });
  assert.deepEqual(parseJson('{"a":1,"d\\n":2}'), { a: 1, 'd\n': 2 });
  assert.deepEqual(parseJson('{"a":"\\"x\\":1","d\\t" : 2}'), { a: '"x":1', 'd\t': 2 });
});

test('a text of escapes is looked through once', () => {
  const escapes = '\\"'.repeat(200_000);
  assert.equal(parseJson(`"${escapes}"`), '"'.repeat(200_000));
});

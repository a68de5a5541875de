// What is a program, what it means, and what is said about what is none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Expression, RootExpression } from './ast.ts';
import { formatExpression } from './format.ts';
import { parse } from './parser.ts';
import { HEIGHT_MAX, NESTING_MAX } from './refusal.ts';

function expressions(source: string): readonly RootExpression[] {
  const parsed = parse(source);
  if ('diagnostic' in parsed) throw new assert.AssertionError({ message: `${parsed.diagnostic.message}: ${source}` });
  return parsed.program.expressions;
}

/** The one expression of a program without errors. */
function only(source: string): Expression {
  const [first, ...more] = expressions(source);
  if (!first || more.length > 0) assert.fail(`not one expression: ${source}`);
  if (first.type === 'error') assert.fail(`${first.diagnostic.labels[0]!.message}: ${source}`);
  return first;
}

function problems(source: string): readonly Diagnostic[] {
  const parsed = parse(source);
  if ('diagnostic' in parsed) return [parsed.diagnostic];
  return parsed.program.expressions.flatMap((one) => (one.type === 'error' ? [one.diagnostic] : []));
}

/** Codes and primary places of a program's errors, as `203@2-3`. */
function codes(source: string): string {
  return problems(source)
    .map(({ code, labels }) => `${code}@${labels[0]!.span.start}-${labels[0]!.span.end}`)
    .join(' ');
}

/** With all that operators take in parentheses. */
function grouped(node: Expression): string {
  if (node.type === 'op') return `(${grouped(node.left)} ${node.operator} ${grouped(node.right)})`;
  if (node.type === 'not') return `!${grouped(node.inner)}`;
  return formatExpression(node);
}

for (const [source, expected] of [
  ['a + b * c', '(a + (b * c))'],
  ['a * b + c', '((a * b) + c)'],
  ['a - b - c', '((a - b) - c)'],
  ['a ?? b || c && d == e > f | g + h * !i', '(a ?? ((b || c) && (d == (e > (f | (g + (h * !i)))))))'],
  ['a || b && c || d', '(((a || b) && c) || d)'],
  ['!a == b', '(!a == b)'],
  ['!!a', '!!a'],
  ['a +\n\n b', '(a + b)'],
  ['a - 1', '(a - 1)'],
  ['1 - -1', '(1 - -1)'],
] as const) {
  test(`groups \`${source.replaceAll('\n', '\\n')}\` as ${expected}`, () => {
    assert.equal(grouped(only(source)), expected);
  });
}

for (const source of [
  '.',
  '%',
  '.a',
  '.a.b[0]."c d"[-1]',
  '%a.b',
  'x.y',
  'x[0]',
  'f(x).y',
  '[1, 2][0]',
  '{ "a": 1 }.a',
  '{ x }.a',
  '.if.string.@timestamp.5a',
  'f!(a, b: c) -> |k, _| { k }',
  'f() -> || { 1 }',
  '"a {{ b }} c"',
  '"{{ b }}"',
  `"a\\"b\\\\c\\n\\t\\r\\0"`,
  `s'a\\d'`,
  `r'\\d+'`,
  `t'2020-01-01T00:00:00Z'`,
  '-9223372036854775808',
  '1.5',
  'true',
  'null',
  '_ = f()',
  'a, err = f()',
  '_, _ = f()',
  '.a |= {}',
  'a = b = c',
  'a = if b { c } else if d { e } else { f }',
  'if (a; b = 1) { c }',
  'if (a) && b { c }',
  'if f(a) { b; c }',
  'abort',
  'abort "x"',
  'abort if a { "b" } else { "c" }',
  'return {}',
  '[]',
  '{ f(); [1] }',
]) {
  test(`reads \`${source}\` and writes it back`, () => {
    assert.equal(formatExpression(only(source)), source);
  });
}

for (const [source, count] of [
  ['', 0],
  ['\n\n', 0],
  [' # nothing\n', 0],
  ['a', 1],
  ['\na\n', 1],
  ['a; b', 2],
  ['a;\n\nb;', 2],
  ['a # b\nc', 2],
  ['if a { b }\n\n# note\nelse { c }', 1],
  ['if a { b }\nelsewhere', 2],
] as const) {
  test(`counts ${count} in ${JSON.stringify(source)}`, () => {
    const found = expressions(source);
    assert.equal(codes(source), '');
    assert.equal(found.length, count);
  });
}

test('spans are bytes, and include the brackets', () => {
  const call = only('"日本" + f(.a)');
  assert.deepEqual(call.span, { start: 0, end: 16 });
  assert.ok(call.type === 'op');
  assert.deepEqual(call.operatorSpan, { start: 9, end: 10 });
  assert.deepEqual(call.right.span, { start: 11, end: 16 });
});

test('the parts of a template have places of their own', () => {
  const node = only('"é {{ x }}\\n"');
  assert.ok(node.type === 'template');
  assert.deepEqual(node.parts, [
    { type: 'text', value: 'é ', span: { start: 1, end: 4 } },
    { type: 'variable', name: 'x', span: { start: 4, end: 11 } },
    { type: 'text', value: '\n', span: { start: 11, end: 13 } },
  ]);
});

test('a path knows its target and where it stands', () => {
  const node = only('x.a[2]');
  assert.ok(node.type === 'query');
  assert.deepEqual(node.target, { type: 'variable', span: { start: 0, end: 1 }, name: 'x' });
  assert.deepEqual(node.segments, ['a', 2]);
  assert.deepEqual(node.pathSpan, { start: 1, end: 6 });
});

test('an `else if` is a block of one `if` with the same span', () => {
  const node = only('if a { 1 } else if b { 2 } else { 3 }');
  assert.ok(node.type === 'if' && node.otherwise);
  const [inner] = node.otherwise.expressions;
  assert.ok(inner?.type === 'if' && inner.otherwise);
  assert.deepEqual(inner.span, { start: 11, end: 26 });
  assert.deepEqual(node.otherwise.span, inner.span);
  assert.deepEqual(inner.otherwise.span, { start: 32, end: 37 });
});

test('members of an object are sorted, and kept as written beside', () => {
  const node = only('{ "b": 1, "a": 2, "b": 3 }');
  assert.ok(node.type === 'object');
  const text = (list: typeof node.members) => list.map(({ key, value }) => `${key}${formatExpression(value)}`).join();
  assert.equal(text(node.members), 'a2,b3');
  assert.equal(text(node.written), 'b1,a2,b3');
});

for (const [content, value] of [
  ['a\\\n   b', 'ab'],
  ['\\u{1F600}\\u{41}', '😀A'],
  ['\\{{ x \\}}', '{{ x }}'],
  ['{ x }', '{ x }'],
  ['a {{ b', 'a '],
  ['a{{}}b', 'ab'],
  ["\\'", "'"],
  ['two\nlines', 'two\nlines'],
] as const) {
  test(`the string ${JSON.stringify(content)} is ${JSON.stringify(value)}`, () => {
    const node = only(`"${content}"`);
    assert.ok(node.type === 'literal');
    assert.deepEqual(node.literal, { kind: 'string', value });
  });
}

for (const [source, literal] of [
  ['1_000', { kind: 'integer', value: 1000 }],
  ['9007199254740993', { kind: 'integer', value: 9007199254740993n }],
  ['-0', { kind: 'integer', value: 0 }],
  ['-0.0', { kind: 'float', value: -0 }],
  ['1.', { kind: 'float', value: 1 }],
  ["r'a\\'b'", { kind: 'regex', value: "a'b" }],
  ["s'a\\'b'", { kind: 'raw_string', value: "a\\'b" }],
] as const) {
  test(`\`${source}\` is the ${literal.kind} ${literal.value}`, () => {
    const node = only(source);
    assert.ok(node.type === 'literal');
    assert.deepEqual(node.literal, literal);
  });
}

for (const [source, expected] of [
  // Only what cannot follow is blamed, and only up to the end of the line.
  ['a b', '203@2-3'],
  ['a b\n)\nx = (', '203@2-3 203@4-5 204@11-11'],
  ['(\n1)', '203@1-2 203@3-4'],
  ['a;;b', '203@2-3'],
  ['.foo.', '203@4-5'],
  ['x = 5 % 2', '203@6-7'],
  ['{ a: 1 }', '203@3-4'],
  ['if a {}', '203@6-7'],
  ['if a { "b": 1 }', '203@10-11'],
  ['[1\n, 2]', '203@3-4'],
  ['f(a = 1)', '203@4-5'],
  ['f(if)', '203@4-5'],
  ['a -1', '203@2-4'],
  ['x + 1 = 2', '203@6-7'],
  ['a, b', '204@4-4'],
  ['(if a { b })', '203@1-3'],
  ["'a'", '203@0-1'],
  ['if (a\n) == b { c }', '203@8-10'],
  ['f(', '204@2-2'],
  ['x = ( # rest\n', '203@12-13'],
  // What looks ahead for a path is the first to meet these.
  ['string = 1', '205@0-6'],
  ['x = while', '205@4-9'],
  // One fault of a token makes the rest unreadable.
  ['a b\nx += 1', '203@6-8'],
  ['a b\nx ? y', '203@6-7'],
  ['a b\n"c', '207@4-5'],
  ['a &\\ b', '203@3-4'],
  ['99999999999999999999', '206@0-20'],
  ['"abc', '207@0-1'],
  ['["abc', '207@1-2'],
  ['[1, "abc', '207@5-6'],
  ["s'abc", '208@0-1'],
  ["f(.a, r'abc)", '208@7-8'],
  ['f( # rest\n', '210@0-0'],
  ['"a\\qb"', '209@3-4'],
  ['"a\\', '209@2-3'],
  ['"\\u{4z}"', '209@5-6'],
  ['"\\u{}"', '211@1-5'],
  ['"\\u{d800}"', '211@1-9'],
  ['[a, "b"', '210@0-0'],
  ['"é" é', '203@5-7'],
] as const) {
  test(`says ${expected} of ${JSON.stringify(source)}`, () => {
    assert.equal(codes(source), expected);
  });
}

for (const [source, words] of [
  ['5 % 2', 'mod(a, b)'],
  ['x += 1', 'x = x + y'],
  ["x = 'a'", 'a string is written'],
  ['a and b', '&&'],
  ['if a { b } elif c { d }', 'else if'],
  ['a === b', '=='],
  ['-x', '0 - x'],
  ['let x = 1', 'needs no `let`'],
  ['if(a) { b }', 'space between `if`'],
  ['for x in y', 'for_each'],
  ['a ? b : c', 'if a { b } else { c }'],
  ['a\n + b', 'ends its line with the operator'],
  ['{ a: 1 }', 'double quotes'],
  ['"\\d"', 'raw string'],
] as const) {
  test(`hints at \`${words}\` for ${JSON.stringify(source)}`, () => {
    assert.match(problems(source)[0]!.notes.join('\n'), new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  });
}

test('an open bracket is named where the program ends', () => {
  const [problem] = problems('f(1, [2');
  assert.deepEqual(problem!.labels[1], { message: 'opened here', primary: false, span: { start: 5, end: 6 } });
});

test('nesting has a limit, and is read up to it', () => {
  const nested = (depth: number) => '('.repeat(depth) + 'a' + ')'.repeat(depth);
  assert.equal(codes(nested(NESTING_MAX)), '');
  assert.match(codes(nested(NESTING_MAX + 1)), /^210@/);
});

for (const part of [
  '(',
  '[',
  '{',
  'f(',
  '! ',
  'a = ',
  'return ',
  'if a {',
  '{"a":',
  'x[',
  'f(-> |a| {',
  '[0].',
  '.a[',
]) {
  test(`100,000 times \`${part}\` is refused, not a crash`, () => {
    assert.match(codes(part.repeat(100_000)), /^210@/);
  });
}

test('a long chain is no nesting, but has a limit as well', () => {
  const chain = (length: number) => Array(length).fill('a').join(' + ');
  assert.equal(codes(chain(HEIGHT_MAX - 10)), '');
  assert.match(codes(chain(10_000)), /^210@/);
  const choices = (length: number) => `if a { 1 }${' else if a { 1 }'.repeat(length)}`;
  assert.equal(codes(choices(HEIGHT_MAX / 2 - 10)), '');
  assert.match(codes(choices(10_000)), /^210@/);
});

test('a hostile length costs no more than its length', () => {
  for (const source of [
    '\n'.repeat(300_000),
    ')\n'.repeat(100_000),
    '.a' + '.b'.repeat(20_000),
    'f(#(\n)\n'.repeat(5_000),
  ]) {
    const start = performance.now();
    parse(source);
    assert.ok(performance.now() - start < 5_000, source.slice(0, 10));
  }
});

const words = fc.constantFrom(
  ...['(', ')', '[', ']', '{', '}', '.', '%', ';', '\n', ',', ':', '_', '!', '->', '=', '|=', '|', '||', '&&', '??'],
  ...[
    '==',
    '<',
    '+',
    '-',
    '*',
    'if',
    'else',
    'null',
    'abort',
    'return',
    'string',
    'x',
    '.foo',
    '%bar',
    'f(',
    'f!(',
    '1',
  ],
  ...[
    '-1',
    '1.5',
    '"s"',
    '"{{ x }}"',
    "s'r'",
    '@a',
    '5foo',
    '#c\n',
    ' ',
    '"',
    "'",
    'é',
    '\\',
    '😀',
    '?',
    '-> |a| {',
    '}',
  ],
);

test('no soup of tokens throws, and what is said has its place in it', () => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
      const source = parts.join('');
      const bytes = new TextEncoder().encode(source).length;
      for (const { labels } of problems(source)) {
        for (const { span } of labels) assert.ok(span.start <= span.end && span.start <= bytes, JSON.stringify(source));
      }
    }),
    { numRuns: 3_000 },
  );
});

test('what is written back means the same', () => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
      const parsed = parse(parts.join(' '));
      if ('diagnostic' in parsed) return;
      for (const one of parsed.program.expressions) {
        if (one.type === 'error') continue;
        const text = formatExpression(one);
        assert.equal(formatExpression(only(text)), text);
      }
    }),
    { numRuns: 3_000 },
  );
});

// Programs and events that mean harm: they cost a diagnostic or a failed run, never the process and never a stall.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { getField } from '../../src/event/object.ts';
import type { ObjectValue, Value } from '../../src/event/value.ts';
import { compile, Failure, type Program, type Target } from '../../src/vrl/vrl.ts';

const NO_SECRETS = { get: () => undefined, set: () => {}, remove: () => {} };

function programOf(source: string): Program {
  const compiled = compile(source);
  if ('program' in compiled) return compiled.program;
  assert.fail(compiled.diagnostics.map(({ code, message }) => `E${code} ${message}`).join('\n'));
}

function run(source: string, event: Value = {}): { readonly result: Value | Failure; readonly event: Value } {
  const target: Target = { value: event, metadata: {}, secrets: NO_SECRETS };
  const result = programOf(source).run(target);
  return { result, event: target.value };
}

/** The code of the first diagnostic, or `ok`. */
function codeOf(source: string): number | 'ok' {
  const compiled = compile(source);
  return 'program' in compiled ? 'ok' : compiled.diagnostics[0]!.code;
}

const DEEP = 100_000;

for (const [name, source] of Object.entries({
  parentheses: '('.repeat(DEEP),
  'closed parentheses': `${'('.repeat(DEEP)}1${')'.repeat(DEEP)}`,
  arrays: '['.repeat(DEEP),
  blocks: `${'{'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  objects: '{"a":'.repeat(DEEP),
  negations: `${'!'.repeat(DEEP)}true`,
  conditions: 'if true { '.repeat(DEEP),
  alternatives: `if true { 1 }${' else if true { 1 }'.repeat(DEEP)}`,
  calls: 'string!('.repeat(DEEP),
  closures: 'for_each([1]) -> |a, b| { '.repeat(DEEP),
  assignments: 'a = '.repeat(DEEP),
  sums: `1${' + 1'.repeat(DEEP)}`,
  fallbacks: `to_int("1")${' ?? to_int("1")'.repeat(DEEP)}`,
  paths: '.a'.repeat(DEEP),
  indices: `.a${'[0]'.repeat(DEEP)}`,
  aborts: 'abort '.repeat(DEEP),
  returns: 'return '.repeat(DEEP),
})) {
  test(`a program of ${DEEP} ${name} inside each other is refused or run`, () => {
    const compiled = compile(source);
    if ('program' in compiled) compiled.program.run({ value: {}, metadata: {}, secrets: NO_SECRETS });
    else assert.ok(compiled.diagnostics.length > 0);
  });
}

test('a program of 100,000 lines compiles', () => {
  assert.equal(codeOf('.a = 1\n'.repeat(DEEP)), 'ok');
});

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'prototype',
  'length',
  'at',
  'value',
  'source',
  'seconds',
  'buffer',
  '0',
  '-1',
  'a"b',
  "a'b",
  'a\\b',
  '`${1}`',
  'a\nb',
  '\u2028',
  '</script>',
  '"]; process.exit(1); //',
  'ключ',
  '😀',
  '',
];

for (const name of NAMES) {
  const quoted = JSON.stringify(name);
  test(`a field named ${quoted} is a field like any other`, () => {
    assert.equal(run(`.${quoted}`).result, null);
    assert.equal(run(`exists(.${quoted})`).result, false);
    assert.equal(run(`.${quoted}.${quoted}`).result, null);
    for (const other of ['text', [1, 2], 5, null, true]) {
      assert.equal(run(`.x.${quoted}`, { x: other }).result, null, `of ${JSON.stringify(other)}`);
    }
    const written = run(`.${quoted} = 1\n.x.${quoted}.y = 2\n.`).event as ObjectValue;
    assert.equal(getField(written, name), 1);
    assert.deepEqual(Object.keys(getField(written['x'] as ObjectValue, name) as ObjectValue), ['y']);
    assert.equal(run(`x = {${quoted}: 1}\nx.${quoted}`).result, 1);
    assert.equal(run(`.${quoted} = 1\ndel(.${quoted})`).result, 1);
    assert.equal(run(`.${quoted} = 1\ndel(.${quoted})\nexists(.${quoted})`).result, false);
    assert.equal(run(`x = {${quoted}: {"y": 1}} | {"z": 1}\nx.${quoted}.y`).result, 1);
    const keys = run(`.keys = []\nfor_each({${quoted}: 1}) -> |k, v| { .keys[0] = k }\n.keys`).result;
    assert.deepEqual(keys, [name]);
  });
}

test('writing to hostile names changes no prototype', () => {
  run('.__proto__.polluted = 1\n.constructor.prototype.polluted = 1\n.x.__proto__.polluted = 1');
  run('."__proto__" = {"polluted": 1}\nx = {"a": 1}\nx |= {"__proto__": {"polluted": 1}}');
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('text of a program stays text in the generated code', () => {
  for (const name of NAMES) {
    const quoted = JSON.stringify(name);
    assert.equal(run(quoted).result, name);
    assert.equal(run(`.a == ${quoted}`, { a: name }).result, true);
  }
});

test('values do not grow without end', () => {
  const many = Array.from({ length: 64 }, (_, index) => index);
  for (const step of ['x = [x, x]', 'x = {"a": x, "b": x}', 'x = string!(x) + string!(x)', 'x = string!(x) * 1000']) {
    const { result } = run(`x = "0123456789abcdef"\nfor_each(array!(.many)) -> |_, v| { ${step} }\nx`, { many });
    assert.ok(result instanceof Failure && result.kind === 'error', step);
    assert.doesNotMatch(result.message, /internal error/, step);
  }
});

test('an array does not grow with its index', () => {
  for (const index of [1e9, -1e9]) {
    const { result } = run(`.a[${index}] = 1`);
    assert.ok(result instanceof Failure);
  }
});

test('patterns that make backtracking explode end', () => {
  const line = `${'a'.repeat(50_000)}!`;
  for (const pattern of ['^(a+)+$', '^(a|aa)+$', '(?i)^(a*)*b', '^(?:a?){40}a{40}$', '(x+x+)+y', '^(\\w+\\s?)*$']) {
    const { result } = run(`parse_regex(string!(.line), r'${pattern}') ?? "none"`, { line });
    assert.ok(!(result instanceof Failure), pattern);
  }
});

test('random text compiles or gives diagnostics, and runs or fails', () => {
  const words = [
    ...['.', '%', 'a', 'b1', '"s"', "s'r'", "r'[a'", "t'2020'", '1', '2.5', 'true', 'null', 'if', 'else', 'abort'],
    ...['return', '(', ')', '{', '}', '[', ']', ',', ';', '\n', ' ', '=', '|=', '|', '||', '&&', '??', '==', '<', '!'],
    ...[
      '+',
      '-',
      '*',
      '/',
      '->',
      ':',
      'to_int(',
      'del(',
      'for_each(',
      'x',
      '"{{ x }}"',
      '"',
      "'",
      '\\',
      '#',
      'ü',
      '\0',
    ],
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 40 }), (parts) => {
      const compiled = compile(parts.join(''));
      if ('program' in compiled) compiled.program.run({ value: { a: 1 }, metadata: {}, secrets: NO_SECRETS });
      else assert.ok(compiled.diagnostics.every(({ labels }) => labels.length > 0));
    }),
    { numRuns: 3000 },
  );
});

test('a fault of a function ends its run and nothing else', () => {
  const broken = {
    name: 'broken',
    category: 'Debug',
    doc: 'Breaks.',
    parameters: [],
    returns: { kinds: ['any'], fallible: false },
    examples: [],
    run: () => {
      throw new TypeError('boom');
    },
  } as const;
  const compiled = compile('broken()', { functions: [broken] });
  assert.ok('program' in compiled);
  const result = compiled.program.run({ value: {}, metadata: {}, secrets: NO_SECRETS });
  assert.ok(result instanceof Failure && result.message === 'internal error: boom');
});

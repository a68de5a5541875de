import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtIn } from '../config/built_in.ts';
import { loadYaml } from '../testing/config.ts';
import { Lab } from '../testing/topology.ts';
import { buildUnitTests } from './topology.ts';

async function run(text: string, more: Partial<Lab['runtime']> = {}) {
  const { config, messages } = await loadYaml(text, { registry: builtIn, forTests: true, allowEmpty: true });
  assert.ok(config, messages.join('\n'));
  const built = buildUnitTests(config, new Lab(more).runtime);
  if ('errors' in built) return built.errors;
  return Promise.all(built.tests.map(async (one) => [one.name, ...(await one.run())] as const));
}

const REMAP = `
sources: {unknown: {type: not_there}}
transforms:
  a: {type: remap, inputs: [unknown], source: '.b = .a'}
`;

const oneTest = (more: string, input = '{insert_at: a, type: log, log_fields: {a: 1}}') =>
  `${REMAP}\ntests:\n  - name: t\n    input: ${input}\n    ${more}\n`;

test('passes when an event meets each condition', async () => {
  const text = oneTest('outputs: [{extract_from: a, conditions: [".b == 1", {type: is_log}]}]');
  assert.deepEqual(await run(text), [['t']]);
});

test('says which condition no event meets, and shows the events', async () => {
  const [result] = await run(oneTest('outputs: [{extract_from: a, conditions: ["true", ".b == 2"]}]'));
  assert.deepEqual(result!.slice(1, 3), [
    'check[0] for transforms ["a"] failed conditions:',
    '  condition[1]: source execution resolved to false',
  ]);
  assert.match(result!.at(-1)!, /output payloads from \["a"\] \(events encoded as JSON\):\n {2}\{"a":1,"b":1/);
});

test('says that nothing came out', async () => {
  const text = `
transforms:
  a: {type: filter, inputs: [], condition: 'false'}
tests:
  - {name: t, input: {insert_at: a, value: x}, outputs: [{extract_from: a, conditions: ["true"]}]}
  - {name: none, input: {insert_at: a, value: x}, outputs: [{extract_from: a, expected_event_count: 0}]}
  - {name: silent, input: {insert_at: a, value: x}, no_outputs_from: [a]}
`;
  const [failed, ...others] = await run(text);
  assert.match(failed![1]!, /^checks for transforms \["a"\] failed: no events received/);
  assert.deepEqual(others, [['none'], ['silent']]);
});

test('makes events of messages, programs and metrics', async () => {
  const text = `${REMAP}
tests:
  - {name: raw, input: {insert_at: a, value: hi}, outputs: [{extract_from: a, conditions: ['.message == "hi" && exists(.timestamp)']}]}
  - {name: vrl, input: {insert_at: a, type: vrl, source: '. = {"a": [1]}; %m = 2'}, outputs: [{extract_from: a, conditions: ['.b == [1] && %m == 2']}]}
  - name: metric
    input: {insert_at: a, type: metric, metric: {name: m, kind: absolute, gauge: {value: 1}}}
    outputs: [{extract_from: a, conditions: ['.name == "m"']}]
`;
  assert.deepEqual(await run(text), [['raw'], ['vrl'], ['metric']]);
});

for (const [more, input, message] of [
  ['no_outputs_from: [b]', undefined, "Invalid no_outputs_from target in test 't': 'b' does not exist"],
  ['outputs: []', undefined, 'unit test must contain at least one of `outputs` or `no_outputs_from`.'],
  ['no_outputs_from: [a]', '{insert_at: b}', "inputs[0]: unable to locate target transform 'b'"],
  ['no_outputs_from: [a]', '{insert_at: a, type: log}', "input type 'log' requires the field 'log_fields'"],
  ['no_outputs_from: [a]', '{insert_at: a}', "input type 'raw' requires the field 'value'"],
] as const) {
  test(`does not build: ${message}`, async () => {
    assert.deepEqual(await run(oneTest(more, input)), [`Failed to build test 't':\n  ${message}`]);
  });
}

test('does not build a test whose condition is wrong', async () => {
  const [error] = await run(oneTest('outputs: [{extract_from: a, conditions: [".a ="]}]'));
  assert.match(String(error), /failed to create test condition '0': error\[E20\d\]/);
});

test('counts the lines of programs that ran', async () => {
  const lines: [number, number][] = [];
  const text = `
transforms:
  a:
    type: remap
    inputs: []
    source: |
      if .a == 2 {
        .x = 1
      }
      .b = .a
tests:
  - {name: t, input: {insert_at: a, value: x}, outputs: [{extract_from: a, conditions: ["true"]}]}
`;
  const programs: { lines(): ReadonlyMap<number, number> }[] = [];
  await run(text, { coverage: (_, program) => void programs.push(program) });
  for (const line of programs[0]!.lines()) lines.push(line);
  assert.ok(lines.some(([, count]) => count === 0));
  assert.ok(lines.some(([, count]) => count === 1));
});

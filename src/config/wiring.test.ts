import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadTexts, loadYaml, type Shown } from '../testing/config.ts';

const SOURCES = 'sources: {app_one: {type: all}, app_two: {type: all}, other: {type: listener}}\n';

/** Loads three sources, what is given, and one sink for each list of inputs; warnings about unused ones are left out. */
async function load(more: string, ...sinks: string[]) {
  const written = sinks.map((inputs, index) => `s${index}: {type: any, inputs: ${inputs}}`);
  const result = await loadYaml(`${SOURCES}${more}\nsinks: {${written.join(', ')}}\n`);
  const shown = result.shown.filter(([, , message]) => !message.endsWith('has no consumers'));
  return { ...result, shown, inputs: (id: string) => result.config?.sinks.get(id)?.inputs };
}

test('inputs may be patterns over all outputs', async () => {
  const split = 'transforms: {t: {type: split, inputs: [other]}}';
  const { inputs, shown } = await load(split, '["app_*"]', '["app_???"]', '["[!o]*"]', '["t.*", other]', '["*"]');
  assert.deepEqual(shown, []);
  assert.deepEqual(inputs('s0'), ['app_one', 'app_two']);
  assert.deepEqual(inputs('s1'), ['app_one', 'app_two']);
  assert.deepEqual(inputs('s2'), ['app_one', 'app_two', 't.left', 't.right']);
  assert.deepEqual(inputs('s3'), ['t.left', 't.right', 'other']);
  assert.deepEqual(inputs('s4'), ['app_one', 'app_two', 'other', 't.left', 't.right']);
});

test('a pattern of a component does not match its own outputs', async () => {
  const { config, problems } = await loadYaml(
    `${SOURCES}transforms: {app_all: {type: program, source: ., inputs: ["app_*"]}}\nsinks: {s: {type: any, inputs: [app_all, other]}}`,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(config?.transforms.get('app_all')?.inputs, ['app_one', 'app_two']);
});

const SPLIT = 'transforms: {t: {type: split, inputs: [other]}}';

const wrong: readonly [name: string, more: string, inputs: string, message: string, hint?: string][] = [
  ['a name nobody has', '', '[app_on]', 'there is no component `app_on`', 'did you mean `app_one`?'],
  ['a name like no other', '', '[zzzzzz]', 'there is no component `zzzzzz`', 'there are `app_one`, `app_two`, `other`'],
  [
    'a pattern that matches nothing',
    '',
    '["x*"]',
    'no component matches `x*`',
    'there are `app_one`, `app_two`, `other`',
  ],
  ['a sink', '', '[other, s0]', '`s0` is a sink, which sends nothing on'],
  ['an output that is not there', SPLIT, '[t.up]', '`t` has no output `up`', 'its outputs are `t.left`, `t.right`'],
  ['a component of named outputs', SPLIT, '[t]', '`t` has named outputs only', 'its outputs are `t.left`, `t.right`'],
  ['an output of a source', '', '[other.x]', '`other` has no output `x`', 'its outputs are `other`'],
  ['an input twice', '', '[other, other]', '`other` is an input of `s0` twice', 'leave one of them out'],
  [
    'an input that a pattern has matched',
    '',
    '["oth*", other]',
    '`other` is an input of `s0` twice',
    '`oth*` matches it already',
  ],
  [
    'a pattern that is none',
    '',
    '["app_["]',
    '`app_[` has a `[` without its `]`; to match the character itself, write `[[]`',
  ],
];

for (const [name, more, inputs, message, hint] of wrong) {
  test(`refuses ${name} as an input`, async () => {
    const { shown } = await load(more, inputs);
    assert.deepEqual(
      shown.map(([severity, , text, advice]) => [severity, text, advice]),
      [['error', message, hint]],
    );
    const last = shown[0]![1].split(' ')[1]!;
    assert.match(last, /^sinks\.s0\.inputs\[\d\]$/);
  });
}

test('patterns that match nothing are fine with relaxed matching, names are not', async () => {
  const { shown, inputs } = await load('wildcard_matching: relaxed', '["x*"]', '["app_*", "x*"]');
  assert.deepEqual(shown, []);
  assert.deepEqual(inputs('s0'), []);
  assert.deepEqual(inputs('s1'), ['app_one', 'app_two']);
  const { messages } = await load('wildcard_matching: relaxed', '[x]', '["*"]');
  assert.deepEqual(messages, ['there is no component `x`']);
});

test('types are followed through transforms, and must fit at every edge', async () => {
  const { config, shown } = await loadYaml(`
sources: {logs: {type: listener}, numbers: {type: gauge}}
transforms:
  both: {type: program, source: ., inputs: [logs, numbers]}
  split: {type: split, inputs: [both]}
  wrong: {type: split, inputs: [numbers]}
  passed: {type: program, source: ., inputs: [numbers]}
sinks:
  a: {type: logs, inputs: [split.left, split.right, both]}
  b: {type: logs, inputs: [passed, logs]}
  c: {type: any, inputs: [wrong.left, wrong.right]}
`);
  assert.equal(config, undefined);
  assert.deepEqual(
    shown.map(([, where, message]) => [where.split(' ')[1], message]),
    [
      ['transforms.wrong.inputs[0]', '`numbers` sends metrics, but `wrong` takes logs only'],
      ['sinks.b.inputs[0]', '`passed` sends metrics, but `b` takes logs only'],
    ],
  );
});

test('types that reach a component are those that are sent and that it takes', async () => {
  const { config } = await loadYaml(`
sources: {everything: {type: all}, numbers: {type: gauge}}
transforms: {t: {type: program, source: ., inputs: [numbers]}}
sinks: {a: {type: logs, inputs: [everything]}, b: {type: any, inputs: [t]}}
`);
  assert.deepEqual(config?.sinks.get('a')?.inputTypes, ['log']);
  assert.deepEqual(config?.sinks.get('b')?.inputTypes, ['metric']);
  assert.deepEqual(config?.transforms.get('t')?.outputs, [{ port: undefined, types: ['metric'] }]);
});

test('names every circle once, from where events flow', async () => {
  const program = (inputs: string): string => `{type: program, source: ., inputs: [${inputs}]}`;
  const { messages } = await loadYaml(`
sources: {in: {type: all}}
transforms:
  one: ${program('in')}
  two: ${program('one, four')}
  three: ${program('two')}
  four: ${program('three')}
  self: ${program('in, self')}
sinks: {out: {type: any, inputs: [four]}}
`);
  assert.deepEqual(
    messages.filter((message) => message.startsWith('Cyclic')),
    [
      'Cyclic dependency detected in the chain [ four -> two -> three -> four ]',
      'Cyclic dependency detected in the chain [ self -> self ]',
    ],
  );
});

test('a chain of thousands of transforms is no trouble', async () => {
  const count = 3_000;
  const transforms = Array.from(
    { length: count },
    (_, index) => `"t${index}":{"type":"program","source":".","inputs":["${index === 0 ? 'in' : `t${index - 1}`}"]}`,
  );
  const { problems, config } = await loadTexts({
    'c.json': `{"sources":{"in":{"type":"gauge"}},"transforms":{${transforms.join(',')}},"sinks":{"out":{"type":"any","inputs":["t${count - 1}"]}}}`,
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(config?.sinks.get('out')?.inputTypes, ['metric']);
});

const UNUSED = 'what it sends is thrown away';

test('warns of outputs that nobody consumes', async () => {
  const { shown, config } = await loadYaml(`
sources: {a: {type: all}, b: {type: all}}
transforms: {t: {type: split, inputs: [a]}, u: {type: split, inputs: [a]}}
sinks: {s: {type: any, inputs: [t.left]}}
`);
  assert.deepEqual(
    shown.map(([severity, , message, hint]) => [severity, message, hint]),
    [
      ['warning', 'Source "b" has no consumers', UNUSED],
      ['warning', 'Transform "t.right" has no consumers', UNUSED],
      ['warning', 'Transform "u" has no consumers', UNUSED],
    ],
  );
  assert.ok(config, 'warnings stop nothing');
});

const followers: readonly [name: string, text: string, ...messages: string[]][] = [
  [
    'a mistyped input',
    'sources: {in: {type: all}}\nsinks: {s: {type: any, inputs: [inn]}}',
    'there is no component `inn`',
  ],
  ['missing inputs', 'sources: {in: {type: all}}\nsinks: {s: {type: any}}', '`inputs` is required'],
  [
    'outputs of an unknown type',
    'sources: {in: {type: kafka}}\ntransforms: {r: {type: route, inputs: [in]}}\nsinks: {s: {type: logs, inputs: [r.a, r.b, "r.*"]}}',
    "source type `kafka` is one of Vector's that this version of Sluice does not have yet",
    "transform type `route` is one of Vector's that this version of Sluice does not have yet",
  ],
  [
    'outputs of a component with wrong options',
    'sources: {in: {type: listener, x: 1}}\nsinks: {s: {type: logs, inputs: [in]}}',
    'unknown option `x`',
  ],
];

for (const [name, text, ...messages] of followers) {
  test(`says nothing that follows from ${name}`, async () => {
    assert.deepEqual(
      (await loadYaml(text)).messages.map((message) => message.replace('`r.*`', '')),
      messages,
    );
  });
}

const ACKS = (global: string, source: string, sink: string): string => `
${global}
sources: {in: {type: listener${source}}, numbers: {type: gauge}}
transforms: {t: {type: program, source: ., inputs: [in]}}
sinks: {s: {type: any, inputs: [t]${sink}}, n: {type: any, inputs: [numbers], acknowledgements: false}}`;

const acknowledged: readonly [name: string, text: string, expected: boolean, ...warnings: string[]][] = [
  ['nobody', ACKS('', '', ''), false],
  ['a sink below', ACKS('', '', ', acknowledgements: true'), true],
  ['a sink in the long form', ACKS('', '', ', acknowledgements: {enabled: true}'), true],
  ['the top level', ACKS('acknowledgements: {enabled: true}', '', ''), true, 'numbers'],
  [
    'the top level, which a sink cannot take back',
    ACKS('acknowledgements: true', '', ', acknowledgements: false'),
    true,
    'numbers',
  ],
  ['the source itself', ACKS('', ', acknowledgements: true', ''), true],
  ['a sink, where the source refuses', ACKS('', ', acknowledgements: false', ', acknowledgements: true'), false],
];

for (const [name, text, expected, ...warnings] of acknowledged) {
  test(`a source ${expected ? 'waits' : 'does not wait'} for delivery when it is asked by ${name}`, async () => {
    const { config, problems } = await loadYaml(text);
    assert.equal(config?.sources.get('in')?.acknowledgements, expected);
    assert.equal(config?.sources.get('numbers')?.acknowledgements, false);
    const warned = problems.filter(({ message }) => message.includes('cannot wait')).map(({ path }) => path[1]);
    assert.deepEqual(warned, warnings);
  });
}

test('a source that cannot wait is told of when a sink below it wants it to', async () => {
  const { shown } = await loadYaml(
    'sources: {numbers: {type: gauge}}\nsinks: {s: {type: any, inputs: [numbers], acknowledgements: true}}',
  );
  assert.deepEqual(shown, [
    [
      'warning',
      'c.yaml:1:11 sources.numbers',
      '`numbers` cannot wait for acknowledgements: what is on its way when a sink fails may be lost',
      'sources of type `gauge` have nobody to tell',
    ],
  ] satisfies Shown[]);
});

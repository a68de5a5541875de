import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadTexts, loadYaml, type Shown } from '../testing/config.ts';

/** A source and a sink around what a test is about. */
const pipeline = (more: string): string => `
sources:
  in: {type: listener}
sinks:
  out: {type: logs, inputs: [in]}
${more}`;

const problemsOf = async (text: string): Promise<readonly Shown[]> => (await loadYaml(text)).shown;

test('a configuration without mistakes has no problems, and all defaults', async () => {
  const { config, problems } = await loadYaml(pipeline(''));
  assert.deepEqual(problems, []);
  assert.equal(config?.globals.dataDir, '/var/lib/vector/');
  assert.equal(config?.globals.timezone, 'local');
  assert.deepEqual(config?.globals.logSchema.sourceType, { target: 'event', segments: ['source_type'] });
  assert.deepEqual(config?.globals.api, { enabled: false, address: '127.0.0.1:8686' });
  assert.deepEqual(config?.globals.healthchecks, { enabled: true, requireHealthy: false });
  const sink = config?.sinks.get('out');
  assert.deepEqual(sink?.inputs, ['in']);
  assert.deepEqual(sink?.inputTypes, ['log']);
  assert.deepEqual(
    sink?.buffer.map((stage) => ({ ...stage })),
    [{ type: 'memory', when_full: 'block' }],
  );
  assert.deepEqual({ ...sink?.healthcheck }, { enabled: true, timeout: 10, uri: undefined });
});

test('everything that is wrong comes out in one run, where it is written and with a hint', async () => {
  const text = `data_dir: 5
sources:
  in: {type: listener, adress: x}
  numbers:
    type: gauge
transforms:
  t:
    type: remap
    inputs: [inn]
    source: .a = 1
  u: {type: remap, inputs: [in]}
  v: {type: progam, inputs: [t.dropped], source: .}
sinks:
  out:
    type: logs
    inputs: [in]
    port: many
    bufer: {}
  logs: {type: logs, inputs: [numbers]}
  two: {type: listener, inputs: [u]}
sorces: {}
`;
  assert.deepEqual(await problemsOf(text), [
    ['error', 'c.yaml:1:11 data_dir', 'expected a string, got the number 5'],
    ['error', 'c.yaml:3:24 sources.in.adress', 'unknown option `adress`', 'did you mean `address`?'],
    [
      'error',
      'c.yaml:8:11 transforms.t.type',
      "transform type `remap` is one of Vector's that this version of Sluice does not have yet",
      'used by `t` and `u`',
    ],
    ['error', 'c.yaml:9:14 transforms.t.inputs[0]', 'there is no component `inn`', 'did you mean `in`?'],
    ['warning', 'c.yaml:12:3 transforms.v', 'Transform "v" has no consumers', 'what it sends is thrown away'],
    ['error', 'c.yaml:12:13 transforms.v.type', 'unknown transform type `progam`', 'did you mean `program`?'],
    ['error', 'c.yaml:17:11 sinks.out.port', 'expected a number, got the string "many"'],
    ['error', 'c.yaml:18:5 sinks.out.bufer', 'unknown option `bufer`', 'did you mean `buffer`?'],
    [
      'error',
      'c.yaml:19:31 sinks.logs.inputs[0]',
      '`numbers` sends metrics, but `logs` takes logs only',
      'put a `metric_to_log` transform between them',
    ],
    ['error', 'c.yaml:20:15 sinks.two.type', 'unknown sink type `listener`', '`listener` is a source'],
    ['error', 'c.yaml:21:1', 'unknown option `sorces` at the top level', 'did you mean `sources`?'],
  ]);
});

test('the same holds for TOML and JSON', async () => {
  const toml = '[sources.in]\ntype = "listener"\n[sinks.out]\ntype = "logs"\ninputs = ["in"]\nport = "x"\n';
  assert.deepEqual((await loadTexts({ 'c.toml': toml })).shown, [
    ['error', 'c.toml:6:8 sinks.out.port', 'expected a number, got the string "x"'],
  ]);
  const json = '{"sources":{"in":{"type":"listener"}},\n "sinks":{"out":{"type":"logs","inputs":["in"],"port":true}}}';
  assert.deepEqual((await loadTexts({ 'c.json': json })).shown, [
    ['error', 'c.json:2:55 sinks.out.port', 'expected a number, got the boolean true'],
  ]);
});

const ids: readonly [name: string, text: string, ...expected: Shown[]][] = [
  [
    'two components of one name',
    'sources: {a: {type: listener}}\nsinks: {a: {type: any, inputs: [a]}}',
    ['error', 'c.yaml:2:9 sinks.a', 'More than one component with name "a" (source, sink).', 'give each its own name'],
  ],
  [
    'a dot in a name',
    'sources: {a.b: {type: listener}}\nsinks: {s: {type: any, inputs: [a.b]}}',
    [
      'error',
      'c.yaml:1:11 sources."a.b"',
      'the name `a.b` has a dot',
      'a dot stands between a component and its output; write `a_b`',
    ],
  ],
  [
    'no type',
    'sources: {a: {}}\nsinks: {s: {type: any, inputs: [a]}}',
    ['error', 'c.yaml:1:11 sources.a', '`type` is required', 'it names the type of source'],
  ],
  [
    'a type that is no text',
    'sources: {a: {type: 1}}\nsinks: {s: {type: any, inputs: [a]}}',
    ['error', 'c.yaml:1:21 sources.a.type', 'expected a string, got the number 1'],
  ],
  [
    'a component that is no object',
    'sources: {a: listener}\nsinks: {s: {type: any, inputs: [a]}}',
    ['error', 'c.yaml:1:14 sources.a', 'a source is an object with a `type`'],
  ],
  [
    'a section that is no object',
    'sources: [{type: listener}]\nsinks: {s: {type: any, inputs: [a]}}',
    ['error', 'c.yaml:1:1 sources', '`sources` is an object of sources by name'],
    ['error', 'c.yaml:2:33 sinks.s.inputs[0]', 'there is no component `a`'],
  ],
  [
    'no inputs',
    'sources: {a: {type: listener}}\nsinks: {s: {type: any}, t: {type: any, inputs: []}}',
    ['error', 'c.yaml:2:9 sinks.s', '`inputs` is required', 'The upstream component ids, with wildcards.'],
    ['error', 'c.yaml:2:40 sinks.t.inputs', 'Sink "t" has no inputs'],
  ],
  [
    'inputs and options under wrong names, once each',
    'sources: {a: {type: listener}}\nsinks: {s: {type: any, inptus: [a], bufer: {type: disk}}}\ntransforms: {t: {type: program, sorce: ., inputs: [a]}}',
    ['error', 'c.yaml:2:24 sinks.s.inptus', 'unknown option `inptus`', 'did you mean `inputs`?'],
    ['error', 'c.yaml:2:37 sinks.s.bufer', 'unknown option `bufer`', 'did you mean `buffer`?'],
    ['error', 'c.yaml:3:33 transforms.t.sorce', 'unknown option `sorce`', 'did you mean `source`?'],
  ],
  [
    'neither sources nor sinks',
    'data_dir: /x',
    ['error', '', 'No sources defined in the config.', 'add one below `sources`'],
    ['error', '', 'No sinks defined in the config.', 'add one below `sinks`'],
  ],
];

for (const [name, text, ...expected] of ids) {
  test(`refuses ${name}`, async () => assert.deepEqual(await problemsOf(text), expected));
}

test('a component that ignores what it does not know gives a warning', async () => {
  const { shown, config } = await loadYaml(
    'sources: {in: {type: all}}\nsinks: {s: {type: lenient, inputs: [in], more: 1}}',
  );
  assert.deepEqual(shown, [
    [
      'warning',
      'c.yaml:2:42 sinks.s.more',
      'unknown option `more`, which has no effect',
      'known here: acknowledgements, buffer, graph, healthcheck, inputs, proxy, type',
    ],
  ]);
  assert.ok(config);
});

test('an empty configuration is fine when it may be empty', async () => {
  const { config, problems } = await loadYaml('# nothing\n', { allowEmpty: true });
  assert.deepEqual(problems, []);
  assert.equal(config?.sources.size, 0);
});

test('a name of Vector’s past counts for the component of today', async () => {
  const { messages } = await loadYaml('sources: {a: {type: http}}\nsinks: {s: {type: any, inputs: [a]}}');
  assert.deepEqual(messages, ["source type `http` is one of Vector's that this version of Sluice does not have yet"]);
});

test('a file that cannot be read brings no complaints about what would have been in it', async () => {
  const { shown } = await loadTexts({
    'a.yaml': 'sources:\n  in: [',
    'b.yaml': 'sinks: {s: {type: any, inputs: [in], x: 1}}',
  });
  assert.deepEqual(
    shown.map(([, where]) => where.split(' ')[0]),
    ['a.yaml:2:8', 'b.yaml:1:38'],
  );
});

const buffers: readonly [name: string, buffer: string, ...expected: (readonly [path: string, message: string])[]][] = [
  ['one stage', '{max_events: 5, when_full: drop_newest}'],
  ['a row of stages', '[{when_full: overflow, max_size: 9}, {max_events: 1}]'],
  ['nothing', '~'],
  [
    'both limits',
    '{max_events: 5, max_size: 5}',
    ['sinks.s.buffer.max_size', 'give either `max_events` or `max_size`, not both'],
  ],
  ['a limit of zero', '{max_events: 0}', ['sinks.s.buffer.max_events', 'must be at least 1, got 0']],
  [
    'a stage that does not overflow to the next',
    '[{type: memory}, {type: memory}]',
    ['sinks.s.buffer[0].when_full', 'a stage that another follows has to overflow'],
  ],
  [
    'a last stage that overflows',
    '{when_full: overflow}',
    ['sinks.s.buffer.when_full', 'there is no further stage to overflow to'],
  ],
  ['no stages', '[]', ['sinks.s.buffer', 'a buffer has at least one stage']],
  [
    'a disk that is too small',
    '{type: disk, max_size: 1000}',
    ['sinks.s.buffer.type', "disk buffers are one of Vector's features that this version of Sluice does not have yet"],
    ['sinks.s.buffer.max_size', 'must be at least 268435488, got 1000'],
  ],
  [
    'events on disk',
    '{type: disk, max_events: 10, max_size: 268435488}',
    ['sinks.s.buffer.type', "disk buffers are one of Vector's features that this version of Sluice does not have yet"],
    ['sinks.s.buffer.max_events', 'unknown option `max_events`'],
  ],
];

for (const [name, buffer, ...expected] of buffers) {
  test(`a buffer of ${name} is ${expected.length === 0 ? 'right' : 'wrong'}`, async () => {
    const text = `sources: {in: {type: all}}\nsinks: {s: {type: any, inputs: [in], buffer: ${buffer}}}`;
    const found = (await problemsOf(text)).map(([, where, message]) => [where.split(' ')[1], message]);
    assert.deepEqual(found, expected);
  });
}

test('an overflow chain keeps its order', async () => {
  const buffer = '[{when_full: overflow, max_size: 9}, {max_events: 1}]';
  const { config } = await loadYaml(
    `sources: {in: {type: all}}\nsinks: {s: {type: any, inputs: [in], buffer: ${buffer}}}`,
  );
  assert.deepEqual(
    config?.sinks.get('s')?.buffer.map(({ when_full: whenFull }) => whenFull),
    ['overflow', 'block'],
  );
});

const claims: readonly [first: string, second: string, message?: string][] = [
  ['127.0.0.1:9000', '127.0.0.1:9000', '`b` wants `127.0.0.1:9000`, which `a` has already'],
  ['0.0.0.0:9000', '127.0.0.1:9000', '`b` wants `127.0.0.1:9000`, and `a` has `0.0.0.0:9000` already'],
  ['[::]:9000', '127.0.0.1:9000', '`b` wants `127.0.0.1:9000`, and `a` has `[::]:9000` already'],
  ['0.0.0.0:9000', '[::1]:9000'],
  ['127.0.0.1:9000', '127.0.0.1:9001'],
  ['127.0.0.1:9000', '127.0.0.2:9000'],
  ['127.0.0.1:0', '127.0.0.1:0'],
];

for (const [first, second, message] of claims) {
  test(`${first} and ${second} ${message ? 'collide' : 'live together'}`, async () => {
    const text = `sources:\n  a: {type: listener, address: "${first}"}\n  b: {type: listener, address: "${second}"}\nsinks: {s: {type: any, inputs: ["*"]}}`;
    assert.deepEqual(
      await problemsOf(text),
      message ? [['error', 'c.yaml:3:32 sources.b.address', message, 'give one of them another']] : [],
    );
  });
}

test('the API claims its address', async () => {
  const text =
    'sources: {in: {type: listener, address: "127.0.0.1:8686"}}\nsinks: {s: {type: any, inputs: [in]}}\napi: {enabled: true}';
  assert.deepEqual((await loadYaml(text)).messages, ['`in` wants `127.0.0.1:8686`, which the API has already']);
});

test('options of all components: log namespace, health check, proxy, in their short forms', async () => {
  const { config, messages } = await loadYaml(`
schema: {log_namespace: true}
sources:
  a: {type: all}
  b: {type: all, log_namespace: false, proxy: {no_proxy: "a, b"}}
sinks:
  s: {type: any, inputs: [a, b], healthcheck: false}
  t: {type: any, inputs: [a], healthcheck_uri: "http://x/", healthcheck: {timeout: 3}}
`);
  assert.deepEqual(messages, ['`healthcheck_uri` is deprecated']);
  assert.equal(config?.globals.logNamespace, 'vector');
  assert.equal(config?.sources.get('a')?.logNamespace, 'vector');
  assert.equal(config?.sources.get('b')?.logNamespace, 'legacy');
  assert.deepEqual(config?.sources.get('b')?.common.proxy?.no_proxy, ['a', 'b']);
  assert.equal(config?.sinks.get('s')?.healthcheck.enabled, false);
  assert.equal(config?.sinks.get('t')?.healthcheck.uri, 'http://x/');
  assert.equal(config?.sinks.get('t')?.healthcheck.timeout, 3);
});

test('fingerprints tell what changed', async () => {
  const load = async (sink: string, global = ''): Promise<readonly string[]> => {
    const { config } = await loadYaml(
      `sources: {in: {type: listener}}\nsinks: {out: {type: logs, inputs: [in], ${sink}}}\n${global}`,
    );
    return [config!.globals.fingerprint, config!.sources.get('in')!.fingerprint, config!.sinks.get('out')!.fingerprint];
  };
  const [globals, source, sink] = await load('port: 1, node: x');
  assert.deepEqual(await load('node: x, port: 1'), [globals, source, sink], 'the order of keys says nothing');
  const changed = await load('node: x, port: 2');
  assert.deepEqual(changed.slice(0, 2), [globals, source]);
  assert.notEqual(changed[2], sink);
  const acknowledged = await load('node: x, port: 1, acknowledgements: true');
  assert.notEqual(acknowledged[1], source, 'a source that has to wait now is another one');
  assert.notEqual((await load('port: 1, node: x', 'timezone: UTC'))[0], globals);
  assert.equal((await load('port: 1, node: x', 'healthchecks: {enabled: false}'))[0], globals);
});

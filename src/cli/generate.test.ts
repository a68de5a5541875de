import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { builtIn, loadConfig, readYamlValue } from '../config/config.ts';
import { bool, object, string, uint } from '../schema/schema.ts';
import { temporaryFolder } from '../testing/component.ts';
import { captured } from '../testing/output.ts';
import { type Components, generate, generated } from './generate.ts';

const options = (fields: Parameters<typeof object>[1]) => ({ options: object('A component.', fields) });

const few: Components = {
  sources: { stdin: options({ max_length: uint('Longest.', { default: 10 }) }), file: options({}) },
  transforms: {
    remap: options({ source: string('A program.', { optional: true }) }),
    filter: options({ condition: string('When.', { examples: ['.a == 1'] }) }),
  },
  sinks: {
    console: { ...options({ pretty: bool('Spread.', { default: false }) }), sample: { target: 'stdout' } },
    http: options({ uri: string('Where.', { examples: ['https://example.com'] }) }),
  },
};

const COMMON = {
  healthcheck: { enabled: true, uri: null },
  buffer: { type: 'memory', max_events: 500, when_full: 'block' },
};

test('sources, transforms and sinks are wired in a row, each with its defaults and what it needs', () => {
  assert.deepEqual(generated('stdin,file/remap,filter/console,http', false, few), {
    data_dir: '/var/lib/vector/',
    sources: { source0: { max_length: 10, type: 'stdin' }, source1: { type: 'file' } },
    transforms: {
      transform0: { inputs: ['source0', 'source1'], type: 'remap' },
      transform1: { inputs: ['transform0'], condition: '.a == 1', type: 'filter' },
    },
    sinks: {
      sink0: { inputs: ['transform1'], target: 'stdout', type: 'console', ...COMMON },
      sink1: { inputs: ['transform1'], uri: 'https://example.com', type: 'http', ...COMMON },
    },
  });
});

test('sinks take all sources where there is no transform, and a placeholder where there is nothing', () => {
  const wiring = (expression: string): unknown => {
    const result = generated(expression, true, few) as Record<string, Record<string, { inputs?: unknown }>>;
    return (result['sinks'] ?? result['transforms'])!['it']!.inputs;
  };
  assert.deepEqual(wiring('stdin,file//it:console'), ['source0', 'source1']);
  assert.deepEqual(wiring('//it:console'), ['component-id']);
  assert.deepEqual(wiring('/it:remap'), ['component-id']);
  assert.deepEqual(wiring('a:stdin|b:remap|it:console'), ['b']);
});

test('a fragment has no global options, and parts that are empty are left out', () => {
  assert.deepEqual(generated('stdin', true, few), { sources: { source0: { max_length: 10, type: 'stdin' } } });
  assert.deepEqual(generated('', false, few), { data_dir: '/var/lib/vector/' });
});

test('names are free, keys of an object’s prototype included', () => {
  const result = generated('__proto__:stdin, constructor : file', true, few) as Record<string, object>;
  assert.deepEqual(Object.keys(result['sources']!), ['__proto__', 'constructor']);
  assert.equal(Object.getPrototypeOf(result['sources']), Object.prototype);
});

for (const [expression, problems] of [
  ['stdn//console', ['unknown source type `stdn`; did you mean `stdin`?']],
  ['nope//nope', ['unknown source type `nope`', 'unknown sink type `nope`']],
  ['remap//console', ['unknown source type `remap`']],
  ['__proto__', ['unknown source type `__proto__`']],
  ['a:', ['unknown source type ``']],
  ['a:b:stdin', ['unknown source type `b:stdin`; did you mean `stdin`?']],
  [':stdin', ["`:stdin`: a component's name must not be empty"]],
  ['a.b:stdin', ["`a.b`: a component's name must not have a dot; what follows it would be an output"]],
  ['a:stdin,a:file', ['`a` is the name of two components']],
  ['a:stdin//a:console', ['`a` is the name of two components']],
  ['stdin/remap/console/more', [/more than three parts/]],
] as const) {
  test(`\`${expression}\` is refused with all that is wrong`, () => {
    const result = generated(expression, false, few);
    assert.ok(Array.isArray(result));
    assert.equal(result.length, problems.length, result.join('\n'));
    for (const [index, problem] of problems.entries()) {
      if (typeof problem === 'string') assert.equal(result[index], problem);
      else assert.match(result[index]!, problem);
    }
  });
}

/** Sinks of metrics alone have nothing to do with a source of logs. */
function sourceFor(sink: string): string {
  return /^(prometheus_|statsd$)/.test(sink) ? 'static_metrics' : 'demo_logs';
}

test('every component of this build is generated so that the configuration loads', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'sluice.json');
  const [sources, sinks] = [Object.keys(builtIn.sources), Object.keys(builtIn.sinks)];
  assert.ok(sources.length > 0 && sinks.length > 0);
  const configurations = [
    ...sources.map((source) => `${source}//blackhole`),
    ...sinks.map((sink) => `${sourceFor(sink)}//${sink}`),
  ];
  for (const expression of configurations) {
    writeFileSync(path, JSON.stringify(generated(expression, false)));
    const { problems } = await loadConfig({
      config: [path],
      configYaml: [],
      configToml: [],
      configJson: [],
      configDirs: [],
      env: {},
      interpolation: 'default',
      allowEmpty: false,
      registry: builtIn,
    });
    // A buffer before a sink that has metrics, or a source without logs, is no matter of generating.
    const errors = problems.filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      errors.map(({ message, path: at }) => `${at.join('.')}: ${message}`),
      [],
      expression,
    );
  }
});

test('the text goes to standard output and to a new file', () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'new.yaml');
  const output = captured();
  const flags = { fragment: true, format: 'yaml', file } as const;
  assert.equal(generate('//blackhole', flags, output), 0);
  assert.equal(output.err(), '');
  assert.equal(readFileSync(file, 'utf8'), output.out());
  assert.deepEqual(Object.keys(readYamlValue(output.out()) as object), ['sinks']);
});

test('a file that exists is left as it is', () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'old.yaml');
  writeFileSync(file, 'mine');
  const output = captured();
  assert.equal(generate('//blackhole', { fragment: true, format: 'yaml', file }, output), 70);
  assert.match(output.err(), /old\.yaml exists already; it was left as it is/);
  assert.equal(readFileSync(file, 'utf8'), 'mine');
});

test('a file that cannot be written, and an expression that is wrong, are said and change nothing', () => {
  const unwritable = captured();
  const flags = { fragment: true, format: 'json', file: '/nonexistent/folder/new.json' } as const;
  assert.equal(generate('//blackhole', flags, unwritable), 70);
  assert.match(unwritable.err(), /^error: .*cannot be written: ENOENT/);
  const wrong = captured();
  assert.equal(generate('nope//nope', flags, wrong), 70);
  assert.equal(wrong.out(), '');
  assert.equal(wrong.err().split('\n').length, 3);
});

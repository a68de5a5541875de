import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import type { LoadRequest } from '../config/load.ts';
import { type LoadedText, loadYaml } from '../testing/config.ts';

const env = { FOO: 'foo', PORT: '7', YES: 'true', LIST: '[a, b]', KEY: 'k: v\nother: x', ALGO: 'gzip', KIND: 'logs' };

/** Loads a sink with these members and a program with this source. */
function load(sink: string, request: Partial<LoadRequest> = {}, source = '.'): Promise<LoadedText> {
  return loadYaml(
    `sources: {in: {type: listener}}
transforms: {t: {type: program, inputs: [in], note: "$FOO", source: ${JSON.stringify(source)}}}
sinks:
  out:
    type: logs
    inputs: [t]
    ${sink}
`,
    { env, ...request },
  );
}

interface SinkOptions {
  readonly port?: number;
  readonly node: string;
  readonly password?: string;
  readonly compression: { readonly algorithm: string };
  readonly headers?: ReadonlyMap<string, string>;
  readonly acknowledgements: { readonly enabled?: boolean };
}

const sinkOf = ({ config }: LoadedText): SinkOptions => config?.sinks.get('out')?.config as SinkOptions;
const programOf = ({ config }: LoadedText) =>
  config?.transforms.get('t')?.config as { readonly source: string; readonly note: string };

test('variables take the type that their option wants', async () => {
  const loaded = await load('port: ${PORT}');
  assert.equal(sinkOf(loaded).port, 7);
  assert.deepEqual((await load('node: ${PORT}')).config && sinkOf(await load('node: ${PORT}')).node, '7');
  assert.deepEqual(
    (await load('port: ${FOO}')).messages.at(-1),
    'expected a number, got the string "foo" (from an environment variable)',
  );
});

test('a variable never becomes a list, an object or a key', async () => {
  const { shown } = await loadYaml(
    'sources: {in: {type: all}}\nsinks: {a: {type: any, inputs: "${LIST}"}, b: {type: logs, inputs: [in], headers: "${KEY}"}, "${FOO}": {type: any, inputs: [in]}}',
    { env },
  );
  assert.deepEqual(
    shown.map(([, where, message]) => [where.split(' ')[1], message]),
    [
      ['sinks.a.inputs', 'expected a list, got the string "[a, b]" (from an environment variable)'],
      ['sinks.b.headers', 'expected an object, got the string "k: v\\nother: x" (from an environment variable)'],
    ],
  );
});

test('shorthands may come from variables', async () => {
  const loaded = await load('compression: ${ALGO}\n    acknowledgements: ${YES}');
  assert.deepEqual(sinkOf(loaded).compression, { algorithm: 'gzip' });
  assert.deepEqual(sinkOf(loaded).acknowledgements, { enabled: true });
  const { config } = await loadYaml(
    'sources: {in: {type: all}}\nsinks: {s: {type: "${KIND}", inputs: [in], healthcheck: "${NO:-false}"}}',
    { env },
  );
  assert.equal(config?.sinks.get('s')?.definition.type, 'logs');
  assert.equal(config?.sinks.get('s')?.healthcheck.enabled, false);
});

test('programs stay byte for byte without the flag, and are substituted with it', async () => {
  const source = '.a = "${FOO} $FOO $$"';
  assert.equal(programOf(await load('', {}, source)).source, source);
  assert.equal(programOf(await load('', { interpolation: 'off' }, source)).source, source);
  const loaded = await load('', { interpolation: 'dangerous' }, source);
  assert.equal(programOf(loaded).source, '.a = "foo foo $"');
  assert.equal(programOf(loaded).note, 'foo');
});

test('a bare variable that is set stays as it is, with a warning', async () => {
  const loaded = await load('');
  assert.equal(programOf(loaded).note, '$FOO');
  assert.deepEqual(loaded.shown, [
    [
      'warning',
      'c.yaml:2:53 transforms.t.note',
      '`$FOO` without braces stays as it is',
      'write `${FOO}` for the value of the environment variable',
    ],
  ]);
  assert.deepEqual((await load('', { env: {} })).shown, []);
  assert.deepEqual((await load('', { interpolation: 'off' })).shown, []);
});

test('a variable that is not set is one warning, and part of the error where its text is wrong', async () => {
  const warned = await load('node: ${GONE}\n    headers: {a: "${GONE}", b: "${foo}"}');
  assert.equal(sinkOf(warned).node, '${GONE}');
  assert.deepEqual(warned.shown.slice(1), [
    [
      'warning',
      'c.yaml:7:11 sinks.out.node',
      'the environment variable `GONE` is not set: `${GONE}` stays as it is (2 places)',
      'set it, or give a default: `${GONE:-…}`',
    ],
    [
      'warning',
      'c.yaml:8:32 sinks.out.headers.b',
      'the environment variable `foo` is not set: `${foo}` stays as it is',
      'did you mean `${FOO}`?',
    ],
  ]);
  assert.deepEqual((await load('port: ${GONE}')).shown.slice(1), [
    [
      'error',
      'c.yaml:7:11 sinks.out.port',
      'expected a number, got the string "${GONE}"',
      'the environment variable `GONE` is not set; set it, or give a default: `${GONE:-…}`',
    ],
  ]);
});

test('a value that could not be made is one error, not two', async () => {
  const { shown } = await load('port: ${GONE:?say a port}');
  assert.deepEqual(shown.slice(1), [
    ['error', 'c.yaml:7:11 sinks.out.port', 'the environment variable `GONE` is not set: say a port'],
  ]);
  const dangerous = await load('port: $GONE', { interpolation: 'dangerous' });
  assert.deepEqual(dangerous.shown, [
    ['error', 'c.yaml:7:11 sinks.out.port', 'the environment variable `GONE` is not set'],
  ]);
});

test('defaults that are placeholders are resolved whatever the flags say', async () => {
  for (const interpolation of ['default', 'dangerous', 'off'] as const) {
    const set = await load('', { interpolation, env: { TEST_NODE: 'n1', FOO: '' } });
    assert.equal(sinkOf(set).node, 'n1', interpolation);
    assert.equal(sinkOf(await load('', { interpolation, env: { FOO: '' } })).node, '${TEST_NODE}', interpolation);
    const written = await load('node: mine', { interpolation, env: { TEST_NODE: 'n1', FOO: '' } });
    assert.equal(sinkOf(written).node, 'mine');
  }
});

test('the name of the host is there without being set', async () => {
  assert.equal(sinkOf(await load('node: ${HOSTNAME}')).node, hostname());
  assert.equal(sinkOf(await load('node: ${HOSTNAME}', { env: { HOSTNAME: 'other' } })).node, 'other');
});

test('variables in global options count as well', async () => {
  const { config } = await loadYaml('data_dir: ${DIR:-/x}\napi: {enabled: "${YES}"}\n', { env, allowEmpty: true });
  assert.equal(config?.globals.dataDir, '/x');
  assert.equal(config?.globals.api.enabled, true);
});

test('values of options that hold passwords are in no message, whatever is wrong with them', async () => {
  for (const value of ['12', '12345', '"${FOO}"', '[hunter2]', 'hunter2']) {
    const { problems } = await load(`password: ${value}\n    bogus: 1`, { env: { FOO: 'fromenv' } });
    const text = JSON.stringify(problems.map(({ message, hint }) => [message, hint]));
    assert.ok(!/12|hunter2|fromenv/.test(text), text);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadTexts } from '../testing/config.ts';
import { builtIn } from './built_in.ts';
import { renderProblems } from './render_problems.ts';

const load = (texts: Readonly<Record<string, string>>) => loadTexts(texts, { registry: builtIn });

const rest = `
sources: {in: {type: stdin}}
sinks: {out: {type: blackhole, inputs: [t]}}
`;

const places = async (texts: Readonly<Record<string, string>>) =>
  (await load(texts)).shown.map(([severity, where]) => `${severity} ${where}`);

test('shows an error of a program at its line and column of the file', async () => {
  const text = `transforms:\n  t:\n    type: remap\n    inputs: [in]\n    source: |\n      .a = 1\n\n      .b = to_int(.x)\n${rest}`;
  assert.deepEqual(await places({ 'c.yaml': text }), ['error c.yaml:8:12 transforms.t.source']);
});

test('shows it in TOML, in quotes and in one line, too', async () => {
  const toml = `[sources.in]\ntype = "stdin"\n[transforms.t]\ntype = "remap"\ninputs = ["in"]\nsource = '''\n.a = 1\n.é = to_int(.x)\n'''\n[sinks.out]\ntype = "blackhole"\ninputs = ["t"]\n`;
  assert.match((await places({ 'c.toml': toml }))[0]!, /^error c\.toml:8:/);
  const line = `transforms: {t: {type: filter, inputs: [in], condition: '.a + 1'}}\n${rest}`;
  assert.deepEqual(await places({ 'c.yaml': line }), ['error c.yaml:1:58 transforms.t.condition']);
});

test('shows an error at the whole text where it is written with escapes', async () => {
  const text = `transforms:\n  t: {type: remap, inputs: [in], source: ".a = 1\\n.b = to_int(.x)"}\n${rest}`;
  assert.deepEqual(await places({ 'c.yaml': text }), ['error c.yaml:2:42 transforms.t.source']);
});

test('draws the program with the numbers of the lines of the file', async () => {
  const text = `transforms:\n  t:\n    type: remap\n    inputs: [in]\n    source: |\n      .b = to_int(.x)\n${rest}`;
  const { problems } = await load({ 'c.yaml': text });
  const drawn = renderProblems(problems, { colour: false });
  assert.match(drawn, /^error\[E103\]: /);
  assert.match(drawn, /┌─ \S+c\.yaml:6:\d+\n/);
  assert.match(drawn, /6 │ {7}\.b = to_int\(\.x\)/);
  assert.match(drawn, /in transforms\.t\.source/);
});

test('draws the program alone where something confidential shares its line', async () => {
  const text = `
sources: {in: {type: http_server, address: '0.0.0.0:1', auth: {strategy: basic, username: u, password: hunter22}, decoding: {codec: vrl, vrl: {source: '.a = to_int(.b)'}}}}
sinks: {out: {type: blackhole, inputs: [in]}}
`;
  const { problems, shown } = await load({ 'c.yaml': text });
  assert.deepEqual(
    shown.map(([severity, where]) => `${severity} ${where}`),
    ['error c.yaml:2:152 sources.in.decoding.vrl.source'],
  );
  assert.doesNotMatch(renderProblems(problems, { colour: false }), /hunter22/);
});

test('shows an error of a program in another file, with its name', async () => {
  const text = `transforms:\n  t: {type: remap, inputs: [in], file: '@DIR@/p.vrl'}\n${rest}`;
  const { problems, config } = await load({ 'c.yaml': text, 'p.vrl': '.a = 1\n.b = to_int(.x)\n' });
  assert.equal(config, undefined);
  assert.match(renderProblems(problems, { colour: false }), /┌─ \S+p\.vrl:2:\d+\n/);
});

test('passes a program with warnings, which are no flaw', async () => {
  const text = `transforms:\n  t: {type: remap, inputs: [in], source: '"unused"; .a = 1'}\n${rest}`;
  const { config, problems } = await load({ 'c.yaml': text });
  assert.ok(config);
  assert.deepEqual(
    problems.map(({ severity, isAdvice }) => [severity, isAdvice]),
    [['warning', true]],
  );
});

test('knows that the event may be anything in the vector namespace', async () => {
  const transforms = `transforms: {t: {type: remap, inputs: [in], source: '. = merge(., {"a": 1})'}}\n`;
  assert.ok((await load({ 'c.yaml': transforms + rest })).config);
  const own = rest.replace('{type: stdin}', '{type: stdin, log_namespace: true}');
  assert.equal((await load({ 'c.yaml': transforms + own })).config, undefined);
  assert.equal((await load({ 'c.yaml': `schema: {log_namespace: true}\n${transforms}${rest}` })).config, undefined);
});

test('watches the file of a program, and takes another content for another component', async () => {
  const text = `transforms:\n  t: {type: remap, inputs: [in], file: '@DIR@/p.vrl'}\n${rest}`;
  const one = (await load({ 'c.yaml': text, 'p.vrl': '.a = 1' })).config!;
  const two = (await load({ 'c.yaml': text, 'p.vrl': '.a = 2' })).config!;
  assert.ok(one.files.some((file) => file.endsWith('p.vrl')));
  assert.notEqual(one.transforms.get('t')!.fingerprint, two.transforms.get('t')!.fingerprint);
});

test('checks the programs of a source', async () => {
  const text = `
sources: {in: {type: http_server, address: '0.0.0.0:1', auth: {strategy: custom, source: '.path'}}}
sinks: {out: {type: blackhole, inputs: [in]}}
`;
  assert.deepEqual(await places({ 'c.yaml': text }), ['error c.yaml:2:90 sources.in.auth.source']);
});

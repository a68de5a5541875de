// The commands beside `run`, through the real process: what they print where, and with which exit code they end.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '../../src/testing/component.ts';
import { runSluice, sluice } from './process.ts';

const folder = temporaryFolder();
after(() => folder[Symbol.dispose]());

/** Writes a file into the folder of these tests; its path. */
function file(name: string, text: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
}

const GOOD = `data_dir: ${folder.path}
sources:
  in:
    type: stdin
sinks:
  out:
    type: console
    inputs: [in]
    encoding:
      codec: json
`;

const BAD = `sources:
  in:
    type: sokcet
  web:
    type: http_server
    adress: 127.0.0.1:8080
    decoding:
      codec: jsonn
sinks:
  out:
    type: console
    inputs: [webb]
    encoding:
      codec: json
`;

test('validate says what it found and draws a line under it', async () => {
  const good = file('good.yaml', GOOD);
  const rule = '-'.repeat(`√ Loaded ${good}`.length);
  const verdict = `${rule}\n${'Validated'.padStart(rule.length)}\n`;
  const [all, unasked, unbuilt] = await Promise.all([
    runSluice(['validate', good]),
    runSluice(['validate', '--skip-healthchecks', good]),
    runSluice(['validate', '--no-environment', good]),
  ]);
  const loaded = `√ Loaded ${good}\n`;
  assert.deepEqual(all, {
    code: 0,
    stdout: `${loaded}√ Component configuration\n√ Health check "out"\n${verdict}`,
    stderr: '',
  });
  assert.equal(unasked.stdout, `${loaded}√ Component configuration\n~ Health checks are disabled\n${verdict}`);
  assert.deepEqual(unbuilt, { code: 0, stdout: `${loaded}${verdict}`, stderr: '' });
});

test('validate shows every problem in one run, each with its place, a caret and what to do', async () => {
  const bad = file('bad.yaml', BAD);
  const { code, stdout, stderr } = await runSluice(['validate', bad]);
  assert.equal(code, 78);
  assert.equal(stdout, `x Failed to load ${bad}\n`);
  assert.match(stderr, /\n4 errors, 1 warning\n$/);
  for (const said of [
    `error: unknown source type \`sokcet\`\n  ${bad}:3:11  sources.in.type\n` +
      '  3 │     type: sokcet\n    │           ^^^^^^ did you mean `socket`?\n',
    `  ${bad}:6:5  sources.web.adress\n  6 │     adress: 127.0.0.1:8080\n    │     ^^^^^^ did you mean \`address\`?\n`,
    `  ${bad}:8:14  sources.web.decoding.codec\n`,
    `error: there is no component \`webb\`\n  ${bad}:12:14  sinks.out.inputs[0]\n` +
      '  12 │     inputs: [webb]\n     │              ^^^^ did you mean `web`?\n',
  ])
    assert.ok(stderr.includes(said), `${said}\nis not in\n${stderr}`);
});

test('validate takes warnings for errors when it is told to', async () => {
  const path = file('warned.yaml', GOOD.replace('sources:', 'sources:\n  unused: {type: demo_logs, format: json}'));
  const [lenient, strict] = await Promise.all([
    runSluice(['validate', '--no-environment', path]),
    runSluice(['validate', '--no-environment', '--deny-warnings', path]),
  ]);
  assert.equal(lenient.code, 0);
  assert.ok(lenient.stdout.startsWith(`~ Loaded with warnings ${path}\n`), lenient.stdout);
  assert.match(lenient.stderr, /warning: .*\n/);
  assert.equal(strict.code, 78);
  assert.equal(strict.stdout, `~ Loaded with warnings ${path}\n`);
});

test('validate looks at the world: addresses in use, peers that do not answer', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const path = file(
    'world.yaml',
    `data_dir: ${folder.path}
sources:
  in: {type: http_server, address: "127.0.0.1:${port}"}
sinks:
  out: {type: http, inputs: [in], uri: "http://127.0.0.1:1/", healthcheck: {uri: "http://127.0.0.1:1/"}, encoding: {codec: json}}
`,
  );
  const [all, without, blind] = await Promise.all([
    runSluice(['validate', path]),
    runSluice(['validate', '--skip-healthchecks', path]),
    runSluice(['validate', '--no-environment', path]),
  ]);
  server.close();
  assert.equal(all.code, 78);
  assert.match(all.stdout, /\nx Component errors\n(?: {2}.*\n)* {2}in: .*EADDRINUSE/);
  assert.match(all.stdout, /\n {2}out: .*ECONNREFUSED/);
  assert.equal(without.code, 78);
  assert.doesNotMatch(without.stdout, /ECONNREFUSED/);
  assert.equal(blind.code, 0);
});

test('validate --batch answers line by line, whatever the lines are', async () => {
  const good = file('good.yaml', GOOD);
  const bad = file('bad.yaml', BAD);
  const requests = [
    { id: 'good', args: ['validate', '--no-environment', good] },
    { id: 'bad', args: ['validate', '--no-environment', bad] },
    { id: 'none', args: ['validate', '--no-environment', join(folder.path, 'none.yaml')] },
    { id: 'flag', args: ['validate', '--no-such-flag'] },
    { id: 'built', args: ['validate', good] },
  ];
  const input = `${requests.map((one) => JSON.stringify(one)).join('\n')}\n\nnonsense\n`;
  const { code, stdout } = await runSluice(['validate', '--batch'], { input });
  assert.equal(code, 0);
  const replies = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string | null; exit: number; errors: string[]; warnings: string[] });
  assert.deepEqual(
    replies.map(({ id, exit, errors }) => [id, exit, errors.length]),
    [
      ['good', 0, 0],
      ['bad', 78, 4],
      ['none', 78, 1],
      ['flag', 64, 1],
      ['built', 0, 0],
      [null, 64, 1],
    ],
  );
  assert.ok(replies[1].errors.some((text) => text.includes('sokcet')));
  assert.equal(replies[1].warnings.length, 1);
});

test('interpolate --batch answers line by line', async () => {
  const requests = [
    { id: 'a', text: 'x: ${A:-b} $A $$', env: { A: 'value' } },
    { id: 'b', text: '${NONE:?say so}', env: {} },
  ];
  const { code, stdout } = await runSluice(['interpolate', '--batch'], {
    input: requests.map((one) => JSON.stringify(one)).join('\n'),
  });
  assert.equal(code, 0);
  const [first, second] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(first, { id: 'a', ok: 'x: value value $' });
  assert.equal(second['id'], 'b');
  assert.match(String(second['error']), /say so/);
});

test('list names the components of this build', async () => {
  const [text, json] = await Promise.all([runSluice(['list']), runSluice(['list', '--format', 'json'])]);
  assert.equal(text.code, 0);
  const groups = JSON.parse(json.stdout) as Record<string, string[]>;
  assert.deepEqual(Object.keys(groups), ['sources', 'transforms', 'sinks', 'enrichment_tables']);
  for (const name of ['file', 'http_server', 'socket', 'stdin']) assert.ok(groups['sources'].includes(name), name);
  for (const name of ['console', 'file', 'http', 'socket']) assert.ok(groups['sinks'].includes(name), name);
  const items = Object.values(groups)
    .flat()
    .map((name) => `- ${name}`);
  assert.deepEqual(
    text.stdout.split('\n').filter((line) => line.startsWith('- ')),
    items,
  );
});

test('what generate writes is valid, and runs once the gaps are filled', async () => {
  const path = join(folder.path, 'generated.yaml');
  const generated = await runSluice(['generate', '--file', path, 'in:stdin//out:console,nothing:blackhole']);
  assert.equal(generated.code, 0);
  assert.equal(readFileSync(path, 'utf8'), generated.stdout);
  const [valid, again, unknown] = await Promise.all([
    runSluice(['validate', '--no-environment', path]),
    runSluice(['generate', '--file', path, 'stdin//console']),
    runSluice(['generate', 'nope//console']),
  ]);
  assert.equal(valid.code, 0, valid.stderr);
  assert.equal(again.code, 70);
  assert.equal(unknown.code, 70);
  assert.match(unknown.stderr, /unknown source type `nope`/);
  const config = JSON.parse(
    (await runSluice(['generate', '--format', 'json', 'in:stdin//out:console'])).stdout,
  ) as object;
  const run = file('run.json', JSON.stringify({ ...config, data_dir: folder.path }));
  const { code, stdout } = await runSluice(['--config', run], { input: 'one line\n' });
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as { message: string }).message, 'one line');
});

test('graph draws the topology for Graphviz and for Mermaid', async () => {
  const path = file(
    'graph.yaml',
    `data_dir: ${folder.path}
sources:
  in: {type: stdin, graph: {node_attributes: {color: red}}}
  demo: {type: demo_logs, format: json}
sinks:
  out: {type: console, inputs: [in, demo], encoding: {codec: json}, graph: {edge_attributes: {in: {label: 'a "quote"'}}}}
`,
  );
  const [dot, mermaid] = await Promise.all([
    runSluice(['graph', '--config', path]),
    runSluice(['graph', '--format', 'mermaid', '--config', path]),
  ]);
  assert.equal(
    dot.stdout,
    `digraph {
  "in" [shape="trapezium" color="red"]
  "demo" [shape="trapezium"]
  "out" [shape="invtrapezium"]
  "in" -> "out" [label="a \\"quote\\""]
  "demo" -> "out"
}
`,
  );
  assert.equal(
    mermaid.stdout,
    `flowchart TD;

  %% Enrichment tables

  %% Sources
  in[/in/]
  demo[/demo/]

  %% Transforms

  %% Sinks
  out[\\out\\]
  in --> out
  demo --> out
`,
  );
});

test('generate-schema prints a JSON Schema, or writes it to a file that is not there yet', async () => {
  const path = join(folder.path, 'schema.json');
  const first = await runSluice(['generate-schema', '--output-path', path]);
  assert.equal(first.code, 0);
  const second = await runSluice(['generate-schema', '--output-path', path]);
  assert.equal(second.code, 73);
  const schema = JSON.parse(readFileSync(path, 'utf8')) as { $schema: string; properties: Record<string, unknown> };
  assert.match(schema.$schema, /json-schema\.org/);
  assert.ok('sources' in schema.properties && 'sinks' in schema.properties);
});

test('a configuration goes from YAML to TOML to JSON to YAML and is the same', async () => {
  const start = file('start.yaml', GOOD.replace('codec: json', 'codec: "${CODEC:-json}" # as it likes'));
  const path = (name: string): string => join(folder.path, name);
  for (const [from, to, format] of [
    [start, path('a.toml'), 'toml'],
    [path('a.toml'), path('b.json'), 'json'],
    [path('b.json'), path('c.yaml'), 'yaml'],
    [path('c.yaml'), path('d.json'), 'json'],
  ] as const) {
    const { code, stderr } = await runSluice(['convert-config', '--output-format', format, from, to]);
    assert.equal(code, 0, stderr);
  }
  assert.equal(readFileSync(path('d.json'), 'utf8'), readFileSync(path('b.json'), 'utf8'));
  assert.deepEqual(JSON.parse(readFileSync(path('b.json'), 'utf8')), {
    data_dir: folder.path,
    sources: { in: { type: 'stdin' } },
    sinks: { out: { type: 'console', inputs: ['in'], encoding: { codec: '${CODEC:-json}' } } },
  });
  const { code, stderr } = await runSluice(['convert-config', start, path('c.yaml')]);
  assert.equal(code, 70);
  assert.match(stderr, /exists already/);
});

test('completion prints a script that its shell can read', async () => {
  const { code, stdout } = await runSluice(['completion', 'bash']);
  assert.equal(code, 0);
  const script = file('completion.bash', stdout);
  if (existsSync('/bin/bash')) assert.equal(spawnSync('/bin/bash', ['-n', script]).status, 0);
  assert.equal((await runSluice(['completion', 'tcsh'])).code, 64);
});

test('--version and --help go to standard output, without colours into a pipe', async () => {
  const [version, help, validate] = await Promise.all([
    runSluice(['--version']),
    runSluice(['--help']),
    runSluice(['validate', '--help']),
  ]);
  assert.match(version.stdout, /^sluice \d+\.\d+\.\d+ /);
  for (const command of ['validate', 'list', 'generate', 'graph', 'generate-schema', 'convert-config', 'completion'])
    assert.match(help.stdout, new RegExp(`^  ${command} `, 'm'));
  for (const flag of ['--no-environment', '--skip-healthchecks', '--deny-warnings', '--config-dir', '--config-toml'])
    assert.ok(validate.stdout.includes(flag), flag);
  for (const { code, stdout, stderr } of [version, help, validate]) {
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.ok(!stdout.includes('\u001b'));
  }
});

test('colours come when they are asked for', async () => {
  const bad = file('bad.yaml', BAD);
  const { stdout, stderr } = await runSluice(['validate', '--color', 'always', bad]);
  assert.ok(stdout.startsWith('\u001b[31mx\u001b[0m Failed to load'));
  assert.ok(stderr.includes('\u001b['));
});

test('the environment gives flags, by our names before Vector’s', async () => {
  const good = file('good.yaml', GOOD.replace('codec: json', 'codec: text'));
  const none = join(folder.path, 'none.yaml');
  const runs = await Promise.all([
    runSluice([], { env: { VECTOR_CONFIG: good }, input: 'a\n' }),
    runSluice([], { env: { SLUICE_CONFIG: good, VECTOR_CONFIG: none, VECTOR_LOG_FORMAT: 'json' }, input: 'a\n' }),
    runSluice(['--config', good], { env: { SLUICE_CONFIG: none, SLUICE_LOG: 'error' }, input: 'a\n' }),
    runSluice(['--config', good], { env: { SLUICE_THREADS: 'many' } }),
  ]);
  assert.deepEqual(
    runs.map(({ code, stdout }) => [code, stdout]),
    [
      [0, 'a\n'],
      [0, 'a\n'],
      [0, 'a\n'],
      [64, ''],
    ],
  );
  assert.equal((JSON.parse(runs[1].stderr.split('\n')[0]) as { level: string }).level, 'INFO');
  assert.equal(runs[2].stderr, '');
  assert.match(runs[3].stderr, /SLUICE_THREADS/);
});

test('several files and folders make one configuration', async () => {
  await using process = sluice({
    command: (path) => ['-c', join(path, '*.toml'), '--config-json', join(path, 'more.conf'), '-C', join(path, 'dir')],
    files: {
      'one.toml': `data_dir = "${folder.path}"\n[sources.in]\ntype = "stdin"\n`,
      'more.conf': '{"sinks": {"out": {"type": "console", "inputs": ["in"], "encoding": {"codec": "text"}}}}',
      'dir/sinks/file.yaml': 'type: file\ninputs: [in]\npath: all.log\nencoding: {codec: text}\n',
    },
  });
  process.stdin.end('from all of them\n');
  assert.deepEqual(await process.ended(), { code: 0, signal: null });
  assert.equal(process.stdout, 'from all of them\n');
  assert.equal(readFileSync(join(process.folder, 'all.log'), 'utf8'), 'from all of them\n');
});

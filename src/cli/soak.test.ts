// The whole command, as a process, on pipelines with a leak that was put into them.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryFolder } from '../testing/component.ts';

const program = new URL('../testing/leaky_program.ts', import.meta.url).pathname;

/** A pipeline of four components, of which one may leak. */
const configOf = (leak: string | undefined): string => `
sources:
  app: { type: socket, mode: tcp, address: "0.0.0.0:9000" }
transforms:
  parse: { type: remap, inputs: [app], source: ".tag = upcase(string!(.message))" }
  suspect: ${leak === undefined ? '{ type: filter, inputs: [parse], condition: "true" }' : `{ type: ${leak}, inputs: [parse] }`}
sinks:
  out: { type: http, inputs: [suspect], uri: "https://logs.example.com/", encoding: { codec: json } }
`;

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runProgram(...args: string[]): Promise<Run> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...said };
}

// They wait more than they work, so they wait together.
describe('soak', { concurrency: true }, () => {
  for (const [leak, how, shown] of [
    ['leaky_map', /looks at V8 heap after collection/, /<code>rememberAll \(testing\/leaky_program\.ts:\d+\)/],
    ['leaky_closure', /looks at buffers outside of the heap/, /^buffers outside of the heap .*leaking$/m],
  ] as const) {
    test(`${leak} is found among other components`, async () => {
      using folder = temporaryFolder();
      const [config, report] = [join(folder.path, 'leaky.yaml'), join(folder.path, 'report.html')];
      writeFileSync(config, configOf(leak));
      const args = ['--for', '5s', '--warm-up', '1s', '--rate', '4000', '--bisect', '--report', report];
      const { code, stdout, stderr } = await runProgram('soak', config, ...args);
      assert.equal(code, 1, stdout + stderr);
      assert.match(stdout, /out \(http sink\) sends to a receiver of this soak/);
      assert.match(stdout, /LEAKING over/);
      assert.match(stdout, how);
      assert.match(stdout, new RegExp(`The leak begins with \`suspect\`, a transform of type ${leak}\\.`));
      const page = readFileSync(report, 'utf8');
      assert.match(page, /The leak begins with <b>suspect<\/b>/);
      assert.match(page, shown);
    });
  }

  test('a pipeline that keeps nothing does not leak', async () => {
    using folder = temporaryFolder();
    const config = join(folder.path, 'flat.yaml');
    writeFileSync(config, configOf(undefined));
    const { code, stdout, stderr } = await runProgram(
      'soak',
      config,
      '--for',
      '5s',
      '--warm-up',
      '2s',
      '--rate',
      '500',
    );
    assert.notEqual(code, 1, stdout + stderr);
    assert.match(stdout, /^(FLAT|UNDECIDED) over/m);
    assert.doesNotMatch(stdout, /logs\.example\.com/);
  });

  test('the logs of pods are read by the source itself, and all of them are received', async () => {
    using folder = temporaryFolder();
    const [config, csv] = [join(folder.path, 'pods.yaml'), join(folder.path, 'samples.csv')];
    writeFileSync(
      config,
      `sources: { pods: { type: kubernetes_logs, extra_label_selector: "team in (blue)" } }
sinks: { out: { type: http, inputs: [pods], uri: "https://logs.example.com/", encoding: { codec: json } } }`,
    );
    const args = ['--for', '5s', '--warm-up', '2s', '--rate', '500', '--csv', csv];
    const { code, stdout, stderr } = await runProgram('soak', config, ...args);
    assert.notEqual(code, 1, stdout + stderr);
    assert.match(stdout, /pods \(kubernetes_logs source\) reads the logs of pods that come and go on a made-up node/);
    assert.match(stdout, /^[1-9]\d* events in .* [1-9]\d* requests received; .* lines written by 1\d pods/m);
    assert.doesNotMatch(stdout, /nothing came from/);
    const [names, ...samples] = readFileSync(csv, 'utf8').trimEnd().split('\n');
    assert.match(names!, /^secs,rss,heap,external,"/);
    assert.ok(names!.includes('"pods of pods"'));
    assert.ok(samples.length >= 24);
  });

  test('a configuration with mistakes is not run', async () => {
    using folder = temporaryFolder();
    const config = join(folder.path, 'wrong.yaml');
    writeFileSync(config, 'sources: { a: { type: nothing } }');
    const { code, stderr } = await runProgram('soak', config);
    assert.equal(code, 78);
    assert.match(stderr, /nothing/);
  });

  test('a run that is profiled leaves a page that shows the leak, and no half of one', async () => {
    using folder = temporaryFolder();
    const [config, page] = [join(folder.path, 'run.yaml'), join(folder.path, 'page.html')];
    writeFileSync(
      config,
      `sources: { app: { type: demo_logs, format: json, count: 4000, interval: 0 } }
transforms: { keep: { type: leaky_map, inputs: [app] }, program: { type: remap, inputs: [keep], source: '. = parse_json!(.message)' } }
sinks: { out: { type: blackhole, inputs: [program] } }`,
    );
    const { code, stderr } = await runProgram('--config', config, '--profile-memory', page);
    assert.equal(code, 0, stderr);
    const html = readFileSync(page, 'utf8');
    assert.match(html, /<code>rememberAll \(testing\/leaky_program\.ts:\d+\)/);
    assert.match(html, /resident \(RSS\)/);
    assert.equal(existsSync(`${page}.part`), false);
  });
});

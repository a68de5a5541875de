import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { log, parseConfig, runSink, temporaryFolder } from '../../testing/component.ts';
import { sink } from './console.ts';

/**
 * Writes `batches` batches of `lines` lines in a process of its own, ends the sink, and exits at once. What came of it
 * goes to descriptor 3, and a dot every few milliseconds while the process is not blocked.
 */
const PROGRAM = `
  import { writeSync } from 'node:fs';
  import { runSink, log } from ${JSON.stringify(new URL('../../testing/component.ts', import.meta.url))};
  import { sink } from ${JSON.stringify(new URL('./console.ts', import.meta.url))};
  const [config, batches, lines] = JSON.parse(process.argv[1]);
  setInterval(() => writeSync(3, '.'), 5);
  const given = Array.from({ length: batches }, (_, b) => Array.from({ length: lines }, (_, l) => log('batch ' + b + ' line ' + l)));
  const { statuses, recorder } = await runSink(sink, config, given);
  writeSync(3, JSON.stringify({ statuses, errors: recorder.read('component_errors_total'), sent: recorder.read('component_sent_events_total'), bytes: recorder.read('component_sent_bytes_total', { protocol: 'console' }), dropped: recorder.read('component_discarded_events_total') }));
  process.exit();
`;

const text = { encoding: { codec: 'text' } };

interface Report {
  readonly statuses: string[];
  readonly errors: number;
  readonly sent: number;
  readonly bytes: number;
  readonly dropped: number;
}

function run(
  [config, batches, lines]: [Record<string, unknown>, number, number],
  stdio: ['ignore', 'pipe' | number, 'pipe' | number],
): { child: ChildProcess; report: Promise<Report> } {
  const args = ['--input-type=module', '-e', PROGRAM, JSON.stringify([config, batches, lines])];
  const child = spawn(process.execPath, args, { stdio: [...stdio, 'pipe'] });
  let written = '';
  child.stdio[3]!.on('data', (bytes: Buffer) => (written += bytes.toString()));
  return {
    child,
    report: once(child, 'close').then(([code]) => {
      assert.equal(code, 0);
      return JSON.parse(written.replaceAll('.', '')) as Report;
    }),
  };
}

function expected(batches: number, lines: number): string {
  let all = '';
  for (let b = 0; b < batches; b++) for (let l = 0; l < lines; l++) all += `batch ${b} line ${l}\n`;
  return all;
}

async function collect(child: ChildProcess, name: 'stdout' | 'stderr' = 'stdout'): Promise<string> {
  let all = '';
  for await (const bytes of child[name]!) all += String(bytes);
  return all;
}

test('everything is in the pipe before the process ends', async () => {
  const { child, report } = run([text, 20, 5000], ['ignore', 'pipe', 'pipe']);
  assert.equal(await collect(child), expected(20, 5000));
  const { statuses, sent, bytes } = await report;
  assert.deepEqual(new Set(statuses), new Set(['delivered']));
  assert.deepEqual([sent, bytes], [100_000, expected(20, 5000).length]);
});

test('a slow reader of the pipe is waited for, and the rest of the process goes on', async () => {
  const { child, report } = run([text, 20, 5000], ['ignore', 'pipe', 'pipe']);
  // What the pipe holds and Node reads ahead is far less than everything.
  await once(child.stdout!, 'readable');
  for (let dots = 0; dots < 20; ) dots += String((await once(child.stdio[3]!, 'data'))[0]).length;
  assert.equal(await collect(child), expected(20, 5000));
  assert.deepEqual(new Set((await report).statuses), new Set(['delivered']));
});

test('a closed pipe is a counted fault and not a crash', async () => {
  const { child, report } = run([text, 20, 5000], ['ignore', 'pipe', 'pipe']);
  child.stdout!.destroy();
  const { statuses, errors, dropped, sent } = await report;
  assert.equal(statuses.length, 20);
  assert.equal(statuses.at(-1), 'errored');
  assert.equal(errors, 1);
  assert.equal(dropped + sent, 100_000);
});

test('standard error is a target too', async () => {
  const { child, report } = run([{ ...text, target: 'stderr' }, 2, 10], ['ignore', 'pipe', 'pipe']);
  assert.equal(await collect(child, 'stderr'), expected(2, 10));
  await report;
});

test('a file gets everything in order', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'output');
  const { report } = run([text, 20, 5000], ['ignore', openSync(path, 'a'), 'pipe']);
  await report;
  assert.equal(readFileSync(path, 'utf8'), expected(20, 5000));
});

test('a full device is a counted fault', async (t) => {
  let full: number;
  try {
    full = openSync('/dev/full', 'w');
  } catch {
    return t.skip('this system has no /dev/full');
  }
  const { report } = run([text, 3, 10], ['ignore', full, 'pipe']);
  const { statuses, errors, dropped } = await report;
  assert.deepEqual([statuses, errors, dropped], [['errored', 'errored', 'errored'], 1, 30]);
});

test('an event that cannot be encoded is dropped and counted, the others are written', async () => {
  const config = { encoding: { codec: 'gelf' } };
  const { child, report } = run([config, 1, 3], ['ignore', 'pipe', 'pipe']);
  assert.equal(await collect(child), '');
  const { statuses, dropped, errors } = await report;
  assert.deepEqual([statuses, dropped, errors], [['rejected'], 3, 3]);
});

test('wrong options are named', async () => {
  assert.throws(() => parseConfig(sink, {}), /`(encoding|codec)` is required/);
  assert.throws(() => parseConfig(sink, { ...text, target: 'printer' }), /unknown value `printer`/);
  assert.throws(() => parseConfig(sink, { ...text, nope: 1 }), /unknown option/);
  await assert.rejects(runSink(sink, { encoding: { codec: 'nope' } }, [[log('x')]]), /unknown value `nope`/);
});

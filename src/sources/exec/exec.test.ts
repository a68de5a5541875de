import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ObjectValue } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { parseConfig, type RunningSource, startSource, temporaryFolder } from '../../testing/component.ts';
import { source } from './exec.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

/** A program that is this Node running `code`. */
const node = (code: string, ...args: string[]): string[] => [process.execPath, '-e', code, ...args];

const scheduled = (command: string[], raw: Record<string, unknown> = {}) => ({ mode: 'scheduled', command, ...raw });
const streaming = (command: string[], raw: Record<string, unknown> = {}) => ({
  mode: 'streaming',
  command,
  streaming: { respawn_on_exit: false },
  ...raw,
});

function messages(on: RunningSource): unknown[] {
  return on.values.map((value) => (value as ObjectValue)['message']);
}

test('lines of a command become events that know where they come from', async () => {
  const on = await startSource(source, scheduled(['echo', 'hello exec']));
  await until(() => on.recorder.read('command_executed_total') === 1);
  await on.stop();
  const { timestamp, pid, ...rest } = on.values[0] as ObjectValue;
  assert.ok(timestamp);
  assert.equal(typeof pid, 'number');
  assert.deepEqual(rest, {
    message: 'hello exec',
    command: ['echo', 'hello exec'],
    host: 'test-host',
    source_type: 'exec',
    stream: 'stdout',
  });
  assert.equal(on.recorder.read('command_executed_total', { command: 'echo hello exec', exit_status: '0' }), 1);
  assert.equal(on.recorder.read('component_received_events_total', { command: 'echo hello exec' }), 1);
  assert.equal(on.recorder.read('command_execution_duration_seconds'), 1);
  assert.equal(on.recorder.read('component_received_bytes_total', { protocol: 'none' }), 11);
});

test('a scheduled command runs at once and at every interval', async () => {
  const clock = new FakeClock();
  const on = await startSource(source, scheduled(['echo', 'tick'], { scheduled: { exec_interval_secs: 60 } }), {
    clock,
  });
  for (let run = 1; run <= 3; run++) {
    await on.received(run);
    await until(() => on.recorder.read('command_executed_total') === run);
    assert.equal(on.values.length, run);
    await clock.advance(60_000);
  }
  await on.stop();
});

test('a scheduled command that runs too long is ended and counted', async () => {
  const clock = new FakeClock();
  const on = await startSource(
    source,
    scheduled(node('console.log("start"); setInterval(() => {}, 1000)'), { scheduled: { exec_interval_secs: 5 } }),
    { clock },
  );
  await on.received(1);
  await clock.advance(5_000);
  await until(() => on.recorder.read('component_errors_total', { error_type: 'timed_out' }) === 1);
  assert.equal(on.recorder.read('command_executed_total', { exit_status: 'unknown' }), 1);
  await on.stop();
});

test('standard error is collected or left out', async () => {
  const command = ['sh', '-c', 'echo out; echo err >&2'];
  const both = await startSource(source, streaming(command));
  await both.ended;
  assert.deepEqual(
    both.values.map((value) => [(value as ObjectValue)['stream'], (value as ObjectValue)['message']]).sort(),
    [
      ['stderr', 'err'],
      ['stdout', 'out'],
    ],
  );
  const one = await startSource(source, streaming(command, { include_stderr: false }));
  await one.ended;
  assert.deepEqual(messages(one), ['out']);
});

test('the last lines of a command arrive, however much it writes, and however slow the pipeline is', async () => {
  const lines = 20_000;
  const on = await startSource(source, streaming(node(`for (let i = 0; i < ${lines}; i++) console.log('line ' + i)`)), {
    slots: 1,
    onBatch: turn,
  });
  await on.ended;
  assert.deepEqual(
    messages(on),
    Array.from({ length: lines }, (_, i) => `line ${i}`),
  );
});

test('a command has its own folder and environment', async () => {
  using folder = temporaryFolder();
  const print = 'console.log(process.cwd()); console.log(process.env.SET); console.log(process.env.PATH ?? "none")';
  const on = await startSource(
    source,
    streaming(node(print), {
      working_directory: folder.path,
      clear_environment: true,
      environment: { SET: 'by us' },
    }),
  );
  await on.ended;
  assert.deepEqual(messages(on), [folder.path, 'by us', 'none']);
});

test('a command that ended is started again after its interval', async () => {
  const clock = new FakeClock();
  const on = await startSource(
    source,
    streaming(['echo', 'again'], { streaming: { respawn_on_exit: true, respawn_interval_secs: 5 } }),
    { clock },
  );
  await on.received(1);
  await until(() => on.records.some(({ message }) => message.startsWith('Streaming process ended')));
  assert.equal(on.values.length, 1);
  await clock.advance(5_000);
  await on.received(2);
  await until(() => on.recorder.read('command_executed_total') === 2);
  await on.stop();
});

test('a program that does not exist is a counted error, not the end', async () => {
  const clock = new FakeClock();
  const on = await startSource(source, scheduled(['/nonexistent/program'], { scheduled: { exec_interval_secs: 60 } }), {
    clock,
  });
  await until(() => on.recorder.read('component_errors_total', { error_type: 'command_failed' }) === 1);
  await clock.advance(60_000);
  await until(() => on.recorder.read('component_errors_total', { error_code: 'ENOENT' }) === 2);
  await on.stop();
});

test('a stop ends the command and its children, and takes what they wrote last', async () => {
  using folder = temporaryFolder();
  const pidFile = join(folder.path, 'pid');
  const on = await startSource(source, streaming(['sh', '-c', `sleep 60 & echo $! > ${pidFile}; echo started; wait`]));
  await on.received(1);
  await on.stop();
  const child = Number(readFileSync(pidFile, 'utf8'));
  assert.ok(child > 0);
  await until(() => !isRunning(child));
  assert.equal(on.recorder.read('command_executed_total', { exit_status: 'unknown' }), 1);
});

test('a command that ignores the signal is killed', async () => {
  const clock = new FakeClock();
  const on = await startSource(
    source,
    streaming(node('process.on("SIGTERM", () => console.log("no")); setInterval(() => {}, 1000); console.log("up")')),
    { clock },
  );
  await on.received(1);
  const stopped = on.stop();
  await on.received(2);
  assert.deepEqual(messages(on), ['up', 'no']);
  await clock.advance(5_000);
  await stopped;
});

test('output that a stranger keeps open is cut off at a stop', async () => {
  using folder = temporaryFolder();
  const pidFile = join(folder.path, 'pid');
  const clock = new FakeClock();
  // A child in a group of its own does not hear the signal, and holds on to the pipe.
  const code = `const { pid } = require('child_process').spawn('sleep', ['30'], { detached: true, stdio: ['ignore', 1, 2] });
    require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(pid)); console.log('up'); setInterval(() => {}, 1000);`;
  const on = await startSource(source, streaming(node(code)), { clock });
  await on.received(1);
  await until(() => existsSync(pidFile));
  let stopped = false;
  const stopping = on.stop().then(() => {
    stopped = true;
  });
  while (!stopped) await clock.advance(100);
  await stopping;
  process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody waited for is not running either.
    return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('wrong options are named', () => {
  assert.throws(() => parseConfig(source, scheduled([])), /must name a program/);
  assert.throws(() => parseConfig(source, { mode: 'scheduled' }), /`command` is required/);
  assert.throws(() => parseConfig(source, scheduled(['x'], { scheduled: { exec_interval_secs: 0 } })), /at least 1/);
  assert.throws(() => parseConfig(source, scheduled(['x'], { nope: 1 })), /unknown option `nope`/);
});

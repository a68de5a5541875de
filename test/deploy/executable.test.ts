// The single executable: built here, and run in an empty folder where there is no Node.

import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROOT } from '../../scripts/command.ts';
import { pack, packExecutable } from '../../scripts/executable.ts';
import { loadLibc } from '../../src/net/libc.ts';
import { temporaryFolder } from '../../src/testing/component.ts';
import { type Ran, type SluiceProcess, sluice } from '../e2e/process.ts';

/** What a program finds in PATH: nothing. */
const env = { PATH: join(ROOT, 'no-such-folder') };

const upperCase = { type: 'remap', inputs: ['in'], source: '. = parse_json!(.message)\n.b = upcase(string!(.a))' };
const json = { codec: 'json' };

const withoutKoffi = (await loadLibc()) ? false : 'needs koffi, which is not here for this platform';

describe('the single executable', () => {
  const folder = temporaryFolder();
  let file = '';
  before(async () => {
    file = await packExecutable(folder.path);
  });
  after(() => folder[Symbol.dispose]());

  function start(options: Parameters<typeof sluice>[0]): SluiceProcess {
    return sluice({ env, program: [file], ...options });
  }

  async function runToEnd(options: Parameters<typeof sluice>[0], input = ''): Promise<Ran> {
    await using process = start(options);
    process.stdin.end(input);
    const { code } = await process.ended();
    return { code, stdout: process.stdout, stderr: process.stderr };
  }

  it('tells its version, and leaves nothing in the folder', async () => {
    await using process = start({ command: ['--version'] });
    assert.deepEqual(await process.ended(), { code: 0, signal: null });
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
    assert.match(process.stdout, new RegExp(`^sluice ${version} \\(`));
    assert.deepEqual([readdirSync(process.folder), process.stderr], [[], '']);
  });

  it('comes with the licences of what is in it', () => {
    const text = readFileSync(join(folder.path, 'LICENSES.txt'), 'utf8');
    for (const part of [/^Sluice\n\nMozilla Public License/, /^zod \d/m, /^koffi\n\n./m, /^Node v\d.*\n\n./m])
      assert.match(text, part);
  });

  it('runs a program on what it reads', async () => {
    const sinks = { out: { type: 'console', inputs: ['up'], encoding: json } };
    const config = { sources: { in: { type: 'stdin' } }, transforms: { up: upperCase }, sinks };
    const { code, stdout, stderr } = await runToEnd({ config }, '{"a":"x"}\n{"a":"y"}\n');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '{"a":"x","b":"X"}\n{"a":"y","b":"Y"}\n');
  });

  it('is tuned from its start', async () => {
    await using process = start({
      config: { sources: { in: { type: 'stdin' } }, sinks: { out: { type: 'blackhole', inputs: ['in'] } } },
    });
    await process.started();
    // One of the flags: V8 has one thread of its own, in place of four.
    const ofV8 = threads(process).filter((name) => name.includes('V8'));
    assert.ok(ofV8.length === 1 || threads(process).length === 0, threads(process).join());
    process.stdin.end();
    assert.deepEqual(await process.ended(), { code: 0, signal: null });
  });

  it('works on a file with two threads, and profiles its memory', async () => {
    // Enough of work that the main thread asks for help.
    const count = 150_000;
    const source = '. = parse_json!(.message)\n.b = sha2(string!(.a), variant: "SHA-256")';
    const lines = Array.from({ length: count }, (_, index) => `{"a":"line ${index}"}\n`);
    const config = (path: string): object => ({
      sources: { in: { type: 'file', include: [join(path, 'in.log')] } },
      transforms: { hash: { type: 'remap', inputs: ['in'], source } },
      sinks: { out: { type: 'file', inputs: ['hash'], path: join(path, 'out.log'), encoding: json } },
    });
    const args = ['--threads', '2', '--profile-memory', 'profile.html'];
    await using process = start({ config, files: { 'in.log': lines.join('') }, args });
    const written = (): string => {
      try {
        return readFileSync(join(process.folder, 'out.log'), 'utf8');
      } catch {
        return '';
      }
    };
    await process.until('all lines', () => written().split('\n').length > count);
    await process.until('a worker', () => threads(process).includes('segments 1') || threads(process).length === 0);
    assert.deepEqual(await process.stop(), { code: 0, signal: null });
    const wanted = lines.map((_, index) => `{"a":"line ${index}","b":"${hash('sha256', `line ${index}`)}"}`);
    assert.deepEqual(written().trim().split('\n'), wanted);
    assert.match(readFileSync(join(process.folder, 'profile.html'), 'utf8'), /^<!doctype html>/i);
  });

  it('has a worker for functions that wait for the network', async () => {
    const server = createServer((_, response) => response.end('here'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const { code, stdout, stderr } = await runToEnd({
        command: ['vrl', `http_request!("http://127.0.0.1:${port}/")`],
      });
      assert.deepEqual([code, stdout.trim(), stderr], [0, '"here"', '']);
    } finally {
      server.close();
    }
  });

  it('has its native addon', { skip: withoutKoffi }, async () => {
    const config = (path: string): object => ({
      sources: { in: { type: 'socket', mode: 'unix_datagram', path: join(path, 'in.sock') } },
      sinks: { out: { type: 'blackhole', inputs: ['in'] } },
    });
    await using process = start({ config });
    await process.started();
    assert.deepEqual(process.logged({ level: 'ERROR' }), []);
    assert.deepEqual(await process.stop(), { code: 0, signal: null });
  });

  it('starts itself once more to watch its memory', async () => {
    const config = {
      sources: { in: { type: 'demo_logs', format: 'json', interval: 0.01 } },
      sinks: { out: { type: 'blackhole', inputs: ['in'] } },
    };
    const command = (path: string): string[] => ['soak', join(path, 'sluice.yaml'), '--for', '3s'];
    await using process = start({ config, command });
    await process.ended();
    assert.match(process.stdout, /^V8 heap after collection /m, process.stderr);
  });

  it('tells what is wrong with a configuration', async () => {
    const { code, stderr } = await runToEnd({
      config: 'sources: {in: {type: stdinn}}\nsinks: {out: {type: blackhole, inputs: [in]}}\n',
      plainLogs: true,
    });
    assert.equal(code, 78);
    assert.match(stderr, /unknown source type `stdinn`[\s\S]*did you mean `stdin`\?/);
  });
});

/** Names of its threads; none where the system does not tell. */
function threads({ pid }: SluiceProcess): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((task) =>
      readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim(),
    );
  } catch {
    return [];
  }
}

it('the files of an executable stand one behind the other', () => {
  const files = new Map([
    ['a', Buffer.from('first')],
    ['empty', Buffer.alloc(0)],
    ['b/c', Buffer.from('second')],
  ]);
  const { bytes, index } = pack(files);
  assert.deepEqual(index, { a: [0, 5], empty: [5, 0], 'b/c': [5, 6] });
  assert.equal(String(bytes), 'firstsecond');
});

// Where the memory of the real command is: its ledger explains what the system says, at rest, under load and after an
// attack of ever-new series, and series that are known go on counting. `npm run bench cardinality` is the same for minutes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { type SluiceProcess, sluice } from './process.ts';

/** How far the sum of all owners may be from resident memory. */
const TOLERANCE = 0.15;
const MEBIBYTE = 2 ** 20;
const MEMORY_MIB = 256;
const KNOWN = 10;
const PAYLOADS = 400;
const NEW_PER_PAYLOAD = 500;

interface Sample {
  readonly labels: string;
  readonly value: number;
}

async function samples(port: number, name: string): Promise<Sample[]> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return [...text.matchAll(new RegExp(`^(?:vector_)?${name}(\\{.*\\})? (\\S+)`, 'gm'))].map(
    ([, labels = '', value]) => ({
      labels,
      value: Number(value),
    }),
  );
}

function residentBytes(pid: number): number {
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}

/** Waits until the owners that are told add up to resident memory. The metrics follow by some seconds. */
async function explained(it: SluiceProcess, port: number): Promise<readonly Sample[]> {
  let last = '';
  for (let tries = 0; tries < 40; tries++) {
    const owners = await samples(port, 'sluice_memory_bytes');
    const sum = owners.reduce((total, { value }) => total + value, 0);
    const ratio = sum / residentBytes(it.pid);
    if (Math.abs(1 - ratio) <= TOLERANCE) return owners;
    last = `${ratio}: ${owners.map(({ labels, value }) => `${labels} ${value}`).join('\n')}`;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`the ledger does not explain the memory: ${last}`);
}

/** Sends lines as fast as they are taken: in each payload all known series once, and others that nobody has seen. */
async function attack(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  for (let payload = 0; payload < PAYLOADS; payload++) {
    let text = '';
    for (let i = 0; i < KNOWN; i++) text += `attack:1|c|#id:known-${i}\n`;
    for (let i = 0; i < NEW_PER_PAYLOAD; i++) text += `attack:1|c|#id:new-${payload}-${i}-${'x'.repeat(100)}\n`;
    if (!socket.write(text)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  await new Promise<void>((resolve, reject) => void socket.once('error', reject).end(resolve));
}

/** A server that takes everything and keeps nothing. */
async function receiver(): Promise<{ readonly uri: string } & AsyncDisposable> {
  const server = createServer((request, response) => void request.resume().on('end', () => response.end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sends lines as fast as they are taken until the result is called. */
function load(port: number): () => void {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  let sent = 0;
  const send = (): void => {
    while (!socket.destroyed) {
      let text = '';
      for (let i = 0; i < 200; i++, sent++)
        text += `${JSON.stringify({ id: sent % 50_000, level: 'info', message: `line ${sent} of many` })}\n`;
      if (!socket.write(text)) return;
    }
  };
  socket.on('drain', send).on('connect', send);
  return () => void socket.destroy();
}

function config(uri: string): object {
  return {
    memory: `${MEMORY_MIB}MiB`,
    threads: 2,
    sources: {
      attacked: { type: 'statsd', mode: 'tcp', address: '127.0.0.1:0' },
      lines: { type: 'socket', mode: 'tcp', address: '127.0.0.1:0', decoding: { codec: 'json' } },
      tailed: { type: 'file', include: ['tailed.log'], read_from: 'beginning' },
      said: { type: 'internal_logs' },
      self: { type: 'internal_metrics', scrape_interval_secs: 0.2 },
    },
    transforms: {
      edited: {
        type: 'remap',
        inputs: ['lines'],
        source: ".level = upcase(string!(.level))\n.same = match(.level, r'^I')",
      },
      once: { type: 'dedupe', inputs: ['edited'], fields: { match: ['id'] }, cache: { num_events: 10_000 } },
    },
    sinks: {
      out: { type: 'http', inputs: ['once', 'tailed'], uri, encoding: { codec: 'json' } },
      exported: { type: 'prometheus_exporter', inputs: ['attacked'], address: '127.0.0.1:0' },
      internal: { type: 'prometheus_exporter', inputs: ['self'], address: '127.0.0.1:0' },
      nothing: { type: 'blackhole', inputs: ['said'] },
    },
  };
}

/** Owners that a configuration such as this has, and those of each process. */
const OWNERS = [
  ['arena'],
  ['buffer', 'out'],
  ['caches'],
  ['checkpoints', 'tailed'],
  ['code'],
  ['connections', 'lines'],
  ['connections', 'out'],
  ['connections', 'internal'],
  ['heap.free'],
  ['heap.young'],
  ['log lines', 'said'],
  ['native'],
  ['programs', 'edited'],
  ['registry'],
  ['requests', 'out'],
  ['runtime'],
  ['state', 'once'],
  ['workers'],
] as const;

function bytesOf(owners: readonly Sample[], owner: string, id?: string): number | undefined {
  const wanted = [`owner="${owner}"`, ...(id === undefined ? [] : [`component_id="${id}"`])];
  return owners.find(({ labels }) => wanted.every((label) => labels.includes(label)))?.value;
}

test('owners of memory add up to what the process takes, at rest, under load and after an attack', {
  skip: process.platform !== 'linux',
}, async () => {
  await using taking = await receiver();
  await using it = sluice({ config: config(taking.uri), files: { 'tailed.log': 'one\ntwo\n' } });
  await it.started();
  const [attacked, lines, exported, internal] = await Promise.all(
    ['attacked', 'lines', 'exported', 'internal'].map((id) => it.port(id)),
  );
  await explained(it, internal!);

  const holds = async (owner: string, id: string, bytes: number): Promise<void> => {
    while ((bytesOf(await samples(internal!, 'sluice_memory_bytes'), owner, id) ?? 0) < bytes)
      await new Promise((resolve) => setTimeout(resolve, 100));
  };
  await holds('checkpoints', 'tailed', 300);

  const stop = load(lines!);
  await holds('state', 'once', MEBIBYTE);
  const atLoad = await explained(it, internal!);
  for (const [owner, id] of OWNERS) assert.ok(bytesOf(atLoad, owner, id) !== undefined, `${owner} of ${id}`);
  for (const [owner, id] of [
    ['connections', 'lines'],
    ['connections', 'out'],
    ['programs', 'edited'],
  ] as const)
    assert.ok(bytesOf(atLoad, owner, id)! > 300, `${owner} of ${id}`);
  stop();

  await attack(attacked!);
  let known: Sample[] = [];
  const isOver = (): boolean => known.length === KNOWN && known.every(({ value }) => value === PAYLOADS);
  for (let tries = 0; tries < 100 && !isOver(); tries++) {
    known = (await samples(exported!, 'attack')).filter(({ labels }) => labels.includes('known-'));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.deepEqual(
    known.map(({ value }) => value),
    Array.from({ length: KNOWN }, () => PAYLOADS),
  );
  const afterAttack = await explained(it, internal!);
  const state = bytesOf(afterAttack, 'state', 'exported');
  assert.ok(state !== undefined && state > 4 * MEBIBYTE, JSON.stringify(afterAttack));
  assert.ok(residentBytes(it.pid) < MEMORY_MIB * MEBIBYTE * (1 + TOLERANCE));
  const [budget] = await samples(internal!, 'sluice_memory_budget_bytes');
  assert.equal(budget?.value, MEMORY_MIB * MEBIBYTE);
});

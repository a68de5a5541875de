// Where the memory of the real command is: its ledger explains what the system says, at rest and after an attack of
// ever-new series, and series that are known go on counting. `npm run bench cardinality` is the same for minutes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
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

test('owners of memory add up to what the process takes, at rest and after an attack', {
  skip: process.platform !== 'linux',
}, async () => {
  await using it = sluice({
    config: {
      memory: `${MEMORY_MIB}MiB`,
      threads: 2,
      sources: {
        attacked: { type: 'statsd', mode: 'tcp', address: '127.0.0.1:0' },
        self: { type: 'internal_metrics', scrape_interval_secs: 0.2 },
      },
      sinks: {
        exported: { type: 'prometheus_exporter', inputs: ['attacked'], address: '127.0.0.1:0' },
        internal: { type: 'prometheus_exporter', inputs: ['self'], address: '127.0.0.1:0' },
      },
    },
  });
  await it.started();
  const [attacked, exported, internal] = await Promise.all(
    ['attacked', 'exported', 'internal'].map((id) => it.port(id)),
  );
  const atRest = await explained(it, internal!);
  assert.ok(atRest.some(({ labels }) => labels.includes('owner="runtime"')));
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
  const owners = await explained(it, internal!);
  const state = owners.find(({ labels }) => /owner="state"/.test(labels) && /component_id="exported"/.test(labels));
  assert.ok(state && state.value > 4 * MEBIBYTE, JSON.stringify(owners));
  assert.ok(residentBytes(it.pid) < MEMORY_MIB * MEBIBYTE * (1 + TOLERANCE));
  const [budget] = await samples(internal!, 'sluice_memory_budget_bytes');
  assert.equal(budget?.value, MEMORY_MIB * MEBIBYTE);
});

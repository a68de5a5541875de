// Do requests with ever-new paths and methods, taken and refused ones, leave memory and metrics as they were?
//
//   npm run bench label_attack -- [--requests 1000000] [--connections 16] [--built] [--dist DIR]
//
// Three sources are asked in turn: one that takes every path, one that refuses all but its own (404, and 405 for methods
// it does not know), and one that wants a password (401); the exporter of the metrics is asked for paths it does not have.
// First come as many requests with one path and ever-new queries, so that the heap has the size that such a
// load needs; then the attack. Memory is told as it is, and with garbage collected, which is what counts: what V8 has not
// collected yet comes and goes by 15 MiB. Every request has to be counted, whatever its path is counted under.

import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ask } from '../src/testing/http_flood.ts';
import { samplesOf, scrape } from './harness/cardinality/scrape.ts';
import { collectGarbage, INSPECTED, inspectorOf } from './harness/collect_garbage.ts';
import { temporaryFolder } from './harness/folder.ts';
import { freePort } from './harness/ports.ts';
import { isListening, type Subject, sleep, start, until } from './harness/process.ts';
import { install, sources } from './harness/programs.ts';
import { table } from './harness/report.ts';

const { values: flags } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    connections: { type: 'string', default: '16' },
    built: { type: 'boolean', default: false },
    dist: { type: 'string', default: join(import.meta.dirname, '../dist') },
  },
});

const GROWTH_MIB_MAX = 10;
const SCRAPE_BYTES_MAX = 1_048_576;
const REST_MS = 10_000;

const requests = Number(flags.requests);
const folder = temporaryFolder(tmpdir());
const installation = flags.built ? install(flags.dist, join(folder, 'installed')) : sources();

interface Ports {
  readonly open: number;
  readonly strict: number;
  readonly locked: number;
  readonly metrics: number;
}

function configOf({ open, strict, locked, metrics }: Ports): unknown {
  const server = (port: number) => ({ type: 'http_server', address: `127.0.0.1:${port}` });
  return {
    data_dir: folder,
    sources: {
      open: { ...server(open), strict_path: false },
      strict: { ...server(strict), path: '/here' },
      locked: { ...server(locked), strict_path: false, auth: { strategy: 'basic', username: 'u', password: 'p' } },
      internal: { type: 'internal_metrics' },
    },
    sinks: {
      out: { type: 'blackhole', inputs: ['open', 'strict', 'locked'], print_interval_secs: 0 },
      metrics: { type: 'prometheus_exporter', inputs: ['internal'], address: `127.0.0.1:${metrics}` },
    },
  };
}

/** Spreads `count` requests over connections and servers. Returns how many each server was asked. */
async function flood(ports: Ports, count: number, isNew: boolean): Promise<Record<keyof Ports, number>> {
  const names = Object.keys(ports) as (keyof Ports)[];
  const connections = Math.max(names.length, Number(flags.connections));
  const each = Math.ceil(count / connections);
  const asked = { open: 0, strict: 0, locked: 0, metrics: 0 };
  const all = Array.from({ length: connections }, (_, index) => {
    const name = names[index % names.length]!;
    asked[name] += each;
    return ask(ports[name], each, (n) => {
      // A method that nobody knows now and then, as hostile clients have it.
      const method = name === 'metrics' ? 'GET' : isNew && n % 100 === 0 && name === 'strict' ? `M${n}` : 'POST';
      const own = `${index}/${n}/${'x'.repeat(n % 64)}`;
      const below = name === 'strict' && n % 2 === 0 ? 'here/' : '';
      return `${method} /${isNew ? `${below}${own}` : `same?${own}`}`;
    });
  });
  await Promise.all(all);
  return asked;
}

interface Measured {
  readonly rssMib: number;
  readonly collectedMib: number;
  readonly text: string;
}

async function measure(subject: Subject, inspector: string, port: number): Promise<Measured> {
  await sleep(REST_MS);
  const { rssMib } = subject.usage();
  // A kept connection may have come to its end: the next attempt has a new one.
  const text = (await scrape(port)) ?? (await scrape(port)) ?? '';
  await collectGarbage(inspector);
  await sleep(REST_MS);
  return { rssMib, collectedMib: subject.usage().rssMib, text };
}

const ports: Ports = {
  open: await freePort(),
  strict: await freePort(),
  locked: await freePort(),
  metrics: await freePort(),
};
const path = join(folder, 'config.json');
writeFileSync(path, JSON.stringify(configOf(ports)));
const subject = start(
  installation.program,
  [...installation.args, '--quiet', '--config', path, '--threads', '1'],
  INSPECTED,
);
try {
  await until(
    () => Object.values(ports).every((port) => isListening(port)),
    () => subject.output(),
  );
  const inspector = inspectorOf(subject.output());
  const idle = await measure(subject, inspector, ports.metrics);
  const known = await flood(ports, requests, false);
  const before = await measure(subject, inspector, ports.metrics);
  const asked = await flood(ports, requests, true);
  const after = await measure(subject, inspector, ports.metrics);
  const row = (name: string, { rssMib, collectedMib, text }: Measured, count: number) => [
    name,
    count.toLocaleString('en'),
    rssMib.toFixed(1),
    collectedMib.toFixed(1),
    text.length.toLocaleString('en'),
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .length.toLocaleString('en'),
  ];
  const sum = (of: Record<string, number>) => Object.values(of).reduce((all, one) => all + one, 0);
  console.log(
    table(
      ['', 'requests', 'RSS MiB', 'without garbage', 'bytes of a scrape', 'lines'],
      [row('idle', idle, 0), row('one path, new queries', before, sum(known)), row('new paths', after, sum(asked))],
    ),
  );
  const faults: string[] = [];
  for (const name of ['open', 'strict', 'locked'] as const) {
    const counted = samplesOf(after.text, 'http_server_requests_received_total')
      .filter(({ labels }) => labels['component_id'] === name)
      .reduce((sum, { value }) => sum + value, 0);
    if (counted !== known[name] + asked[name])
      faults.push(`${name} counted ${counted} of ${known[name] + asked[name]} requests`);
  }
  const growth = after.collectedMib - before.collectedMib;
  console.log(`${growth.toFixed(1)} MiB more than before the attack, peak ${subject.peakMib().toFixed(1)} MiB`);
  if (growth > GROWTH_MIB_MAX) faults.push(`memory grew by more than ${GROWTH_MIB_MAX} MiB`);
  if (after.text.length > SCRAPE_BYTES_MAX) faults.push('a scrape has more than 1 MiB');
  for (const fault of faults) console.log(`FAULT: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
} finally {
  await subject.stop();
}

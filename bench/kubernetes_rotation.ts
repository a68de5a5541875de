// Do a thousand container logs that grow and are rotated every ten seconds lose a line, and what do they cost?
//
//   npm run bench kubernetes_rotation -- [--minutes 1] [--files 1000] [--megabytes 5] [--rotate-seconds 10] [--whole]
//       [--built] [--dist DIR] [--peers otel,rsyslog] [--without sluice] [--threads N] [--memory 112MiB] [--json FILE] [--dir DIR]
//
// Writes lines of a container runtime to files of as many pods, and renames, compresses and removes them as the kubelet
// does. All agents read the same files at the same time and send what comes of them to a server, which looks for every
// message. Across each rotation lies a message in two parts, unless `--whole`. CPU is user and system time from when the
// agent was ready until it rests again; memory is resident memory, looked at every second from then on.

import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { kubeconfig, kubernetesApi, pod } from '../src/testing/kubernetes_api.ts';
import { temporaryFolder } from './harness/folder.ts';
import { Pace, type Subject, sleep, until } from './harness/process.ts';
import { install, sources } from './harness/programs.ts';
import { median, table } from './harness/report.ts';
import { type Agent, type Place, peerAgents, sluiceAgent } from './harness/rotation/agents.ts';
import type { Reply, Request, Verdict } from './harness/rotation/arrivals.ts';
import { GrowingLogs, podOf } from './harness/rotation/growing_logs.ts';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    files: { type: 'string', default: '1000' },
    megabytes: { type: 'string', default: '5' },
    'rotate-seconds': { type: 'string', default: '10' },
    whole: { type: 'boolean', default: false },
    built: { type: 'boolean', default: false },
    dist: { type: 'string', default: join(import.meta.dirname, '../dist') },
    peers: { type: 'string', default: '' },
    without: { type: 'string', default: '' },
    threads: { type: 'string' },
    memory: { type: 'string' },
    json: { type: 'string' },
    dir: { type: 'string', default: tmpdir() },
  },
});

const FILES = Number(flags.files);
const MINUTES = Number(flags.minutes);

/** An agent that used no more than a tick for so long has done all it will. */
const REST_MS = 3_000;
/** One that never rests is asked what it has after so long. */
const END_LIMIT_MS = 60_000;

/** An agent at work, and its server. */
interface Stand {
  readonly agent: Agent;
  readonly subject: Subject;
  readonly server: ChildProcess;
  readonly rssMib: number[];
  cpuSeconds: number;
}

async function build(agent: Agent, shared: Pick<Place, 'logsDir' | 'kubeconfig' | 'files'>): Promise<Stand> {
  const dataDir = join(folder, agent.name.replaceAll(/\W+/g, '_'));
  mkdirSync(dataDir);
  const server = fork(join(import.meta.dirname, 'harness/rotation/arrivals.ts'), { stdio: 'inherit' });
  process.once('exit', () => server.kill('SIGKILL'));
  const { httpPort, tcpPort } = await reply(server, 'listening');
  const subject = agent.start({ ...shared, dataDir, httpPort, tcpPort });
  const pace = new Pace(subject);
  await until(
    () => {
      pace.look();
      return pace.isQuiet;
    },
    () => `${agent.name} to be ready`,
    30_000,
  ).catch((error) => console.error((error as Error).message));
  return { agent, subject, server, rssMib: [], cpuSeconds: subject.usage().cpuSeconds };
}

function reply<T extends Reply['type']>(server: ChildProcess, type: T): Promise<Extract<Reply, { type: T }>> {
  return new Promise((resolve, reject) => {
    server.once('message', (message: Reply) => {
      if (message.type === type) resolve(message as Extract<Reply, { type: T }>);
      else reject(new Error(`a server said ${message.type} in place of ${type}`));
    });
  });
}

function ask<T extends Request['type']>(server: ChildProcess, request: Extract<Request, { type: T }>) {
  const answer = reply(server, request.type);
  server.send(request);
  return answer as Promise<Extract<Reply, { type: T }>>;
}

/** Looks at all agents every second, until the result is called. */
function watch(stands: readonly Stand[]): () => void {
  const timer = setInterval(() => {
    for (const { subject, rssMib } of stands) rssMib.push(subject.usage().rssMib);
  }, 1_000);
  return () => clearInterval(timer);
}

/** Waits until an agent has sent everything, or does nothing any more. */
async function rest({ subject, server }: Stand, messages: number): Promise<void> {
  const pace = new Pace(subject);
  const startedMs = performance.now();
  let seen = -1;
  let sinceMs = startedMs;
  while (performance.now() - startedMs < END_LIMIT_MS) {
    pace.look();
    const now = (await ask(server, { type: 'progress' })).messages;
    if (now !== seen) sinceMs = performance.now();
    seen = now;
    const stillMs = performance.now() - sinceMs;
    if (stillMs > REST_MS && (seen >= messages || pace.isQuiet || stillMs > 10_000)) return;
    await sleep(100);
  }
}

interface Row {
  readonly agent: string;
  readonly verdict: Verdict;
  readonly cpuSeconds: number;
  readonly cpuPerGb: number;
  readonly sentBytes: number;
  readonly rssMib: readonly number[];
  readonly peakMib: number;
}

async function judge(stand: Stand, logs: GrowingLogs): Promise<Row> {
  const { agent, subject, server, rssMib } = stand;
  const messages = logs.counts.reduce((sum, count) => sum + count, 0);
  await rest(stand, messages);
  const cpuSeconds = subject.usage().cpuSeconds - stand.cpuSeconds;
  const peakMib = subject.peakMib();
  await subject.stop();
  const { bytes } = await ask(server, { type: 'progress' });
  const { verdict } = await ask(server, { type: 'verdict', counts: logs.counts });
  server.disconnect();
  return {
    agent: agent.name,
    verdict,
    cpuSeconds,
    cpuPerGb: (cpuSeconds / logs.bytes) * 1e9,
    sentBytes: bytes,
    rssMib,
    peakMib,
  };
}

/** A part of the run, as its median. */
function part(samples: readonly number[], from: number, to: number): string {
  const chosen = samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to));
  return chosen.length === 0 ? '–' : median(chosen).toFixed(0);
}

function shown(rows: readonly Row[]): string {
  const head = ['agent', 'lost', 'doubled', 'torn', 'disordered', 'CPU s', 'CPU s/GB', '× Sluice', 'sent MB'];
  const memory = ['RSS MiB: 1st third', '2nd', 'last', 'most', 'with start'];
  const ours = rows.find(({ agent }) => agent === 'Sluice')?.cpuSeconds;
  const lines = rows.map(({ agent, verdict, cpuSeconds, cpuPerGb, sentBytes, rssMib, peakMib }) => [
    agent === 'Sluice' ? '**Sluice**' : agent,
    ...[verdict.lost, verdict.doubled, verdict.torn, verdict.disordered].map(String),
    cpuSeconds.toFixed(1),
    cpuPerGb.toFixed(1),
    ours === undefined ? '–' : (cpuSeconds / ours).toFixed(2),
    (sentBytes / 1e6).toFixed(0),
    part(rssMib, 0, 1 / 3),
    part(rssMib, 1 / 3, 2 / 3),
    part(rssMib, 2 / 3, 1),
    Math.max(...rssMib).toFixed(0),
    peakMib.toFixed(0),
  ]);
  return table([...head, ...memory], lines);
}

const folder = temporaryFolder(flags.dir);
const installation = flags.built ? install(flags.dist, join(folder, 'sluice')) : sources();
const agents = [sluiceAgent(installation, flags), ...(await peerAgents(flags.peers.split(',').filter(Boolean)))].filter(
  ({ name }) => !flags.without.split(',').includes(name.toLowerCase().split(' ')[0]!),
);

await using api = await kubernetesApi();
writeFileSync(join(folder, 'token'), 'token');
writeFileSync(join(folder, 'kubeconfig'), kubeconfig(api.url, join(folder, 'token')));
api.put('nodes', { metadata: { name: 'node-1', uid: 'n', labels: {} } });
api.put('namespaces', { metadata: { name: 'default', uid: 'ns', labels: {} } });
for (let index = 0; index < FILES; index++) {
  const { name, uid } = podOf(index);
  api.put('pods', pod(name, uid, { app: `app-${index % 10}` }));
}

const logsDir = join(folder, 'pods');
const logs = new GrowingLogs(logsDir, {
  count: FILES,
  bytesPerSecond: Number(flags.megabytes) * 1e6,
  rotateMs: Number(flags['rotate-seconds']) * 1_000,
  tears: !flags.whole,
});
const stands: Stand[] = [];
for (const agent of agents) {
  stands.push(await build(agent, { logsDir, kubeconfig: join(folder, 'kubeconfig'), files: FILES }));
}
const unwatch = watch(stands);
await logs.grow(MINUTES * 60_000);
logs.close();
unwatch();
const rows = await Promise.all(stands.map((stand) => judge(stand, logs)));
console.log(
  `\n${cpus().length} × ${cpus()[0]!.model}, Node ${process.versions.node}: ${MINUTES} min, ${FILES} files, ${logs.rotations} rotations, ${logs.counts.reduce((sum, count) => sum + count, 0)} messages, ${(logs.bytes / 1e6 / MINUTES / 60).toFixed(2)} MB/s\n`,
);
console.log(shown(rows));
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(rows, undefined, 2)}\n`);
const ours = rows.find(({ agent }) => agent === 'Sluice')?.verdict;
if (ours && ours.lost + ours.doubled + ours.torn + ours.strange > 0) process.exitCode = 1;

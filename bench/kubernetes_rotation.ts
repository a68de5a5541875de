// Do a thousand container logs that grow and are rotated every ten seconds lose a line, and does memory stay flat?
//
//   node bench/kubernetes_rotation.ts [seconds=60] [files=1000] [megabytes a second=5] [command=src/cli/main.ts]
//
// Memory is that of a node with the published command (bin/sluice.js of the package, which sets the runtime up): from the
// sources, Node strips types in some 80 MiB more.
//
// Writes CRI lines to files of as many pods, renames, compresses and removes them as the kubelet does, and runs the real
// command on them into a file. Every line has the number of its file and its own; all are looked for in the output.

import { spawn } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ContainerLog, criLine } from '../src/testing/container_log.ts';
import { kubeconfig, kubernetesApi, pod } from '../src/testing/kubernetes_api.ts';

const [seconds = 60, files = 1000, megabytes = 5] = process.argv.slice(2, 5).map(Number);
const command = process.argv[5];
const ROTATE_MS = 10_000;
const TICK_MS = 100;
const LINE_BYTES = 250;

const folder = mkdtempSync(join(tmpdir(), 'sluice-rotation-'));
const at = (...names: string[]): string => join(folder, ...names);
const api = await kubernetesApi();
writeFileSync(at('token'), 'token');
writeFileSync(at('kubeconfig'), kubeconfig(api.url, at('token')));
writeFileSync(
  at('sluice.yaml'),
  `data_dir: ${at('data')}
sources:
  logs: { type: kubernetes_logs, self_node_name: node-1, kube_config_file: ${at('kubeconfig')} }
sinks:
  out: { type: file, inputs: [logs], path: ${at('out')}, encoding: { codec: text } }
`,
);
mkdirSync(at('data'));
api.put('nodes', { metadata: { name: 'node-1', uid: 'n', labels: {} } });
api.put('namespaces', { metadata: { name: 'default', uid: 'ns', labels: {} } });

interface Log {
  readonly file: ContainerLog;
  count: number;
  nextRotationMs: number;
}

const logs: Log[] = Array.from({ length: files }, (_, index) => {
  api.put('pods', pod(`p${index}`, `u${index}`, { app: `a${index % 10}` }));
  const file = new ContainerLog(at('pods', `default_p${index}_u${index}`, 'main'));
  return { file, count: 0, nextRotationMs: Date.now() + ROTATE_MS * (1 + index / files) };
});

const cli = command ?? fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const child = spawn(process.execPath, [cli, '--config', at('sluice.yaml'), '-q'], {
  env: { ...process.env, SLUICE_POD_LOGS_DIR: at('pods') },
  stdio: ['ignore', 'inherit', 'inherit'],
});

function rss(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
}

function cpuSeconds(): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function write(log: Log, index: number, lines: number): void {
  let text = '';
  for (let i = 0; i < lines; i++) text += criLine(`${index} ${log.count++} `.padEnd(LINE_BYTES - 42, 'x'));
  log.file.write(text);
}

const started = Date.now();
const samples: number[] = [];
let owed = 0;
let next = 0;
while (Date.now() - started < seconds * 1000) {
  const tick = Date.now();
  owed += (megabytes * 1e6 * TICK_MS) / 1000 / LINE_BYTES;
  // A few lines to one file, then the next.
  for (; owed >= 4; owed -= 4) {
    write(logs[next]!, next, 4);
    next = (next + 1) % files;
  }
  for (const log of logs) {
    if (tick < log.nextRotationMs) continue;
    log.file.rotate();
    log.nextRotationMs += ROTATE_MS;
  }
  if (samples.length < (Date.now() - started) / 1000) samples.push(rss());
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, TICK_MS - (Date.now() - tick))));
}
await new Promise((resolve) => setTimeout(resolve, 8_000));
const cpu = cpuSeconds();
const last = rss();
child.kill('SIGTERM');
await new Promise((resolve) => child.once('exit', resolve));

const found = logs.map(({ count }) => new Uint8Array(count));
let doubled = 0;
let strange = 0;
for await (const line of createInterface({ input: createReadStream(at('out')) })) {
  const [file, number] = line.split(' ').map(Number) as [number, number];
  const seen = found[file];
  if (!seen || seen[number] === undefined) strange += 1;
  else if (seen[number]++ > 0) doubled += 1;
}
const missing = found.reduce((sum, seen) => sum + seen.filter((count) => count === 0).length, 0);
const lines = logs.reduce((sum, { count }) => sum + count, 0);
const bytes = logs.reduce((sum, { file }) => sum + file.bytes, 0);
const rotations = logs.reduce((sum, { file }) => sum + file.rotations, 0);
const third = Math.floor(samples.length / 3);
console.log(
  `${seconds} s, ${files} files, ${rotations} rotations, ${lines} lines, ${(bytes / 1e6 / seconds).toFixed(2)} MB/s`,
);
console.log(`missing ${missing}, doubled ${doubled}, strange ${strange}`);
console.log(
  `RSS MiB: a third in ${samples[third]?.toFixed(0)}, two thirds ${samples[2 * third]?.toFixed(0)}, end ${last.toFixed(0)}, most ${Math.max(...samples).toFixed(0)}`,
);
console.log(
  `CPU ${cpu.toFixed(1)} s, ${((cpu / bytes) * 1e9).toFixed(1)} s per GB; API requests ${api.requests.length}`,
);
await api.stop();
rmSync(folder, { recursive: true, force: true });
process.exitCode = missing + doubled + strange > 0 ? 1 : 0;

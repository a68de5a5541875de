// Time from starting the command until its first event is through, and what it holds while nothing happens.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ready } from '../measure.ts';
import { freePort } from '../ports.ts';
import { sleep, start } from '../process.ts';
import type { Installation } from '../programs.ts';

const REMAP = `transforms:
  edited:
    type: remap
    inputs: [in]
    source: |
      . = object!(parse_json!(.message))
      .level = upcase!(.level)
`;

const EVENT = '{"level":"info","message":"first"}\n';

/** Milliseconds until a line that waits at standard input is at standard output. */
export async function startupToConsole({ program, args }: Installation, folder: string): Promise<number> {
  const config = join(folder, 'console.yaml');
  writeFileSync(
    config,
    `data_dir: ${folder}
sources: {in: {type: stdin}}
sinks: {out: {type: console, inputs: [in], encoding: {codec: text}}}
`,
  );
  return untilOutput(program, [...args, '--config', config, '-q']);
}

/** The same for plain Node: the least that there can be. */
export function startupOfNode(): Promise<number> {
  return untilOutput(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)']);
}

async function untilOutput(program: string, args: readonly string[]): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  child.stdin.write(EVENT);
  await Promise.race([
    once(child.stdout, 'data'),
    closed.then(([code]) => Promise.reject(new Error(`ended with ${code}`))),
  ]);
  const ms = performance.now() - startedMs;
  child.stdin.end();
  await closed;
  return ms;
}

/** Milliseconds until a line of a file is parsed, edited and at an HTTP server. */
export async function startupToHttp({ program, args }: Installation, folder: string): Promise<number> {
  const dataDir = mkdtempSync(join(folder, 'startup-'));
  const arrived = Promise.withResolvers<number>();
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => response.end());
    arrived.resolve(performance.now());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const config = join(dataDir, 'http.yaml');
  writeFileSync(join(dataDir, 'in.log'), EVENT);
  writeFileSync(
    config,
    `data_dir: ${dataDir}
sources: {in: {type: file, include: ["${dataDir}/in.log"]}}
${REMAP}sinks:
  out:
    type: http
    inputs: [edited]
    uri: http://127.0.0.1:${(server.address() as AddressInfo).port}/
    encoding: {codec: json}
    batch: {max_events: 1}
    healthcheck: {enabled: false}
`,
  );
  const startedMs = performance.now();
  const subject = start(program, [...args, '--config', config, '-q']);
  try {
    const limit = sleep(30_000).then(() => Promise.reject(new Error(`no request came: ${subject.output()}`)));
    return (await Promise.race([arrived.promise, limit])) - startedMs;
  } finally {
    await subject.stop();
    server.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Time for a process to settle after its start. */
const SETTLE_MS = 5_000;

export interface Idle {
  readonly rssMib: number;
  readonly peakMib: number;
  /** CPU used while nothing happens, milliseconds per second. */
  readonly cpuMsPerSecond: number;
}

/** Memory and CPU of a pipeline with a program in it (tcp → remap → http) to which nobody sends. */
export async function idleOfSluice({ program, args }: Installation, folder: string, threads: number): Promise<Idle> {
  const port = await freePort();
  const config = join(folder, 'idle.yaml');
  writeFileSync(
    config,
    `data_dir: ${folder}
sources: {in: {type: socket, mode: tcp, address: "127.0.0.1:${port}"}}
${REMAP}sinks:
  out: {type: http, inputs: [edited], uri: "http://127.0.0.1:1/", encoding: {codec: json}, healthcheck: {enabled: false}}
`,
  );
  return idleOf(program, [...args, '--config', config, '--threads', String(threads)], port);
}

/** The same for Node with a timer. */
export function idleOfNode(): Promise<Idle> {
  return idleOf(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], undefined);
}

async function idleOf(program: string, args: readonly string[], port: number | undefined): Promise<Idle> {
  const subject = start(program, args);
  try {
    await ready(subject, port, () => program);
    const before = subject.usage();
    await sleep(SETTLE_MS);
    const { rssMib, cpuSeconds } = subject.usage();
    const cpuMsPerSecond = ((cpuSeconds - before.cpuSeconds) * 1000) / (SETTLE_MS / 1000);
    return { rssMib, peakMib: subject.peakMib(), cpuMsPerSecond };
  } finally {
    await subject.stop();
  }
}

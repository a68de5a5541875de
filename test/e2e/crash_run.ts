// The main job under the worst of days: a growing log that is rotated (by rename and by copy and truncate) while it is
// written, a process that is killed with SIGKILL every so often, and a server that fails a fifth of its requests.
// Every line must arrive; duplicates are counted; per file, lines arrive in order where nothing was sent twice.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import http from 'node:http';
import type net from 'node:net';
import { join } from 'node:path';
import { seededRandom } from '../../src/std/random.ts';

export interface CrashOptions {
  readonly folder: string;
  /** Bytes of log to write in all, over both files. */
  readonly bytes: number;
  /**
   * Milliseconds between two SIGKILLs; undefined for none. A process that has sent nothing yet is let live on, as on a slow
   * machine none would come to anything.
   */
  readonly killEveryMs: number | undefined;
  /** Bytes after which a file is rotated. */
  readonly rotateBytes: number;
  /** The sink’s `batch.max_bytes`. */
  readonly batchBytes: number;
  /** Whether to run `dist/`, as published, and not the sources. */
  readonly built?: boolean;
  /** Share of requests that fail. */
  readonly failureShare: number;
  readonly seed: number;
  /** Bytes of log written in a second; undefined for as fast as the disk takes them. */
  readonly bytesPerSecond?: number;
  readonly onProgress?: (text: string) => void;
}

export interface CrashResult {
  readonly lines: number;
  readonly missing: number;
  /** Where lines are missing: the log, the first and the last number, for the first few gaps. */
  readonly gaps: readonly string[];
  readonly duplicates: number;
  /** Lines that came before one written earlier to the same file, in a life of the process, nothing being retried. */
  readonly disordered: number;
  readonly kills: number;
  readonly rotations: number;
  readonly requests: number;
  readonly failedRequests: number;
  readonly seconds: number;
  readonly rssMaxMib: number;
  /** Mean RSS in the third and in the last quarter of the run, MiB. */
  readonly rssThirdQuarterMib: number;
  readonly rssLastQuarterMib: number;
}

const LINE_BYTES = 275;
const KINDS = ['rename', 'copytruncate'] as const;

export async function crashRun(options: CrashOptions): Promise<CrashResult> {
  const logs = join(options.folder, 'logs');
  await fs.mkdir(logs, { recursive: true });
  const linesPerFile = Math.ceil(options.bytes / LINE_BYTES / 2);
  const receiver = await startReceiver(options, linesPerFile);
  const config = join(options.folder, 'sluice.json');
  await fs.writeFile(config, JSON.stringify(configuration(options, logs, receiver.port)));
  const started = performance.now();
  const process = supervisor(config, options, () => receiver.requests());
  try {
    const written = await Promise.all(KINDS.map((kind, index) => writeLog(kind, index, logs, linesPerFile, options)));
    await waitUntilComplete(receiver, options, () => process.stopKilling());
    const rss = process.rss();
    return {
      ...receiver.result(),
      kills: process.kills(),
      rotations: written.reduce((sum, count) => sum + count, 0),
      seconds: (performance.now() - started) / 1000,
      rssMaxMib: Math.max(...rss),
      rssThirdQuarterMib: mean(rss.slice(Math.floor(rss.length / 2), Math.floor((rss.length * 3) / 4))),
      rssLastQuarterMib: mean(rss.slice(Math.floor((rss.length * 3) / 4))),
    };
  } finally {
    await process.stop();
    receiver.close();
  }
}

function configuration({ folder, batchBytes }: CrashOptions, logs: string, port: number): unknown {
  return {
    data_dir: folder,
    sources: { in: { type: 'file', include: [join(logs, '*.log*')], glob_minimum_cooldown_ms: 100 } },
    sinks: {
      out: {
        type: 'http',
        inputs: ['in'],
        uri: `http://127.0.0.1:${port}/`,
        encoding: { codec: 'text' },
        framing: { method: 'newline_delimited' },
        batch: { max_bytes: batchBytes, timeout_secs: 0.2 },
        request: { concurrency: 'none', timeout_secs: 2, retry_initial_backoff_secs: 1, retry_max_duration_secs: 1 },
        healthcheck: false,
      },
    },
  };
}

/** Writes numbered lines, rotating on the way; resolves with the number of rotations. */
async function writeLog(
  kind: (typeof KINDS)[number],
  index: number,
  logs: string,
  lines: number,
  { rotateBytes, bytesPerSecond }: CrashOptions,
): Promise<number> {
  const path = join(logs, `${kind}.log`);
  let file = await fs.open(path, 'a');
  let size = 0;
  let rotations = 0;
  const started = performance.now();
  const block = 400;
  for (let first = 0; first < lines; first += block) {
    const text = Array.from({ length: Math.min(block, lines - first) }, (_, i) =>
      line(index, rotations, first + i),
    ).join('');
    // Two writes, so that a line is often torn between them.
    const cut = text.length - 100;
    await file.write(text.slice(0, cut));
    await file.write(text.slice(cut));
    size += text.length;
    if (bytesPerSecond !== undefined) {
      const ahead = ((first * LINE_BYTES * 2) / bytesPerSecond) * 1000 - (performance.now() - started);
      if (ahead > 5) await new Promise((resolve) => setTimeout(resolve, ahead));
    }
    if (size < rotateBytes) continue;
    size = 0;
    rotations += 1;
    if (kind === 'rename') {
      await file.close();
      await fs.rename(path, `${path}.${rotations}`);
      file = await fs.open(path, 'a');
    } else {
      await fs.copyFile(path, join(logs, `.copying`));
      await fs.rename(join(logs, '.copying'), `${path}.${rotations}`);
      await file.truncate(0);
    }
  }
  await file.close();
  return rotations;
}

/** Which log, which file of it, and its number in the log. */
function line(index: number, rotation: number, number: number): string {
  return (
    `${index} ${String(rotation).padStart(4, '0')} ${String(number).padStart(10, '0')} `.padEnd(
      LINE_BYTES - 1,
      'abcdefghij ',
    ) + '\n'
  );
}

interface Receiver {
  readonly port: number;
  complete(): boolean;
  /** Lines that arrived, of all. */
  share(): number;
  /** Requests that came so far. */
  requests(): number;
  progress(): string;
  result(): Pick<
    CrashResult,
    'lines' | 'missing' | 'gaps' | 'duplicates' | 'disordered' | 'requests' | 'failedRequests'
  >;
  close(): void;
}

async function startReceiver({ failureShare, seed }: CrashOptions, linesPerFile: number): Promise<Receiver> {
  const random = seededRandom(seed);
  const seen = KINDS.map(() => new Uint8Array(linesPerFile));
  const last = new Map<string, number>();
  let distinct = 0;
  let duplicates = 0;
  let disordered = 0;
  let requests = 0;
  let failedRequests = 0;
  const record = (body: Buffer): void => {
    for (let at = 0; at < body.length; at += LINE_BYTES) {
      const index = body[at]! - 48;
      const rotation = body.toString('latin1', at + 2, at + 6);
      const number = Number(body.toString('latin1', at + 7, at + 17));
      if (body[at + LINE_BYTES - 1] !== 10 || !(number < linesPerFile) || !seen[index])
        throw new Error(`a line was torn: ${body.subarray(at, at + 40).toString('latin1')}`);
      if (seen[index]![number]! > 0) duplicates += 1;
      else {
        distinct += 1;
        const file = `${index} ${rotation}`;
        const before = last.get(file) ?? -1;
        if (number < before) disordered += 1;
        last.set(file, Math.max(number, before));
      }
      seen[index]![number] = 1;
    }
  };
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('error', () => {});
    request
      .on('data', (part: Buffer) => parts.push(part))
      .on('end', () => {
        requests += 1;
        const fate = random() < failureShare ? Math.floor(random() * 4) : -1;
        if (fate >= 0) failedRequests += 1;
        if (fate === 0) response.writeHead(503).end();
        else if (fate === 1) request.socket.resetAndDestroy();
        else if (fate === 2) setTimeout(() => request.socket.destroy(), 5000).unref();
        else {
          record(Buffer.concat(parts));
          if (fate === 3) setTimeout(() => response.end(), 300);
          else response.end();
        }
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const lines = linesPerFile * KINDS.length;
  return {
    port: (server.address() as net.AddressInfo).port,
    complete: () => distinct === lines,
    share: () => distinct / lines,
    requests: () => requests,
    progress: () => `${distinct} of ${lines} lines, ${duplicates} twice, ${requests} requests`,
    result: () => ({
      lines,
      missing: lines - distinct,
      gaps: seen.flatMap(gapsOf).slice(0, 20),
      duplicates,
      disordered,
      requests,
      failedRequests,
    }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function gapsOf(seen: Uint8Array, index: number): string[] {
  const gaps: string[] = [];
  for (let at = seen.indexOf(0); at !== -1; ) {
    let end = at;
    while (end < seen.length && seen[end] === 0) end += 1;
    gaps.push(`${KINDS[index]} ${at} to ${end - 1}`);
    at = seen.indexOf(0, end);
  }
  return gaps;
}

/** Runs the command, kills it every so often, starts it again, and watches its memory. */
function supervisor(config: string, { killEveryMs, onProgress, built }: CrashOptions, sent: () => number) {
  const main = join(
    import.meta.dirname,
    '..',
    '..',
    ...(built ? ['dist', 'cli', 'main.js'] : ['src', 'cli', 'main.ts']),
  );
  const samples: number[] = [];
  let kills = 0;
  let stopping = false;
  let stderr = '';
  let child: ChildProcess;
  let sentBefore = 0;
  const run = (): void => {
    sentBefore = sent();
    child = spawn(process.execPath, [main, '--config', config, '-q'], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4000);
    });
    child.once('exit', (code, signal) => {
      if (stopping) return;
      if (signal !== 'SIGKILL') onProgress?.(`the process ended by itself: ${code} ${signal} ${stderr}`);
      run();
    });
  };
  run();
  const watch = setInterval(async () => {
    const status = await fs.readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const rss = /VmRSS:\s+(\d+)/.exec(status);
    if (rss) samples.push(Number(rss[1]) / 1024);
  }, 100);
  const killer =
    killEveryMs === undefined
      ? undefined
      : setInterval(() => {
          if (sent() === sentBefore) return;
          kills += 1;
          child.kill('SIGKILL');
        }, killEveryMs);
  return {
    kills: () => kills,
    rss: () => samples,
    stopKilling: () => clearInterval(killer),
    async stop() {
      stopping = true;
      clearInterval(killer);
      clearInterval(watch);
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Waits until every line is there, or until nothing new has come for a while: then lines are missing. */
async function waitUntilComplete(
  receiver: Receiver,
  { onProgress }: CrashOptions,
  stopKilling: () => void,
): Promise<void> {
  let before = '';
  for (let quiet = 0; quiet < 60 && !receiver.complete(); ) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = receiver.progress();
    if (receiver.share() > 0.95) stopKilling();
    quiet = now === before ? quiet + 1 : 0;
    before = now;
    onProgress?.(now);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

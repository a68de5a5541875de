// What does it cost to move bytes through whole pipelines, beside plain Node streams and rsyslog on the same work?
//
//   npm run bench pipelines -- [--mib 512] [--runs 3] [--only tcp-tcp] [--built]
//
// Subjects take turns within a run, on the same input; CPU is the process tree's after it was ready, per 10^9 bytes of
// input; RSS is the peak. Senders and receivers are processes of their own. Every byte (or line) sent must arrive.

import { spawn } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Subject, start, until } from './harness/process.ts';
import { median, table } from './harness/report.ts';

const { values: flags } = parseArgs({
  options: {
    mib: { type: 'string', default: '512' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    built: { type: 'boolean', default: false },
  },
});
const MIB = Number(flags.mib);
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const here = import.meta.dirname;
const command = flags.built
  ? [join(here, '..', 'dist', 'cli', 'main.js')]
  : [join(here, '..', 'src', 'cli', 'main.ts')];

interface Job {
  readonly name: string;
  readonly input: 'file' | 'tcp' | 'http';
  readonly output: 'tcp' | 'http' | undefined;
}

const JOBS: readonly Job[] = [
  { name: 'file-blackhole', input: 'file', output: undefined },
  { name: 'file-tcp', input: 'file', output: 'tcp' },
  { name: 'tcp-tcp', input: 'tcp', output: 'tcp' },
  { name: 'file-http', input: 'file', output: 'http' },
  { name: 'http-http', input: 'http', output: 'http' },
];

interface Setting {
  readonly job: Job;
  readonly inFile: string;
  readonly inPort: number;
  readonly outPort: number;
  readonly dataDir: string;
}

const SUBJECTS: readonly { name: string; has(job: Job): boolean; start(setting: Setting): Subject }[] = [
  { name: 'sluice', has: () => true, start: startSluice },
  {
    name: 'plain Node',
    has: () => true,
    start: ({ job, inFile, inPort, outPort }) =>
      start(process.execPath, [
        join(here, 'harness', 'plain.ts'),
        job.name,
        job.input === 'file' ? inFile : String(inPort),
        String(outPort),
      ]),
  },
  {
    name: 'rsyslog',
    has: (job) => job.input !== 'http' && job.output !== 'http' && existsSync('/usr/sbin/rsyslogd'),
    start: startRsyslog,
  },
];

function startSluice({ job, inFile, inPort, outPort, dataDir }: Setting): Subject {
  const source = {
    file: { type: 'file', include: [inFile], data_dir: dataDir, glob_minimum_cooldown_ms: 100 },
    tcp: { type: 'socket', mode: 'tcp', address: `127.0.0.1:${inPort}` },
    http: { type: 'http_server', address: `127.0.0.1:${inPort}`, framing: { method: 'newline_delimited' } },
  }[job.input];
  const sink =
    job.output === 'tcp'
      ? { type: 'socket', mode: 'tcp', address: `127.0.0.1:${outPort}`, encoding: { codec: 'text' } }
      : job.output === 'http'
        ? {
            type: 'http',
            uri: `http://127.0.0.1:${outPort}/`,
            encoding: { codec: 'json' },
            framing: { method: 'newline_delimited' },
            batch: { max_bytes: 1_000_000 },
          }
        : { type: 'blackhole' };
  const path = join(dataDir, 'sluice.json');
  writeFileSync(
    path,
    JSON.stringify({
      data_dir: dataDir,
      sources: { in: source },
      sinks: { out: { inputs: ['in'], healthcheck: false, ...sink } },
    }),
  );
  return start(process.execPath, [...command, '--config', path, '-q']);
}

function startRsyslog({ job, inFile, inPort, outPort, dataDir }: Setting): Subject {
  const action =
    job.output === 'tcp'
      ? `action(type="omfwd" target="127.0.0.1" port="${outPort}" protocol="tcp" template="raw" queue.type="linkedlist" queue.size="50000")`
      : 'action(type="omfile" file="/dev/null" template="raw")';
  const input =
    job.input === 'tcp'
      ? `module(load="imtcp")\ninput(type="imtcp" port="${inPort}" address="127.0.0.1")`
      : `module(load="imfile")\ninput(type="imfile" file="${inFile}" tag="bench:" persistStateInterval="100000")`;
  const path = join(dataDir, 'rsyslog.conf');
  writeFileSync(
    path,
    `global(workDirectory="${dataDir}" maxMessageSize="64k")\ntemplate(name="raw" type="string" string="%rawmsg%\\n")\n${input}\n${action}\n`,
  );
  return start('/usr/sbin/rsyslogd', ['-n', '-f', path, '-i', join(dataDir, 'pid')]);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

interface Result {
  readonly mbPerSecond: number;
  readonly cpuPerGb: number;
  readonly peakMib: number;
}

async function measure(subject: (typeof SUBJECTS)[number], job: Job, data: string, dataBytes: number): Promise<Result> {
  const dataDir = mkdtempSync(join(folder, 'data-'));
  const [inPort, outPort] = [await freePort(), await freePort()];
  const loader = join(here, 'harness', 'load.ts');
  const receiver = job.output && spawn(process.execPath, [loader, 'receive', job.output, String(outPort)]);
  let received = { bytes: 0, lines: 0 };
  if (receiver) {
    receiver.stdout.setEncoding('utf8').on('data', (text: string) => {
      const last = text.trim().split('\n').at(-1)!.split(' ');
      if (last.length === 2) received = { bytes: Number(last[0]), lines: Number(last[1]) };
    });
    await until(() => isOpen(outPort), 'the receiver');
  }
  const inFile = join(dataDir, 'input.log');
  const running = subject.start({ job, inFile, inPort, outPort, dataDir });
  try {
    if (job.input !== 'file') await until(() => isOpen(inPort), `${subject.name} to listen: ${running.output()}`);
    else await new Promise((resolve) => setTimeout(resolve, START_MS));
    const before = running.usage();
    const started = performance.now();
    if (job.input === 'file') linkSync(data, inFile);
    const sender =
      job.input === 'file'
        ? undefined
        : spawn(process.execPath, [loader, 'send', job.input, String(inPort), join(folder, 'piece'), String(MIB)], {
            stdio: 'ignore',
          });
    const wantedLines = Math.round(dataBytes / LINE_BYTES);
    if (job.output)
      await until(
        () => {
          running.assertRunning();
          return received.lines >= wantedLines;
        },
        `${subject.name} to deliver ${wantedLines} lines, got ${received.lines}: ${running.output()}`,
        600_000,
      );
    else
      await until(
        () => running.usage().readBytes >= dataBytes,
        `${subject.name} to read ${dataBytes} bytes: ${running.output()}`,
        600_000,
      );
    const seconds = (performance.now() - started) / 1000;
    const after = running.usage();
    sender?.kill();
    if (received.lines > wantedLines)
      throw new Error(`${subject.name} delivered ${received.lines} lines for ${wantedLines}`);
    return {
      mbPerSecond: dataBytes / 1e6 / seconds,
      cpuPerGb: (after.cpuSeconds - before.cpuSeconds) / (dataBytes / 1e9),
      peakMib: after.peakMib,
    };
  } finally {
    await running.stop();
    receiver?.kill();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const LINE_BYTES = 275;

/** Programs that read a file get this long to start; then the file appears. */
const START_MS = 1_500;

/** JSON lines of exactly `LINE_BYTES` bytes with their newline. */
function piece(): Buffer {
  const lines: string[] = [];
  for (let i = 0; i < 7_000; i++) {
    const head = JSON.stringify({
      ts: 1_700_000_000_000 + i,
      level: i % 7 === 0 ? 'warn' : 'info',
      service: `svc-${i % 23}`,
      user_id: i * 7919,
      request: { path: `/api/v1/items/${i % 997}`, status: i % 11 === 0 ? 404 : 200 },
      text: '',
    });
    lines.push(`${head.slice(0, -2)}${'x'.repeat(LINE_BYTES - 1 - head.length)}"}`);
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

async function writeInput(path: string): Promise<number> {
  const data = readFileSync(join(folder, 'piece'));
  const repeat = Math.ceil((MIB * 2 ** 20) / data.length);
  const out = createWriteStream(path);
  for (let i = 0; i < repeat; i++) if (!out.write(data)) await new Promise((resolve) => out.once('drain', resolve));
  await new Promise<void>((resolve) => out.end(resolve));
  for await (const chunk of createReadStream(path)) void chunk; // into the page cache
  return repeat * data.length;
}

try {
  writeFileSync(join(folder, 'piece'), piece());
  const data = join(folder, 'input.log');
  const bytes = await writeInput(data);
  console.log(
    `${cpus().length} × ${cpus()[0]!.model}, Node ${process.versions.node}, ${(bytes / 1e6).toFixed(0)} MB of ${LINE_BYTES}-byte lines, median of ${flags.runs} runs\n`,
  );
  const rows: string[][] = [];
  for (const job of JOBS.filter(({ name }) => name.includes(flags.only))) {
    const subjects = SUBJECTS.filter((subject) => subject.has(job));
    const results = new Map(subjects.map(({ name }) => [name, [] as Result[]]));
    for (let run = 0; run < Number(flags.runs); run++) {
      for (const subject of subjects) results.get(subject.name)!.push(await measure(subject, job, data, bytes));
    }
    const middle = (name: string, pick: (result: Result) => number): number => median(results.get(name)!.map(pick));
    const yardstick = middle('plain Node', ({ cpuPerGb }) => cpuPerGb);
    for (const { name } of subjects) {
      const cpu = middle(name, ({ cpuPerGb }) => cpuPerGb);
      rows.push([
        job.name,
        name,
        middle(name, ({ mbPerSecond }) => mbPerSecond).toFixed(0),
        cpu.toFixed(2),
        (cpu / yardstick).toFixed(2),
        middle(name, ({ peakMib }) => peakMib).toFixed(0),
      ]);
    }
  }
  console.log(table(['job', 'program', 'MB/s', 'CPU s/GB', '× plain', 'peak RSS MiB'], rows));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// One program on one job: ready, data in, all of it out, and the output checked.

import { type ChildProcess, fork } from 'node:child_process';
import { createReadStream, existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkCounters, type Expectation, LineCheck, LineStream, leastBytes, type Verdict } from './check.ts';
import { countEvents, inForm, otlpLines } from './forms.ts';
import type { InputFile } from './inputs.ts';
import { type Job, POD_LOG, type Setting } from './job_list.ts';
import { freePort } from './ports.ts';
import { isListening, LOOK_MS, Pace, type Subject, sleep, until } from './process.ts';
import type { Program } from './programs.ts';
import { MOST, type Progress, type Report, type Role } from './traffic.ts';

export interface Result {
  readonly mbPerSecond: number;
  readonly cpuPerGb: number;
  readonly peakMib: number;
  /** What may be said about the output, though it is right as this program sees it. */
  readonly note: string | undefined;
}

export interface Task {
  readonly program: Program;
  readonly job: Job;
  readonly input: InputFile;
  /** Where data may lie; everything of the run is removed at its end. */
  readonly folder: string;
  readonly threads: number;
}

/** A program may take so long for a job. */
const JOB_LIMIT_MS = 900_000;

/** When data are missing and the program rests for so long, they are lost. */
const LOST_MS = 6_000;

/** Of a file, what is read to tell it from others is less. */
const FILE_BEGUN_BYTES = 100_000;
/** Of a file that is written, the end. Positions, which are written each second, are less. */
const FILE_GROWN_BYTES = 20_000;

/** A program without a port gets at least so long to start. */
const START_MS = 1_000;

/** Runs a job once. Throws when the output is not what it should be. */
export async function measure(task: Task): Promise<Result> {
  const [run] = await runTogether([task]);
  return {
    mbPerSecond: task.input.bytes / 1e6 / ((run!.endedMs - run!.beganMs) / 1000),
    cpuPerGb: run!.cpuSeconds / (task.input.bytes / 1e9),
    peakMib: run!.peakMib,
    note: run!.note,
  };
}

/** What one of several programs did. */
export interface Run {
  /** From the first byte in to the last byte out, as milliseconds of `Date.now()`. */
  readonly beganMs: number;
  readonly endedMs: number;
  readonly cpuSeconds: number;
  readonly peakMib: number;
  readonly note?: string | undefined;
}

/** Runs jobs at the same time: all are ready before any of them gets data. */
export async function runTogether(tasks: readonly Task[]): Promise<Run[]> {
  await using stack = new AsyncDisposableStack();
  const stands: Stand[] = [];
  for (const task of tasks) stands.push(stack.use(await Stand.build(task)));
  await Promise.all(stands.map((stand) => stand.ready()));
  const runs = await Promise.all(stands.map((stand) => stand.pass()));
  const notes: (string | undefined)[] = [];
  for (const stand of stands) notes.push(await stand.check());
  return runs.map((run, index) => ({ ...run, note: notes[index] }));
}

/** A program and the other ends of its job. */
class Stand {
  readonly #task: Task;
  readonly #setting: Setting;
  readonly #subject: Subject;
  readonly #receiver: Receiver | undefined;
  #sender: ChildProcess | undefined;
  #written = 0;
  /** The size of the output file when its lines were counted last. */
  #counted = -1;
  #linesExpected: number | undefined;

  static async build(task: Task): Promise<Stand> {
    const dataDir = mkdtempSync(join(task.folder, 'run-'));
    const setting = await newSetting(dataDir, task.threads);
    const output = task.program.output?.(task.job) ?? task.job.output;
    const receiver = output === 'tcp' || output === 'http' ? await startReceiver(output, task) : undefined;
    if (receiver) setting.outPort = receiver.port;
    else if (output === 'scrape') setting.outPort = await freePort();
    return new Stand(task, setting, await task.program.start(task.job, setting), receiver);
  }

  private constructor(task: Task, setting: Setting, subject: Subject, receiver: Receiver | undefined) {
    this.#task = task;
    this.#setting = setting;
    this.#subject = subject;
    this.#receiver = receiver;
  }

  /** Waits until the program listens, if it is to, and rests. */
  ready(): Promise<void> {
    const { job, program } = this.#task;
    return ready(
      this.#subject,
      job.input === 'file' || job.input === 'pod' ? undefined : this.#setting.inPort,
      () => `${program.name} on ${job.id}`,
    );
  }

  /** Gives the data, and waits until all of them are out and the program rests. */
  async pass(): Promise<Run> {
    const { program, job, input } = this.#task;
    const pace = new Pace(this.#subject);
    const before = this.#subject.usage();
    const startMs = Date.now();
    const sending = this.#give();
    let beganMs = sending ? startMs : undefined;
    let usage = before;
    const writesFile = job.output === 'file' || job.output === 'discard';
    let wroteAtMs: number | undefined;
    for (;;) {
      const lookMs = Date.now();
      if (lookMs - startMs > JOB_LIMIT_MS || sending?.failure !== undefined) {
        throw new Error(`${program.name} did not end ${job.id}: ${sending?.failure ?? ''} ${this.#subject.output()}`);
      }
      const written = usage.writtenBytes;
      usage = pace.look();
      if (writesFile && usage.writtenBytes - written > FILE_GROWN_BYTES) wroteAtMs = lookMs;
      const read = usage.readBytes - before.readBytes;
      // A file is found some time after it appeared: the clock runs from the first read.
      if (read > FILE_BEGUN_BYTES) beganMs ??= lookMs - LOOK_MS;
      const isIn = sending ? sending.isDone : read >= input.bytes;
      if (isIn && pace.isQuiet && (await this.#isOut())) break;
      // The check will say what is missing.
      if (pace.quietMs > LOST_MS) break;
      await sleep(LOOK_MS);
    }
    this.#written = usage.writtenBytes - before.writtenBytes;
    beganMs ??= startMs;
    const mostMs = this.#receiver?.progress.mostAtMs;
    return {
      beganMs,
      endedMs: mostMs === undefined ? (wroteAtMs ?? pace.activeAtMs) : beganMs + (mostMs - beganMs) / MOST,
      cpuSeconds: usage.cpuSeconds - before.cpuSeconds,
      peakMib: this.#subject.peakMib(),
    };
  }

  /** Whether all of the output is there; looks at a file only when it has grown. */
  async #isOut(): Promise<boolean> {
    const { job, input, program } = this.#task;
    if (this.#receiver) return this.#receiver.progress.isComplete;
    const path = this.#setting.outFile;
    if (job.output !== 'file' || !existsSync(path)) return job.output !== 'file';
    const { size } = statSync(path);
    if (size === this.#counted) return false;
    this.#counted = size;
    this.#linesExpected ??= new LineCheck(input, job.expectation as Expectation).linesExpected;
    let lines = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      lines += countEvents(chunk, program.form?.(job) ?? 'lines');
    }
    return lines >= this.#linesExpected;
  }

  #give(): { isDone: boolean; failure?: string } | undefined {
    const { job, input } = this.#task;
    if (job.input === 'file' || job.input === 'pod') {
      const path = join(this.#setting.inDir, job.input === 'pod' ? POD_LOG : 'input.log');
      mkdirSync(dirname(path), { recursive: true });
      linkSync(input.path, path);
      return undefined;
    }
    const sending: { isDone: boolean; failure?: string } = { isDone: false };
    this.#sender = startChild({ role: 'send', protocol: job.input, port: this.#setting.inPort, input });
    this.#sender.on('message', () => {
      sending.isDone = true;
    });
    this.#sender.on('exit', (code) => {
      if (!sending.isDone) sending.failure = `the sender ended with ${code}`;
    });
    return sending;
  }

  /** Throws when the output is not right; resolves with what may be wrong with this program's. */
  async check(): Promise<string | undefined> {
    const { program, job, input } = this.#task;
    const where = `${program.name} on ${job.id}`;
    if (job.output === 'none') {
      const taken = await program.linesTaken?.(this.#setting, this.#subject);
      if (taken === undefined || taken === input.lines) return undefined;
      throw new Error(`${where} took ${taken} lines of ${input.lines}: ${this.#subject.output()}`);
    }
    if (job.output === 'discard') {
      const least = leastBytes(input, job.expectation as Expectation);
      if (this.#written < least) throw new Error(`${where} wrote ${this.#written} bytes, but there must be ${least}`);
      return undefined;
    }
    if (job.output === 'scrape') {
      const response = await fetch(`http://127.0.0.1:${this.#setting.outPort}/metrics`);
      const wrong = checkCounters(input, job.expectation as Expectation, await response.text());
      if (wrong !== undefined) throw new Error(`${where}: ${wrong}; ${this.#subject.output()}`);
      return undefined;
    }
    const verdict = this.#receiver
      ? await this.#receiver.verdict()
      : await verdictOfFile(this.#task, this.#setting.outFile);
    const { lost, doubled, wrong, disordered, example } = verdict;
    if (lost + doubled + wrong === 0 && (disordered === 0 || program.disorders)) {
      return disordered === 0 ? undefined : `${disordered} of ${verdict.lines} lines out of order`;
    }
    throw new Error(
      `${where}: ${lost} lost, ${doubled} doubled, ${wrong} wrong, ${disordered} out of order of ${input.lines} lines; ${example}\n${this.#subject.output()}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#subject.stop();
    this.#sender?.kill();
    this.#receiver?.child.kill();
    rmSync(this.#setting.dataDir, { recursive: true, force: true });
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Folders and ports of one run. */
export async function newSetting(dataDir: string, threads: number): Promise<Writable<Setting>> {
  const inDir = join(dataDir, 'in');
  mkdirSync(inDir);
  return { dataDir, inDir, inPort: await freePort(), outPort: 0, outFile: join(dataDir, 'output.log'), threads };
}

/** Waits until a program listens on `port`, if it is to, and rests. */
export async function ready(subject: Subject, port: number | undefined, what: () => string): Promise<void> {
  const startMs = Date.now();
  const pace = new Pace(subject);
  await until(
    () => {
      pace.look();
      return pace.isQuiet && (port === undefined ? Date.now() - startMs >= START_MS : isListening(port));
    },
    () => `${what()} to be ready: ${subject.output()}`,
  );
}

interface Receiver {
  readonly child: ChildProcess;
  readonly port: number;
  readonly progress: Progress;
  verdict(): Promise<Verdict>;
}

async function startReceiver(protocol: 'tcp' | 'http', { job, input, program }: Task): Promise<Receiver> {
  const child = startChild({ role: 'receive', protocol, job: job.id, input, form: program.form?.(job) ?? 'lines' });
  let progress: Progress = { type: 'progress', lines: 0, bytes: 0, isComplete: false, mostAtMs: undefined };
  const listening = Promise.withResolvers<number>();
  const verdict = Promise.withResolvers<Verdict>();
  child.on('message', (report: Report) => {
    if (report.type === 'progress') progress = report;
    else if (report.type === 'listening') listening.resolve(report.port);
    else if (report.type === 'verdict') verdict.resolve(report.verdict);
  });
  child.on('exit', (code) => {
    for (const waiting of [listening, verdict]) waiting.reject(new Error(`the receiver ended with ${code}`));
  });
  // Whoever waits hears of it.
  verdict.promise.catch(() => {});
  return {
    child,
    port: await listening.promise,
    get progress() {
      return progress;
    },
    verdict() {
      child.send('end');
      return verdict.promise;
    },
  };
}

function startChild(role: Role): ChildProcess {
  return fork(join(import.meta.dirname, 'traffic.ts'), [JSON.stringify(role)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

async function verdictOfFile({ job, input, program }: Task, path: string): Promise<Verdict> {
  const form = program.form?.(job) ?? 'lines';
  const check = new LineCheck(input, inForm(job.expectation as Expectation, form));
  const stream = check.stream();
  const take = form === 'otlp' ? otlpStream(stream) : stream;
  if (existsSync(path)) for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) take.push(chunk);
  take.end();
  return check.verdict();
}

/** Each line of the file holds many events. */
function otlpStream(stream: LineStream): LineStream {
  return new LineStream((line) => stream.push(Buffer.from(otlpLines(line.toString('utf8'), 'file'))));
}

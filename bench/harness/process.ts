// One program under measurement: started, watched through Linux's /proc, stopped.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second of /proc times on Linux. */
const TICKS_PER_SECOND = 100;

/** A look at a process tree. */
export interface Usage {
  /** User and system CPU seconds, with those of children that have ended. */
  readonly cpuSeconds: number;
  /** Resident memory now, summed, MiB. */
  readonly rssMib: number;
  /** Bytes read and written by system calls of the `read` and `write` kind. */
  readonly readBytes: number;
  readonly writtenBytes: number;
}

export interface Subject {
  readonly pid: number;
  readonly output: () => string;
  /** Throws with the program's output when it has ended. */
  assertRunning(): void;
  /** Looks at the tree, and remembers its peak. Throws when the program has ended. */
  usage(): Usage;
  /** The highest sum of resident memory over the tree, MiB: exact for a single process, else the highest that was seen. */
  peakMib(): number;
  /** Asks it to end, and makes it after ten seconds. */
  stop(): Promise<void>;
}

/** Most characters of a program's output that are kept. */
const OUTPUT_CHARS_MAX = 4_000;

/** Starts a program; the end of its output is kept for error messages, as is the reason why it did not start. */
export function start(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Subject {
  if (!existsSync('/proc/self/stat')) throw new Error('measuring reads /proc, which only Linux has');
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  // When the benchmark ends before it, by a signal or an error.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_CHARS_MAX);
    });
  }
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    const over = (reason: string): void => {
      isOver = true;
      process.off('exit', kill);
      output += reason;
      resolve();
    };
    child.once('close', (code, signal) => over(`ended with ${signal ?? code}\n`));
    child.once('error', (error) => over(`${error.message}\n`));
  });
  const assertRunning = (): void => {
    if (isOver || child.pid === undefined) throw new Error(`${command} ${args.join(' ')}: ${output}`);
  };
  const peaks = { sumMib: 0, alone: true };
  return {
    pid: child.pid ?? -1,
    output: () => output,
    assertRunning,
    usage() {
      assertRunning();
      const pids = tree(child.pid!);
      if (pids.length > 1) peaks.alone = false;
      const usage = usageOf(pids);
      peaks.sumMib = Math.max(peaks.sumMib, usage.rssMib);
      return usage;
    },
    peakMib: () => Math.max(peaks.sumMib, peaks.alone ? statusMib(child.pid!, 'VmHWM') : 0),
    stop: () => stop(child, ended),
  };
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}

function usageOf(pids: readonly number[]): Usage {
  const total = { cpuSeconds: 0, rssMib: 0, readBytes: 0, writtenBytes: 0 };
  for (const pid of pids) {
    try {
      const ticks = statOf(pid).slice(11, 15).map(Number);
      total.cpuSeconds += ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND;
      total.rssMib += statusMib(pid, 'VmRSS');
      const io = readFileSync(`/proc/${pid}/io`, 'utf8');
      total.readBytes += Number(/rchar: (\d+)/.exec(io)?.[1] ?? 0);
      total.writtenBytes += Number(/wchar: (\d+)/.exec(io)?.[1] ?? 0);
    } catch {
      // The process ended between two looks.
    }
  }
  return total;
}

function statusMib(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
}

/** The fields of /proc/PID/stat from the state on; the name before it may hold blanks and brackets. */
function statOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
}

/** A process and all below it. */
function tree(root: number): number[] {
  const all = [root];
  for (const pid of all) all.push(...childrenOf(pid));
  return all;
}

/** The kernel's own list where it keeps one: to look at every process takes longer than some of what is measured. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return existsSync(`/proc/${process.pid}/task/${process.pid}/children`) ? [] : childrenBySearch(pid);
  }
}

function childrenBySearch(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(statOf(pid)[1]) === parent;
      } catch {
        // It ended meanwhile.
        return false;
      }
    });
}

/** Whether somebody listens on a port of 127.0.0.1 (or of all addresses), without connecting to it. */
export function isListening(port: number): boolean {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return ['tcp', 'tcp6'].some((name) =>
    new RegExp(`: \\w+:${wanted} \\w+:0000 0A `).test(readFileSync(`/proc/net/${name}`, 'utf8')),
  );
}

/** Between two looks: the looking takes CPU from what is measured. */
export const LOOK_MS = 25;

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks `condition` now and then until it holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: () => string,
  timeoutMs = 120_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`gave up waiting for ${what()}`);
    await sleep(LOOK_MS);
  }
}

/** A program that used at most one tick in this time waits for something. */
const QUIET_MS = 300;

/** A tick now and then is a timer of its own, and so are a few bytes. */
const TICKS_IDLE = 1.5;
const BYTES_IDLE = 4_096;

/** Follows a subject: whether it rests, and since when. */
export class Pace {
  readonly #subject: Subject;
  readonly #looks: { readonly atMs: number; readonly cpuSeconds: number }[] = [];
  #mark: Usage | undefined;
  #quietSinceMs: number | undefined;
  /** When it was last seen working, as milliseconds of `Date.now()`. */
  activeAtMs: number = Date.now();

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  look(): Usage {
    const usage = this.#subject.usage();
    const atMs = Date.now();
    this.#mark ??= usage;
    const ticks = (usage.cpuSeconds - this.#mark.cpuSeconds) * TICKS_PER_SECOND;
    const bytes = usage.readBytes - this.#mark.readBytes + usage.writtenBytes - this.#mark.writtenBytes;
    if (ticks > TICKS_IDLE || bytes > BYTES_IDLE) {
      this.activeAtMs = atMs;
      this.#mark = usage;
    }
    this.#looks.push({ atMs, cpuSeconds: usage.cpuSeconds });
    while (this.#looks.length > 1 && this.#looks[1]!.atMs <= atMs - QUIET_MS) this.#looks.shift();
    this.#quietSinceMs = this.#looksQuiet() ? (this.#quietSinceMs ?? atMs) : undefined;
    return usage;
  }

  /** Whether it has used at most a tick for a while. */
  get isQuiet(): boolean {
    return this.#quietSinceMs !== undefined;
  }

  /** For how long that has been so. */
  get quietMs(): number {
    return this.#quietSinceMs === undefined ? 0 : Date.now() - this.#quietSinceMs;
  }

  #looksQuiet(): boolean {
    const [first, last] = [this.#looks[0]!, this.#looks.at(-1)!];
    if (last.atMs - first.atMs < QUIET_MS) return false;
    return (last.cpuSeconds - first.cpuSeconds) * TICKS_PER_SECOND <= TICKS_IDLE;
  }
}

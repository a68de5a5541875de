// One program under measurement: started, watched through Linux's /proc, stopped.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second of /proc times on Linux. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  /** User and system CPU seconds of the whole process tree. */
  readonly cpuSeconds: number;
  /** Peak resident memory of the largest process, MiB. */
  readonly peakMib: number;
  /** Bytes read by system calls. */
  readonly readBytes: number;
}

export interface Subject {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Throws with the program's output when it has ended. */
  assertRunning(): void;
  /** Throws as well when it has ended: then there is nothing to read any more. */
  usage(): Usage;
  /** Asks it to end, and makes it after five seconds. */
  stop(): Promise<void>;
}

/** Starts a program; its output is kept (the last 64 KiB) for error messages, as is the reason why it did not start. */
export function start(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Subject {
  if (!existsSync('/proc/self/stat')) throw new Error('measuring reads /proc, which only Linux has');
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-65_536);
    });
  }
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    const over = (reason: string): void => {
      isOver = true;
      output += reason;
      resolve();
    };
    child.once('exit', (code, signal) => over(`ended with ${signal ?? code}\n`));
    child.once('error', (error) => over(`${error.message}\n`));
  });
  const assertRunning = (): void => {
    if (isOver || child.pid === undefined) throw new Error(`${command} ${args.join(' ')}: ${output}`);
  };
  return {
    child,
    output: () => output,
    assertRunning,
    usage() {
      assertRunning();
      return usageOf(child.pid!);
    },
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(timer);
    },
  };
}

function usageOf(root: number): Usage {
  const total = { cpuSeconds: 0, peakMib: 0, readBytes: 0 };
  for (const pid of tree(root)) {
    try {
      const fields = statOf(pid);
      total.cpuSeconds += (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
      const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      total.peakMib = Math.max(total.peakMib, Number(peak?.[1] ?? 0) / 1024);
      total.readBytes += Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0);
    } catch {
      // The process ended between two looks.
    }
  }
  return total;
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

/** Between two looks: the looking takes CPU from what is measured. */
const LOOK_MS = 25;

/** Asks `condition` now and then until it holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 120_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

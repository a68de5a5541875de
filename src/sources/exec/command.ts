// Runs one command to its end, hands over what it writes, and ends it when it is time.
//
//   spawn ─► output is read ─► exit ─► output is over ─► finished
//              │ stop, or the limit has passed: SIGTERM, after KILL_AFTER_MS SIGKILL, to the command and its children;
//              └ output that somebody else keeps open then is cut off after OUTPUT_AFTER_MS

import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Stream } from '../../component/stream_intake.ts';
import { type Connection, takeStream } from '../../net/stream/connection.ts';
import type { Clock, Timer } from '../../std/clock.ts';

const KILL_AFTER_MS = 5_000;
const OUTPUT_AFTER_MS = 1_000;

export interface Command {
  readonly words: readonly string[];
  readonly environment: ReadonlyMap<string, string> | undefined;
  readonly clearEnvironment: boolean;
  readonly directory: string | undefined;
  readonly includeStderr: boolean;
}

export interface CommandOptions {
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** A command that runs longer is ended. */
  readonly limitMs: number | undefined;
  /** Reads one of the outputs; `onGone` when all of it was sent. */
  readonly read: (connection: Connection, stream: 'stdout' | 'stderr', pid: number, onGone: () => void) => Stream;
}

export interface Finished {
  /** Undefined when a signal ended the command. */
  readonly exitCode: number | undefined;
  readonly seconds: number;
  readonly timedOut: boolean;
}

/** Runs a command. Resolves when it has ended and all of its output was sent; rejects when it cannot be started. */
export async function runCommand(command: Command, options: CommandOptions): Promise<Finished> {
  const { clock, stop, limitMs } = options;
  const startedMs = clock.monotonic();
  const child = await start(command);
  const outputs = [
    readOutput(options, child, 'stdout'),
    ...(child.stderr ? [readOutput(options, child, 'stderr')] : []),
  ];
  const exited = new Promise<number | undefined>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode ?? undefined);
    else child.once('exit', (code) => resolve(code ?? undefined));
  });
  const timers: Timer[] = [];
  const end = (): void => {
    signal(child, 'SIGTERM');
    timers.push(clock.after(KILL_AFTER_MS, () => signal(child, 'SIGKILL')));
    void exited.then(() => timers.push(clock.after(OUTPUT_AFTER_MS, () => cutOff(outputs))));
  };
  let timedOut = false;
  if (limitMs !== undefined)
    timers.push(
      clock.after(limitMs, () => {
        timedOut = true;
        end();
      }),
    );
  if (stop.aborted) end();
  else stop.addEventListener('abort', end, { once: true });
  const exitCode = await exited;
  const seconds = (clock.monotonic() - startedMs) / 1000;
  await Promise.all(outputs.map(({ gone }) => gone));
  stop.removeEventListener('abort', end);
  for (const timer of timers) timer.cancel();
  return { exitCode, seconds, timedOut };
}

/** Starts it in a process group of its own, so that a signal reaches its children too. */
function start(command: Command): Promise<ChildProcess> {
  const [program, ...args] = command.words;
  const child = spawn(program!, args, {
    cwd: command.directory,
    env: { ...(command.clearEnvironment ? {} : process.env), ...Object.fromEntries(command.environment ?? []) },
    stdio: ['ignore', 'pipe', command.includeStderr ? 'pipe' : 'ignore'],
    detached: true,
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      child.off('error', reject);
      // A signal that cannot be delivered is no reason to end the process.
      child.on('error', () => {});
      resolve(child);
    });
  });
}

interface Reading {
  readonly stream: Stream;
  readonly gone: Promise<void>;
}

function readOutput({ read }: CommandOptions, child: ChildProcess, name: 'stdout' | 'stderr'): Reading {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const stream = read(takeStream(child[name] as Socket), name, child.pid!, resolve);
  return { stream, gone };
}

function cutOff(outputs: readonly Reading[]): void {
  for (const { stream } of outputs) if (!stream.isGone) stream.finish();
}

/** Signals the command's process group; one that is gone already needs no signal. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, name);
  } catch {
    child.kill(name);
  }
}

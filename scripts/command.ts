// Runs a command to its end and keeps what it printed, within limits of time and size.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('..', import.meta.url));

/** The Node that runs this script: the pinned one, when started through the bootstrap. */
export const NODE: string = process.execPath;

/** Ends a process that this one started, when this one is killed. */
const LIFELINE = new URL('../bin/lifeline.js', import.meta.url).href;

/** Most characters of output that are kept; what comes later is dropped, and said to be. */
const OUTPUT_CHARS_MAX = 4 * 1024 * 1024;

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** After this time the command and all it started are killed. */
  readonly limitMs?: number;
}

export interface CommandEnd {
  /** The exit code; undefined when a signal or the limit ended it. */
  readonly code: number | undefined;
  /** Whether the limit ended it. */
  readonly timedOut: boolean;
  /** Standard output and error, in the order they came. */
  readonly output: string;
  readonly ms: number;
}

/** Runs a program with arguments. Never rejects: a program that cannot start has no exit code and says why in `output`. */
export function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> {
  return start(program, args, options, ['ignore', 'pipe', 'pipe']);
}

/** Runs a script with this Node. The script and all it started end when this process is killed. */
export function runScript(args: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> {
  const env = { ...(options.env ?? process.env), SLUICE_LIFELINE: '1' };
  return start(NODE, ['--import', LIFELINE, ...args], { ...options, env }, ['ignore', 'pipe', 'pipe', 'ipc']);
}

function start(
  program: string,
  args: readonly string[],
  { cwd = ROOT, env = process.env, limitMs }: CommandOptions,
  stdio: ('ignore' | 'pipe' | 'ipc')[],
): Promise<CommandEnd> {
  const startedMs = performance.now();
  // A group of its own, so that the limit reaches everything it started.
  const child = spawn(program, args, { cwd, env, stdio, detached: true });
  let output = '';
  let dropped = 0;
  const keep = (chunk: string): void => {
    const room = OUTPUT_CHARS_MAX - output.length;
    output += chunk.slice(0, room);
    dropped += Math.max(0, chunk.length - room);
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  return new Promise((resolve) => {
    let timedOut = false;
    const kill = (): void => {
      timedOut = true;
      killGroup(child.pid);
    };
    const timer = limitMs === undefined ? undefined : setTimeout(kill, limitMs);
    const finish = (code: number | undefined): void => {
      clearTimeout(timer);
      if (dropped > 0) output += `\n… and ${dropped} characters more`;
      resolve({ code: timedOut ? undefined : code, timedOut, output, ms: performance.now() - startedMs });
    };
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      output += error.message;
      finish(undefined);
    });
    // Something it left running may hold the pipes open: what is there a moment after its end is all we wait for.
    child.once('exit', (code) => {
      const late = setTimeout(() => {
        killGroup(child.pid);
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, 2_000);
      child.once('close', () => {
        clearTimeout(late);
        finish(code ?? undefined);
      });
    });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

/** A time for people: `0.3 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Text moved to the right. */
export function indent(text: string, by = '    '): string {
  return text.replace(/^(?=.)/gm, by);
}

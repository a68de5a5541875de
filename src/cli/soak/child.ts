// A process that runs a configuration under watch: this command itself, with a channel through which it tells its memory.

import { type ChildProcess, spawn } from 'node:child_process';
import { ownCommand } from '../../std/own_files.ts';
import type { MemorySample } from '../profile/memory_sample.ts';
import type { EventsSent, SoakMessage, SoakRequest } from './report_memory.ts';

/** Which code allocated, in how long. */
export type Allocations = Omit<Extract<SoakMessage, { kind: 'sites' }>, 'kind'>;

export interface Watched {
  readonly samples: readonly MemorySample[];
  /** At the last sample. */
  readonly sent: EventsSent;
  readonly stdin: ChildProcess['stdin'];
  /** Resolves when the process has begun to report; rejects with what it said when it ends before. */
  readonly started: Promise<void>;
  /** Resolves when it has ended by itself, with what it said last. */
  readonly ended: Promise<string>;
  /** Has it watch who allocates for so long. Undefined when it does not answer. */
  watchAllocations(secs: number): Promise<Allocations | undefined>;
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly config: string;
  readonly sampleMs: number;
  readonly env: NodeJS.ProcessEnv;
  readonly flags: readonly string[];
}

/** What a process said last is kept up to here. */
const SAID_MAX = 4_000;
/** An orderly stop may take this long, and an answer as well. */
const PATIENCE_MS = 60_000;
const WATCH_SAMPLES_MIN = 10;

export function watchChild({ config, sampleMs, env, flags }: ChildOptions): Watched {
  const args = ['--config', config, '--memory-samples', String(sampleMs), '--graceful-shutdown-limit-secs', '5', '-q'];
  const [program, ...first] = ownCommand();
  const child = spawn(program, [...first, ...args, ...flags], {
    // The channel would not survive the published command replacing itself by a tuned process.
    env: { ...env, SLUICE_RUNTIME_TUNED: '1' },
    stdio: ['pipe', 'ignore', 'pipe', 'ipc'],
  });
  const samples: MemorySample[] = [];
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  let sent: EventsSent = {};
  let said = '';
  let answer: ((sites: Extract<SoakMessage, { kind: 'sites' }> | undefined) => void) | undefined;
  child.stdin?.on('error', () => {});
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_MAX);
  });
  child.on('message', (message: SoakMessage) => {
    if (message.kind === 'sites') return answer?.(message);
    samples.push(message.sample);
    ({ sent } = message);
    started.resolve();
  });
  child.on('error', (error) => finish(error.message));
  child.on('close', () => finish(said.trim()));
  started.promise.catch(() => {});
  return {
    samples,
    get sent() {
      return sent;
    },
    stdin: child.stdin,
    started: started.promise,
    ended: ended.promise,
    watchAllocations: async (secs) => {
      ask('watch');
      // A busy machine may be slow to begin with it.
      const enough = samples.length + WATCH_SAMPLES_MIN;
      const untilMs = performance.now() + secs * 1000;
      while (child.connected && (performance.now() < untilMs || samples.length < enough))
        await new Promise((resolve) => setTimeout(resolve, 100));
      return new Promise((resolve) => {
        if (!ask('sites')) return resolve(undefined);
        const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
        answer = (sites) => {
          clearTimeout(timer);
          resolve(sites);
        };
      });
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await ended.promise;
      clearTimeout(timer);
    },
  };

  function ask(request: SoakRequest): boolean {
    if (child.connected) child.send(request);
    return child.connected;
  }

  function finish(text: string): void {
    answer?.(undefined);
    started.reject(new Error(text));
    ended.resolve(text);
  }
}

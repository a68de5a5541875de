// Runs `journalctl` and hands over the lines it writes; ends it when it is time.
//
//   spawn ─► lines ─► exit
//              │ stop: SIGTERM, and SIGKILL after KILL_AFTER_MS; what it wrote until then is left in the journal

import { type ChildProcess, spawn } from 'node:child_process';
import { buildFrameDecoder } from '../../codecs/framing/framing.ts';
import type { Clock } from '../../std/clock.ts';

const KILL_AFTER_MS = 5000;

/** As much of what it says on standard error is kept. */
const SAID_BYTES_MAX = 4096;

/** Longer lines are dropped: bytes take up to five characters each. */
export const LINE_BYTES_MAX = 8 * 1024 * 1024;

export interface JournalctlOptions {
  readonly journalctl_path: string | undefined;
  readonly journal_directory: string | undefined;
  readonly journal_namespace: string | undefined;
  readonly current_boot_only: boolean;
  readonly since_now: boolean;
  readonly extra_args: readonly string[];
}

/** The words of the command that follows the journal from behind `cursor`. */
export function journalctlCommand(options: JournalctlOptions, cursor: string | undefined): readonly string[] {
  const { journal_directory: folder, journal_namespace: namespace } = options;
  const words = [options.journalctl_path ?? 'journalctl', '--follow', '--all', '--show-cursor', '--output=json'];
  if (folder !== undefined) words.push(`--directory=${folder}`);
  if (namespace !== undefined) words.push(`--namespace=${namespace}`);
  // Following shows the current boot alone unless journals are merged.
  words.push(options.current_boot_only ? '--boot' : '--merge');
  if (cursor !== undefined) words.push(`--after-cursor=${cursor}`);
  else if (options.since_now) words.push('--since=now');
  // Without a place to begin, following shows the last few entries only.
  else words.push('--since=2000-01-01');
  return [...words, ...options.extra_args];
}

export interface FollowOptions {
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** Bytes as they come, before their lines. */
  readonly onRead: (bytes: number) => void;
  readonly onLine: (line: Buffer) => void;
  /** A line was too long. */
  readonly onDiscard: (length: number) => void;
  /** The lines of one read are over; reading goes on when it resolves. */
  readonly onPause: () => Promise<void> | undefined;
}

export interface Ended {
  readonly exitCode: number | undefined;
  /** What it said on standard error. */
  readonly said: string;
}

/** Follows until the command ends or is told to. Rejects when it cannot be started. */
export async function follow(words: readonly string[], options: FollowOptions): Promise<Ended> {
  const child = await start(words);
  const said = lastWords(child);
  const exited = new Promise<number | undefined>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode ?? undefined);
    else child.once('exit', (code) => resolve(code ?? undefined));
  });
  const end = (): void => {
    child.kill('SIGTERM');
    const timer = options.clock.after(KILL_AFTER_MS, () => child.kill('SIGKILL'));
    void exited.then(() => timer.cancel());
    child.stdout!.destroy();
  };
  if (options.stop.aborted) end();
  else options.stop.addEventListener('abort', end, { once: true });
  try {
    await readLines(child, options);
  } finally {
    options.stop.removeEventListener('abort', end);
    if (child.exitCode === null && child.signalCode === null && !options.stop.aborted) end();
  }
  return { exitCode: await exited, said: said() };
}

function start([program, ...args]: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
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

function lastWords(child: ChildProcess): () => string {
  let said = '';
  child.stderr!.setEncoding('latin1').on('data', (text: string) => {
    said = (said + text).slice(-SAID_BYTES_MAX);
  });
  return () => said.trim();
}

async function readLines(child: ChildProcess, { clock, stop, ...on }: FollowOptions): Promise<void> {
  const lines = buildFrameDecoder(
    { method: 'newline_delimited', newline_delimited: { max_length: LINE_BYTES_MAX, oversized_action: 'drop' } },
    { onDiscard: (_, length) => on.onDiscard(length), clock },
  );
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      on.onRead(chunk.length);
      lines.push(chunk, on.onLine);
      await on.onPause();
    }
  } catch (error) {
    // It was told to end with lines still to be read.
    if (!stop.aborted) throw error;
  }
}

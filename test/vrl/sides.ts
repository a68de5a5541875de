// The two implementations that are compared, each as something that answers batches of cases. A case that never ends,
// or takes its process along, is answered for and the rest goes on.

import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Case } from './generate.ts';
import type { Reply } from './reply.ts';

export interface Side extends AsyncDisposable {
  /** The replies, in the order of the cases. */
  answer(cases: readonly Case[]): Promise<readonly Reply[]>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = fileURLToPath(new URL('oracle/', import.meta.url));
const BINARY = `${FOLDER}target/release/vrl-oracle`;

/** A case may take this long. */
const CASE_MS_MAX = 20_000;

/** So much address space, in KiB: a program that multiplies a string must not take the machine down. */
const ORACLE_KIB_MAX = 4_000_000;

/** Why the original cannot be run; undefined when it is built. With `build`, builds it when `cargo` is there. */
export function oracleMissing(build: boolean): string | undefined {
  if (existsSync(BINARY)) return undefined;
  const how = 'it takes some minutes: SLUICE_ORACLE=1, or `cargo build --release --locked` in test/vrl/oracle';
  if (!build) return `the original is not built; ${how}`;
  const built = spawnSync('cargo', ['build', '--release', '--locked'], {
    cwd: FOLDER,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (built.error !== undefined) return `cargo is not installed, which builds the original; ${how}`;
  return built.status === 0 ? undefined : `cargo could not build the original (exit code ${built.status})`;
}

/** The functions that the original has. */
export function oracleFunctions(): ReadonlySet<string> {
  return new Set(
    spawnSync(BINARY, ['--functions'], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter((name) => name !== ''),
  );
}

type OracleProcess = ChildProcessByStdio<Writable, Readable, null>;

/** The original, as a child process that is started again when it dies. */
export class Oracle implements Side {
  private child: OracleProcess | undefined;
  private received: (text: string) => void = () => {};

  async answer(cases: readonly Case[]): Promise<readonly Reply[]> {
    const replies: Reply[] = [];
    while (replies.length < cases.length) {
      const end = await this.ask(cases.slice(replies.length), replies);
      if (end !== undefined) replies.push({ id: cases[replies.length]!.id, crash: end });
    }
    return replies;
  }

  /** Adds replies until all are there (undefined) or the process ends (why). */
  private ask(cases: readonly Case[], replies: Reply[]): Promise<string | undefined> {
    const child = this.start();
    const target = replies.length + cases.length;
    return new Promise((resolve) => {
      let rest = '';
      const finish = (end: string | undefined): void => {
        clearTimeout(timer);
        child.off('close', died);
        if (end !== undefined) {
          child.kill('SIGKILL');
          this.child = undefined;
        }
        resolve(end);
      };
      const died = (): void => finish('the process died');
      let timer = setTimeout(() => finish('no end'), CASE_MS_MAX);
      child.once('close', died);
      this.received = (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop()!;
        for (const line of lines) replies.push(JSON.parse(line) as Reply);
        clearTimeout(timer);
        if (replies.length >= target) finish(undefined);
        else timer = setTimeout(() => finish('no end'), CASE_MS_MAX);
      };
      child.stdin.write(cases.map((one) => `${JSON.stringify(one)}\n`).join(''));
    });
  }

  private start(): OracleProcess {
    if (this.child !== undefined) return this.child;
    const limited = `ulimit -v ${ORACLE_KIB_MAX} 2>/dev/null; exec "$0"`;
    const child = spawn('sh', ['-c', limited, BINARY], {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, TZ: 'UTC' },
    });
    child.stdin.on('error', () => {});
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.received(text));
    this.child = child;
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child?.kill('SIGKILL');
  }
}

/** Ours, in a worker thread that is replaced when it does not come back. */
export class Ours implements Side {
  private worker: Worker | undefined;
  /** How many cases of the batch are done, written by the worker. */
  private readonly done = new Int32Array(new SharedArrayBuffer(4));

  async answer(cases: readonly Case[]): Promise<readonly Reply[]> {
    const replies: Reply[] = [];
    while (replies.length < cases.length) {
      const rest = cases.slice(replies.length);
      const some = await this.ask(rest);
      if (Array.isArray(some)) {
        replies.push(...some);
        continue;
      }
      // Those before it are run again, as their replies went with the worker.
      const before = Atomics.load(this.done, 0);
      if (before > 0) replies.push(...(await this.answer(rest.slice(0, before))));
      replies.push({ id: rest[before]!.id, crash: String(some) });
    }
    return replies;
  }

  private ask(cases: readonly Case[]): Promise<Reply[] | string> {
    Atomics.store(this.done, 0, 0);
    this.worker ??= new Worker(new URL('ours_worker.ts', import.meta.url), {
      workerData: this.done,
      env: { ...process.env, TZ: 'UTC' },
    });
    const worker = this.worker;
    return new Promise((resolve) => {
      let seen = -1;
      const finish = (end: Reply[] | string): void => {
        clearInterval(timer);
        worker.off('message', finish).off('error', failed).off('exit', ended);
        if (!Array.isArray(end)) {
          this.worker = undefined;
          void worker.terminate();
        }
        resolve(end);
      };
      const failed = (error: unknown): void => finish(`the worker died: ${error}`);
      const ended = (): void => finish('the worker ended');
      const timer = setInterval(() => {
        const now = Atomics.load(this.done, 0);
        if (now === seen) finish('no end');
        seen = now;
      }, CASE_MS_MAX);
      worker.once('message', finish);
      worker.once('error', failed);
      worker.once('exit', ended);
      worker.postMessage(cases);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker?.terminate();
  }
}

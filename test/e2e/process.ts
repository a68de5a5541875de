// Runs the real command in a folder of its own and lets a test watch it: output, log lines, memory, exit. Nothing here
// sleeps: every wait is for a condition, looked at whenever the process says something and every few milliseconds.
//
// Log lines are JSON and come without a rate limit, so that one line stands for one step of an error counter
// (`Faults` counts and logs in one call).

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { temporaryFolder } from '../../src/testing/component.ts';

export const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

/** A condition that does not come true in this time has failed. */
const DEADLINE_MS = 45_000;

/** How often a condition is looked at when nothing is said. */
const LOOK_MS = 15;

/** Signals closer together than this may be one, sent to the process and to its group. */
const ONE_SIGNAL_MS = 300;

/** Most that is kept of each output. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly component_id?: string;
  readonly error_type?: string;
  readonly error_code?: string;
  readonly stage?: string;
  readonly [field: string]: unknown;
}

export interface ProcessOptions {
  /** The configuration: text, or a value that is written as JSON. A function gets the folder. */
  readonly config?: unknown;
  /** More files in the folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** In place of `--config FILE`; a function gets the folder. */
  readonly command?: readonly string[] | ((folder: string) => readonly string[]);
  /** Flags behind the command. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdio?: StdioOptions;
  /** In place of the sources and the Node that runs the test. */
  readonly program?: readonly [path: string, ...args: string[]];
  /** Keep the JSON log format and unlimited log lines away, for tests about logs and for commands without them. */
  readonly plainLogs?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class SluiceProcess implements AsyncDisposable {
  readonly folder: string;
  readonly child: ChildProcess;
  /** Resolves when the process is gone and all of its output has been read. */
  readonly exited: Promise<Exit>;
  stdout = '';
  stderr = '';
  #exit: Exit | undefined;
  readonly #removeFolder: () => void;
  readonly #lookers = new Set<() => void>();

  constructor(folder: string, removeFolder: () => void, args: readonly string[], options: ProcessOptions) {
    this.folder = folder;
    this.#removeFolder = removeFolder;
    const [path, ...first] = options.program ?? [process.execPath, MAIN];
    this.child = spawn(path, [...first, ...args], {
      cwd: folder,
      env: { ...cleanEnvironment(), ...options.env },
      stdio: options.stdio ?? 'pipe',
    });
    running.add(this.child);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout = kept(this.stdout, text);
      this.#look();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = kept(this.stderr, text);
      this.#look();
    });
    // Writing to a process that went away is a case that tests bring about on purpose.
    this.child.stdin?.on('error', () => {});
    this.exited = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => {
        running.delete(this.child);
        this.#exit = { code, signal };
        this.#look();
        resolve(this.#exit);
      });
    });
    this.exited.catch(() => {});
  }

  get pid(): number {
    return this.child.pid!;
  }

  get stdin(): Writable {
    return this.child.stdin!;
  }

  get output(): Readable {
    return this.child.stdout!;
  }

  /** Undefined while the process runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** Complete lines of standard output. */
  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  /** Lines of standard output, each parsed as JSON. */
  get events(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Log lines so far; what is no JSON on standard error is left out. */
  get logs(): LogLine[] {
    return this.stderr
      .split('\n')
      .slice(0, -1)
      .flatMap((line) => {
        try {
          return [JSON.parse(line) as LogLine];
        } catch {
          return [];
        }
      });
  }

  /** Log lines that hold all of these fields; a pattern stands for every text that it matches. */
  logged(fields: Readonly<Record<string, unknown>>): LogLine[] {
    return this.logs.filter((line) =>
      Object.entries(fields).every(([name, value]) =>
        value instanceof RegExp ? value.test(String(line[name])) : line[name] === value,
      ),
    );
  }

  /** Resolves with what `condition` gives once that is neither undefined nor false. Rejects when it cannot come true. */
  until<T>(what: string, condition: () => T | undefined | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearInterval(timer);
        clearTimeout(deadline);
        this.#lookers.delete(look);
        settle();
      };
      const fail = (why: string): void => finish(() => reject(new Error(`${what}: ${why}\n${this.#report()}`)));
      const look = (): void => {
        try {
          const result = condition();
          if (result !== undefined && result !== false) finish(() => resolve(result));
          else if (this.#exit) fail(`the process ended with ${this.#exit.signal ?? this.#exit.code}`);
        } catch (error) {
          finish(() => reject(error));
        }
      };
      const timer = setInterval(look, LOOK_MS);
      const deadline = setTimeout(() => fail(`not within ${DEADLINE_MS / 1000} seconds`), DEADLINE_MS);
      this.#lookers.add(look);
      look();
    });
  }

  /** Resolves with the first log line that holds all of these fields. */
  untilLogged(fields: Readonly<Record<string, unknown>>): Promise<LogLine> {
    return this.until(`a log line ${describe(fields)}`, () => this.logged(fields)[0]);
  }

  /** Resolves when the topology runs. */
  async started(): Promise<this> {
    await this.untilLogged({ message: 'Sluice has started.' });
    return this;
  }

  /** The port that a source listens on; for sources configured with port 0. */
  port(component: string): Promise<number> {
    return this.until(`the port of ${component}`, () => {
      for (const line of this.logged({ component_id: component, message: /^Listening/ })) {
        const port = Number(line['port'] ?? /:(\d+)$/.exec(String(line['address']))?.[1]);
        if (port > 0) return port;
      }
      return undefined;
    });
  }

  /** Resolves with the lines of standard output once there are `count` of them. */
  printed(count: number): Promise<string[]> {
    return this.until(`${count} lines of output`, () => this.lines.length >= count && this.lines);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Asks the process to stop; resolves when it has. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.signal(signal);
    return this.ended();
  }

  /** Signals a process that is stopping already: not at once, as two signals in a moment are taken for one. */
  async insist(signal: NodeJS.Signals): Promise<Exit> {
    const line = await this.untilLogged({ message: /^Sluice is stopping/ });
    const sinceMs = Date.parse(String(line['timestamp']));
    await this.until('a moment to pass', () => Date.now() - sinceMs > ONE_SIGNAL_MS);
    this.signal(signal);
    return this.ended();
  }

  /** Resolves when the process has ended by itself; rejects when it does not. */
  ended(): Promise<Exit> {
    return this.until('the end of the process', () => this.#exit);
  }

  /** Resident memory now and the most there ever was, in MiB; undefined where the system does not tell. */
  memory(): { readonly now: number; readonly peak: number } | undefined {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
      const mib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)![1]) / 1024;
      return { now: mib('VmRSS'), peak: mib('VmHWM') };
    } catch {
      return undefined;
    }
  }

  /** Open file descriptors; undefined where the system does not tell. */
  descriptors(): number | undefined {
    try {
      return readdirSync(`/proc/${this.pid}/fd`).length;
    } catch {
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#exit) this.child.kill('SIGKILL');
    this.child.stdin?.destroy();
    await this.exited.catch(() => {});
    this.#removeFolder();
  }

  #look(): void {
    for (const look of [...this.#lookers]) look();
  }

  #report(): string {
    return `stdout: ${this.stdout.slice(-1000)}\nstderr: ${this.stderr.slice(-4000)}`;
  }
}

/** Starts the command. Dispose of it with `await using`: whatever happens, the process does not outlive its test. */
export function sluice(options: ProcessOptions): SluiceProcess {
  const folder = temporaryFolder();
  const { config, files = {}, command, args = [], plainLogs = false } = options;
  const given = typeof config === 'function' ? (config as (path: string) => unknown)(folder.path) : config;
  if (given !== undefined) writeConfig(folder.path, given);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), text);
  }
  const start =
    typeof command === 'function' ? command(folder.path) : (command ?? ['--config', configFile(folder.path)]);
  const logs = plainLogs || command ? [] : ['--log-format', 'json', '--internal-log-rate-limit', '0'];
  return new SluiceProcess(folder.path, () => folder[Symbol.dispose](), [...start, ...logs, ...args], options);
}

/** What a command that ends by itself printed. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, with `input` on its standard input. */
export async function runSluice(
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: ProcessOptions['env'] } = {},
): Promise<Ran> {
  await using process = sluice({ command: args, env });
  process.stdin.end(input);
  const { code } = await process.ended();
  return { code, stdout: process.stdout, stderr: process.stderr };
}

/** Where the configuration of a process in this folder is. */
export function configFile(folder: string): string {
  return join(folder, 'sluice.yaml');
}

/** Writes the configuration of a process in this folder: text, or a value as JSON (which is YAML too). */
export function writeConfig(folder: string, config: unknown): void {
  writeFileSync(configFile(folder), typeof config === 'string' ? config : JSON.stringify(withDataDir(config, folder)));
}

function withDataDir(config: unknown, folder: string): unknown {
  return { data_dir: folder, ...(config as object) };
}

/** The environment without what would steer the command or send its requests elsewhere. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:VECTOR|SLUICE|NODE)_|^LOG$|_proxy$/i.test(name)),
  );
}

function kept(before: string, text: string): string {
  if (before.length + text.length > OUTPUT_BYTES_MAX) throw new Error('the process prints more than a test can keep');
  return before + text;
}

function describe(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** Processes that still run when the tests are over, for whatever reason, end with them. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

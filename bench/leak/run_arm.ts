// One run of one arm: generator, pipeline and receiver as processes of their own, a scrape every second, and a sample of
// the pipeline every second, until the time is over or so many events came out.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../harness/ports.ts';
import type { Arm } from './arms.ts';
import { configuration } from './configuration.ts';
import type { PipelineOptions, PipelineSample } from './pipeline.ts';
import type { Run, Sample } from './samples.ts';

export interface RunOptions {
  readonly arm: Arm;
  /** Either may end it. */
  readonly minutes: number | undefined;
  readonly events: number | undefined;
  readonly batchEvents: number | undefined;
  /** Events a second at most. */
  readonly rate: number;
  readonly seedLeakPerSecond: number;
  readonly warmUpSecs: number | undefined;
  readonly concurrency: number;
  readonly threads: number;
  readonly collectSecs: number;
  /** The module that runs the pipeline, and whether it is a bundle. */
  readonly pipeline: string;
  readonly isBundled: boolean;
  /** Where the logs go while it runs. */
  readonly folder: string;
}

/** As the published command has them (bin/tune.js), and the collector within reach. */
const PIPELINE_FLAGS = [
  '--expose-gc',
  '--max-semi-space-size=2',
  '--initial-old-space-size=8',
  '--no-maglev',
  '--no-concurrent-recompilation',
  '--v8-pool-size=1',
];

/** A run must move within this time. */
const STALL_SECS = 60;

/** Series that are not there by then are late. */
const SETTLED_SECS = 10;
const SERIES_MAX = 10_000;

export async function runArm(options: RunOptions): Promise<Run> {
  const folder = mkdtempSync(join(options.folder, 'leak-'));
  const children: ChildProcess[] = [];
  const startedAt = new Date().toISOString();
  try {
    const receiver = child('receiver.ts', []);
    children.push(receiver);
    const [{ port }] = (await once(receiver, 'message')) as [{ port: number }];
    const metricsPort = await freePort();
    const { arm, batchEvents, concurrency, threads, collectSecs, seedLeakPerSecond } = options;
    const config = join(folder, 'sluice.yaml');
    writeFileSync(config, configuration({ variant: arm.variant, folder, port, metricsPort, batchEvents, concurrency }));
    const generator = child('generator.ts', [
      folder,
      String(options.events ?? Number.MAX_SAFE_INTEGER),
      batchEvents === undefined ? 'fast' : 'slow',
      String(options.rate),
    ]);
    const given: PipelineOptions = { arm, config, threads, collectSecs, seedLeakPerSecond };
    const pipeline = fork(options.pipeline, [JSON.stringify(given)], {
      execArgv: PIPELINE_FLAGS,
      env: { ...process.env, MALLOC_ARENA_MAX: '2' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    children.push(generator, pipeline);
    const watch = new Watch(options, { receiver, generator, pipeline }, metricsPort);
    const samples = await watch.finished;
    return {
      arm: arm.name,
      batchEvents,
      seedLeakPerSecond,
      machine: `${cpus().length} × ${cpus()[0]!.model}`,
      node: process.versions.node,
      isBundled: options.isBundled,
      startedAt,
      warmUpSecs: options.warmUpSecs ?? samples.at(-1)!.t / 3,
      scrapeBytes: watch.scrapeBytes,
      scrapeMs: watch.scrapeMs,
      lost: watch.lost,
      othersCpu: watch.othersCpu,
      lateSeries: watch.lateSeries,
      samples,
    };
  } finally {
    for (const one of children) one.kill('SIGKILL');
    await Promise.all(children.map((one) => one.exitCode === null && one.signalCode === null && once(one, 'exit')));
    rmSync(folder, { recursive: true, force: true });
  }
}

function child(module: string, args: readonly string[]): ChildProcess {
  return fork(join(import.meta.dirname, module), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

interface Processes {
  readonly receiver: ChildProcess;
  readonly generator: ChildProcess;
  readonly pipeline: ChildProcess;
}

/** Follows a run to its end. */
class Watch {
  readonly finished: Promise<readonly Sample[]>;
  scrapeBytes = 0;
  scrapeMs = 0;
  lost = 0;
  readonly lateSeries: { readonly t: number; readonly name: string }[] = [];
  readonly #series = new Set<string>();
  readonly #options: RunOptions;
  readonly #processes: Processes;
  readonly #metricsPort: number;
  readonly #samples: Sample[] = [];
  readonly #startMs = performance.now();
  #received = { requests: 0, events: 0, cpu: 0 };
  #generatorCpu = 0;
  #movedAtSecs = 0;
  #isScraping = false;

  constructor(options: RunOptions, processes: Processes, metricsPort: number) {
    this.#options = options;
    this.#processes = processes;
    this.#metricsPort = metricsPort;
    this.finished = new Promise((resolve, reject) => this.#follow(resolve, reject));
  }

  get othersCpu(): number {
    return this.#received.cpu + this.#generatorCpu;
  }

  #follow(resolve: (samples: readonly Sample[]) => void, reject: (error: Error) => void): void {
    const { receiver, generator, pipeline } = this.#processes;
    for (const [name, one] of Object.entries(this.#processes) as [string, ChildProcess][])
      one.once('exit', (code, signal) => reject(new Error(`the ${name} ended: ${code ?? signal}`)));
    receiver.on('message', (counted: { requests: number; events: number; cpu: number }) => {
      this.#received = counted;
      if (this.#options.arm.variant !== 'blackhole') this.#tell(counted.events);
    });
    generator.on('message', ({ cpu }: { cpu: number }) => void (this.#generatorCpu = cpu));
    pipeline.on('message', (message: PipelineSample) => {
      this.#take(message);
      void this.#scrape();
      const last = this.#samples.at(-1)!;
      if (last.t - this.#movedAtSecs > STALL_SECS) reject(new Error(`nothing moved for ${STALL_SECS} s`));
      if (this.#isOver(last)) resolve(this.#samples);
    });
  }

  #take({ taken, lost, ...held }: PipelineSample): void {
    const isBlackhole = this.#options.arm.variant === 'blackhole';
    const { requests, events } = isBlackhole ? { requests: 0, events: taken } : this.#received;
    if (isBlackhole) this.#tell(taken);
    this.lost = lost;
    const t = (performance.now() - this.#startMs) / 1000;
    if (events !== (this.#samples.at(-1)?.events ?? 0)) this.#movedAtSecs = t;
    this.#samples.push({ t, ...held, events, requests });
  }

  #tell(events: number): void {
    if (this.#processes.generator.connected) this.#processes.generator.send(events, () => {});
  }

  #isOver({ t, events }: Sample): boolean {
    const { minutes, events: eventsMax } = this.#options;
    return (minutes !== undefined && t >= minutes * 60) || (eventsMax !== undefined && events >= eventsMax);
  }

  /** A series that comes late is why a registry grows: it is to be known by name. */
  #lookForSeries(text: string): void {
    const t = Math.round((performance.now() - this.#startMs) / 1000);
    for (const [, name] of text.matchAll(/^([^#\s{]+(?:\{[^}\n]*\})?) /gm)) {
      if (name === undefined || this.#series.has(name) || this.#series.size >= SERIES_MAX) continue;
      this.#series.add(name);
      if (t > SETTLED_SECS && !/_bucket\{|_sum\b|_count\b/.test(name)) this.lateSeries.push({ t, name });
    }
  }

  async #scrape(): Promise<void> {
    if (this.#options.arm.variant === 'unread' || this.#isScraping) return;
    this.#isScraping = true;
    const startMs = performance.now();
    try {
      const response = await fetch(`http://127.0.0.1:${this.#metricsPort}/metrics`);
      const text = await response.text();
      this.scrapeBytes = text.length;
      this.scrapeMs = performance.now() - startMs;
      this.#lookForSeries(text);
    } catch {
      // It is not up yet, or is about to end.
    } finally {
      this.#isScraping = false;
    }
  }
}

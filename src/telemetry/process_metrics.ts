// What the process tells of itself: Vector's own series of a process, and those of Node under names of ours. One timer
// samples all of it, and each sample costs the same however long the process runs.

import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Clock, Timer } from '../std/clock.ts';
import { version } from '../std/version.ts';
import {
  type Counter,
  defineCounter,
  defineGauge,
  defineHistogram,
  type Gauge,
  type Labels,
  type Recorder,
} from './telemetry.ts';

const buildInfo = defineGauge({
  name: 'build_info',
  doc: 'Always 1; the labels tell what runs. `rust_version` is the version of Node, under the name that dashboards know.',
  labels: ['arch', 'debug', 'revision', 'rust_version', 'version'].map((name) => ({ name, limit: 1 })),
});
const uptime = defineGauge({ name: 'uptime_seconds', doc: 'Seconds since the process started.' });

/** Moments of the life of the process, each counted once it has come. */
export const lifeCycle = {
  started: defineCounter({ name: 'started_total', doc: 'Whether the pipeline has started.' }),
  stopped: defineCounter({ name: 'stopped_total', doc: 'Whether the pipeline was stopped in order.' }),
  quit: defineCounter({ name: 'quit_total', doc: 'Whether the process was told to quit at once.' }),
  reloaded: defineCounter({ name: 'reloaded_total', doc: 'Reloads of the configuration that were done.' }),
  apiStarted: defineCounter({ name: 'api_started_total', doc: 'Whether the API answers.' }),
};

const gauge = (name: string, doc: string) => defineGauge({ name: `sluice_process_${name}`, doc });

const gauges = {
  resident: gauge('resident_bytes', 'Memory of the process that is in RAM.'),
  heapUsed: gauge('heap_used_bytes', 'Bytes of objects in the heap of the main thread, garbage included.'),
  heapTotal: gauge('heap_total_bytes', 'Bytes that the heap of the main thread has of the system.'),
  heapLimit: gauge('heap_limit_bytes', 'Bytes that the heap of the main thread may grow to.'),
  external: gauge('external_bytes', 'Bytes outside of the heap that objects of it hold, array buffers included.'),
  arrayBuffers: gauge('array_buffer_bytes', 'Bytes of array buffers, shared ones left out.'),
  arena: gauge('arena_bytes', 'Bytes of slots for data in flight, used or not.'),
  openFiles: gauge('open_files', 'Open file descriptors: files, sockets, and those of Node itself.'),
  threads: gauge('threads', 'Threads of the process, those of Node and V8 included.'),
};
const cpu = defineCounter({
  name: 'sluice_process_cpu_seconds_total',
  doc: 'CPU time that the process has used.',
  hasFractions: true,
  labels: [{ name: 'mode', values: ['user', 'system'] }],
});
const loopDelay = defineHistogram({
  name: 'sluice_process_event_loop_delay_seconds',
  doc: 'How late a timer of the main thread fires, once a second.',
});
const gcPause = defineHistogram({
  name: 'sluice_process_gc_pause_seconds',
  doc: 'How long collections of garbage held up the main thread.',
  labels: [{ name: 'kind', values: ['minor', 'major', 'incremental', 'weakcb', 'other'] }],
});

const INTERVAL_MS = 1_000;
/** Counting files takes longer the more are open. */
const FILES_EVERY = 10;

/** By `NODE_PERFORMANCE_GC_…`. */
const GC_KINDS: Readonly<Record<number, string>> = {
  1: 'minor',
  2: 'minor',
  4: 'major',
  8: 'incremental',
  16: 'weakcb',
};

export interface ProcessSurroundings {
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** Bytes of all slots. */
  readonly arenaBytes: () => number;
}

/** Samples the process until the result is called. */
export function sampleProcess({ recorder, clock, arenaBytes }: ProcessSurroundings): () => void {
  const sample = sampler(recorder, clock, arenaBytes);
  const delays = recorder.histogram(loopDelay);
  const unwatch = watchCollections(recorder);
  let dueMs = clock.monotonic();
  let timer: Timer | undefined;
  function tick(): void {
    delays.record(Math.max(0, clock.monotonic() - dueMs) / 1000);
    sample();
    dueMs = clock.monotonic() + INTERVAL_MS;
    timer = clock.after(INTERVAL_MS, tick);
  }
  tick();
  return () => {
    timer?.cancel();
    unwatch();
  };
}

function buildLabels(): Labels {
  const arch = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  return { arch, debug: 'false', revision: version(), rust_version: process.versions.node, version: version() };
}

function sampler(recorder: Recorder, clock: Clock, arenaBytes: () => number): () => void {
  const bound = Object.fromEntries(
    Object.entries(gauges).map(([name, definition]) => [name, recorder.gauge(definition)]),
  ) as Record<keyof typeof gauges, Gauge>;
  // Set again and again, as series that are not may expire.
  const build = recorder.gauge(buildInfo, buildLabels());
  const up = recorder.gauge(uptime);
  const startedMs = clock.monotonic() - process.uptime() * 1000;
  const user = growing(recorder.counter(cpu, { mode: 'user' }));
  const system = growing(recorder.counter(cpu, { mode: 'system' }));
  let round = 0;
  return () => {
    build.set(1);
    up.set((clock.monotonic() - startedMs) / 1000);
    const memory = process.memoryUsage();
    bound.resident.set(memory.rss);
    bound.heapUsed.set(memory.heapUsed);
    bound.heapTotal.set(memory.heapTotal);
    bound.heapLimit.set(getHeapStatistics().heap_size_limit);
    bound.external.set(memory.external);
    bound.arrayBuffers.set(memory.arrayBuffers);
    bound.arena.set(arenaBytes());
    const used = process.cpuUsage();
    user(used.user / 1e6);
    system(used.system / 1e6);
    const threads = threadCount();
    if (threads !== undefined) bound.threads.set(threads);
    if (round++ % FILES_EVERY === 0)
      void openFiles().then((count) => count !== undefined && bound.openFiles.set(count));
  };
}

/** Adds what a number has grown by. */
function growing(counter: Counter): (total: number) => void {
  let told = 0;
  return (total) => {
    if (total <= told) return;
    counter.add(total - told);
    told = total;
  };
}

function watchCollections(recorder: Recorder): () => void {
  const pauses = new Map(Object.values(GC_KINDS).map((kind) => [kind, recorder.histogram(gcPause, { kind })] as const));
  const other = recorder.histogram(gcPause, { kind: 'other' });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) (pauses.get(kindOf(entry)) ?? other).record(entry.duration / 1000);
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}

function kindOf(entry: PerformanceEntry): string {
  const { detail } = entry as { readonly detail?: { readonly kind?: number } };
  return GC_KINDS[detail?.kind ?? 0] ?? 'other';
}

/** Undefined where there is no /proc. */
function threadCount(): number | undefined {
  try {
    const text = readFileSync('/proc/self/stat', 'latin1');
    // The name of the program, in parentheses, may hold anything; the count is the 18th field behind it.
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[17]);
  } catch {
    return undefined;
  }
}

/** Newer kernels tell the number as the size of the folder. Undefined where there is no /proc. */
async function openFiles(): Promise<number | undefined> {
  try {
    const { size } = await stat('/proc/self/fd');
    return size > 0 ? size : (await readdir('/proc/self/fd')).length;
  } catch {
    return undefined;
  }
}

// Sends what the kernel tells about this host as metrics, at intervals: from /proc and /sys, or where the environment
// variables PROCFS_ROOT and SYSFS_ROOT say that those of the host are, inside a container.
//
// Bound: processes, control groups and sensors a round have limits (see their collectors); what lies beyond one is said
// and counted as an error. While the pipeline is busy rounds are left out, not queued.

import { existsSync } from 'node:fs';
import type { SourceContext } from '../../component/context.ts';
import { defineSource, type Output } from '../../component/define.ts';
import { aborted } from '../../component/late_output.ts';
import { metricBatch } from '../../event/batch.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { array, type ConfigOf, object, oneOf, string, uint } from '../../schema/schema.ts';
import { sleep } from '../../std/clock.ts';
import { componentReceivedBytes, Throughput } from '../../telemetry/component_metrics.ts';
import { cgroupsCollector } from './cgroups.ts';
import { cpuCollector } from './cpu.ts';
import { diskCollector } from './disk.ts';
import { filesystemCollector } from './filesystem.ts';
import { filter } from './filter.ts';
import { hostCollector, loadCollector } from './load.ts';
import { memoryCollector } from './memory.ts';
import { networkCollector, tcpCollector } from './network.ts';
import { processCollector } from './process.ts';
import { type Collect, type Roots, Round } from './round.ts';
import { temperatureCollector } from './temperature.ts';

/** In the order in which they report. */
const COLLECTORS = [
  'cgroups',
  'cpu',
  'process',
  'disk',
  'filesystem',
  'load',
  'host',
  'memory',
  'network',
  'tcp',
  'temperature',
] as const;

type CollectorName = (typeof COLLECTORS)[number];

const options = {
  cgroups: object('What is reported of control groups.', {
    base: string('The group to begin with, in place of the root.', { optional: true, examples: ['/system.slice'] }),
    base_dir: string('Where control groups are mounted, in place of `fs/cgroup` below `/sys`.', {
      optional: true,
      hidden: true,
      syntax: 'path',
    }),
    groups: filter('groups', { includes: 'user.slice/*', excludes: '*.service' }),
    levels: uint('How many levels of groups are reported; 1 is the root, or `base`, alone.', { default: 100, min: 1 }),
  }),
  collectors: array(oneOf([...COLLECTORS], 'A collector.'), 'What is collected.', {
    default: ['cpu', 'disk', 'filesystem', 'load', 'host', 'memory', 'network', 'process', 'cgroups', 'tcp'],
    examples: [['cgroups', 'cpu', 'disk', 'filesystem', 'load', 'host', 'memory', 'network', 'tcp']],
  }),
  disk: object('What is reported of block devices.', {
    devices: filter('devices', { includes: 'sda', excludes: 'dm-*' }),
  }),
  filesystem: object('What is reported of filesystems.', {
    devices: filter('devices', { includes: '/dev/sda*', excludes: '/dev/dm-*' }),
    filesystems: filter('types of filesystems', { includes: 'ext4', excludes: 'ext*' }),
    mountpoints: filter('mount points', { includes: '/home', excludes: '/raid*' }),
  }),
  namespace: string('The namespace of all metrics; an empty one is none.', { default: 'host' }),
  network: object('What is reported of network devices.', {
    devices: filter('devices', { includes: 'eth*', excludes: 'lo' }),
  }),
  process: object('What is reported of processes.', {
    processes: filter('processes', { includes: 'docker', excludes: 'kworker*' }),
  }),
  scrape_interval_secs: uint('Seconds between two rounds.', { default: 15, unit: 'seconds' }),
};

type Config = ConfigOf<typeof options>;

/** Shorter intervals are as good as this one. */
const INTERVAL_MIN_MS = 100;

export const source = defineSource({
  type: 'host_metrics',
  status: 'stable',
  summary: 'Collects metrics about this host.',
  options,
  examples: [
    { title: 'Everything, every 15 seconds', config: '' },
    {
      title: 'Some of it',
      config:
        'collectors: [cpu, memory, network]\nscrape_interval_secs: 60\nnetwork:\n  devices:\n    excludes: ["lo", "veth*"]',
    },
  ],
  outputs: () => [{ port: undefined, types: ['metric'] }],
  acknowledges: false,
  build(config, context) {
    const { PROCFS_ROOT: proc = '/proc', SYSFS_ROOT: sys = '/sys' } = process.env;
    if (!existsSync(proc)) throw new Error(`there is no ${proc} here: metrics of the host are collected on Linux only`);
    const collectors = collectorsOf(config, { proc, sys });
    return { run: (output, stop) => emit(config, context, collectors, output, stop) };
  },
});

/** The collectors that are switched on. */
export function collectorsOf(config: Config, roots: Roots): Map<CollectorName, Collect> {
  const make: Readonly<Record<CollectorName, () => Collect>> = {
    cgroups: () => cgroupsCollector(roots, config.cgroups),
    cpu: () => cpuCollector(roots),
    process: () => processCollector(roots, config.process.processes),
    disk: () => diskCollector(roots, config.disk.devices),
    filesystem: () => filesystemCollector(roots, config.filesystem),
    load: () => loadCollector(roots),
    host: () => hostCollector(roots),
    memory: () => memoryCollector(roots),
    network: () => networkCollector(roots, config.network.devices),
    tcp: () => tcpCollector(roots),
    temperature: () => temperatureCollector(roots),
  };
  return new Map(COLLECTORS.filter((name) => config.collectors.includes(name)).map((name) => [name, make[name]()]));
}

async function emit(
  config: Config,
  context: SourceContext,
  collectors: ReadonlyMap<CollectorName, Collect>,
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  const { clock, globals } = context;
  const intervalMs = Math.max(config.scrape_interval_secs * 1000, INTERVAL_MIN_MS);
  const received = Throughput.received(context);
  context.counter(componentReceivedBytes, { protocol: 'none' }).add(0);
  for (let next = clock.monotonic(); !stop.aborted; next = Math.max(next + intervalMs, clock.monotonic())) {
    await sleep(clock, next - clock.monotonic(), stop);
    if (stop.aborted) return;
    // A filesystem may not answer for long.
    const round = await Promise.race([gather(config.namespace, context, collectors), aborted(stop)]);
    if (!round) return;
    const { events } = round;
    for (let start = 0; start < events.length; start += globals.chunkSizeEvents) {
      const batch = metricBatch(events.slice(start, start + globals.chunkSizeEvents));
      received.add(batch.count, batch.sizeBytes);
      await output.send(batch);
    }
  }
}

/** One round; a collector that fails is an error, and the others report. */
export async function gather(
  namespace: string,
  { id, type, clock, globals, faults }: SourceContext,
  collectors: ReadonlyMap<CollectorName, Collect>,
): Promise<Round> {
  const failed = (message: string, error: unknown): void =>
    faults.error(message, {
      type: 'reader_failed',
      stage: 'receiving',
      fields: { error: error instanceof Error ? error.message : String(error) },
    });
  const round = new Round({
    namespace,
    host: globals.hostname,
    timestamp: Timestamp.fromMs(clock.now()),
    metadata: { value: {}, sourceId: id, sourceType: type },
    monotonicMs: clock.monotonic(),
    failed,
  });
  for (const [name, collect] of collectors) {
    round.begin(name);
    try {
      await collect(round);
    } catch (error) {
      failed(`Failed to collect metrics of the collector ${name}.`, error);
    }
  }
  return round;
}

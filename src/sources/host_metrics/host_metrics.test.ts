import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { MetricEvent } from '../../event/metric.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { FakeClock } from '../../std/clock.ts';
import { parseConfig, startSource, temporaryFolder, testContext } from '../../testing/component.ts';
import { filesystemCollector } from './filesystem.ts';
import { collectorsOf, gather, source } from './host_metrics.ts';
import { parseStat, processCollector } from './process.ts';
import type { Collect } from './round.ts';

type Files = Readonly<Record<string, string>>;

/** A system that consists of these files, `proc/…` and `sys/…`. */
function system(files: Files) {
  const folder = temporaryFolder();
  const write = (more: Files): void => {
    for (const [name, text] of Object.entries(more)) {
      const path = join(folder.path, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  };
  write(files);
  return {
    roots: { proc: join(folder.path, 'proc'), sys: join(folder.path, 'sys') },
    write,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** What a collector reports, as `name{tag=value,…}` with the value, without what all metrics have. */
async function collect(files: Files, raw: Record<string, unknown>) {
  using on = system(files);
  const config = parseConfig(source, raw);
  return await report(collectorsOf(config, on.roots));
}

async function report(collectors: ReadonlyMap<string, Collect>, clock = new FakeClock()) {
  const { context, recorder, records } = testContext('source', 'host_metrics', { clock });
  const { events } = await gather('host', context, collectors as ReturnType<typeof collectorsOf>);
  const values = Object.fromEntries(
    events.map((event) => [
      nameOf(event),
      event.value.type === 'gauge' || event.value.type === 'counter' ? event.value.value : undefined,
    ]),
  );
  return { events, values, errors: recorder.read('component_errors_total'), records };
}

function nameOf({ name, tags }: MetricEvent): string {
  const shown = [...tags!].filter(([tag]) => tag !== 'collector' && tag !== 'host');
  return shown.length === 0 ? name : `${name}{${shown.map(([tag, value]) => `${tag}=${value}`).join(',')}}`;
}

const STAT = `cpu  300 20 100 5000 40 0 5 0 0 0
cpu0 200 10 50 2500 30 0 5 0 0 0
cpu1 100 10 50 2500 10 0 0 0 0 0
intr 12345
btime 1700000000
`;

test('a metric says when, where and by which collector it was made', async () => {
  const clock = new FakeClock();
  using on = system({ 'proc/loadavg': '0.50 1.25 2.00 3/400 12345\n' });
  const config = parseConfig(source, { collectors: ['load'] });
  const { events } = await report(collectorsOf(config, on.roots), clock);
  assert.deepEqual(events[0], {
    name: 'load1',
    namespace: 'host',
    tags: new Map([
      ['collector', 'load'],
      ['host', 'test-host'],
    ]),
    timestamp: Timestamp.fromMs(clock.now()),
    kind: 'absolute',
    value: { type: 'gauge', value: 0.5 },
    metadata: { value: {}, sourceId: 'test', sourceType: 'host_metrics' },
  });
});

test('load and host', async () => {
  const files = { 'proc/loadavg': '0.50 1.25 2.00 3/400 12345\n', 'proc/uptime': '1234.50 99.0\n', 'proc/stat': STAT };
  const { values } = await collect(files, { collectors: ['load', 'host'] });
  assert.deepEqual(values, { load1: 0.5, load5: 1.25, load15: 2, uptime: 1234.5, boot_time: 1_700_000_000 });
});

test('processors, by the time they spent, and cores', async () => {
  const processor = (n: number) => `processor\t: ${n}\nphysical id\t: 0\ncore id\t\t: 0\n`;
  const { values, events } = await collect(
    { 'proc/stat': STAT, 'proc/cpuinfo': `${processor(0)}\n${processor(1)}\n` },
    { collectors: ['cpu'] },
  );
  assert.equal(values['cpu_seconds_total{cpu=0,mode=user}'], 2);
  assert.equal(values['cpu_seconds_total{cpu=0,mode=io_wait}'], 0.3);
  assert.equal(values['cpu_seconds_total{cpu=1,mode=idle}'], 25);
  assert.equal(values['cpu_seconds_total{cpu=1,mode=nice}'], 0.1);
  assert.equal(values['cpu_seconds_total{cpu=1,mode=system}'], 0.5);
  assert.equal(values['logical_cpus'], 2);
  assert.equal(values['physical_cpus'], 1);
  assert.equal(events.filter(({ value }) => value.type === 'counter').length, 10);
});

test('devices, those that are wanted', async () => {
  const files = {
    'proc/diskstats':
      '   8  0 sda 10 1 20 5 30 2 40 6 0 7 8\n   7  0 loop0 1 0 2 0 0 0 0 0 0 0 0\n   8  1 sda1 1 0 2 0 3 0 4 0 0 0 0\n',
  };
  const { values } = await collect(files, {
    collectors: ['disk'],
    disk: { devices: { includes: ['sd*'], excludes: ['sda?'] } },
  });
  assert.deepEqual(values, {
    'disk_read_bytes_total{device=sda}': 10_240,
    'disk_reads_completed_total{device=sda}': 10,
    'disk_written_bytes_total{device=sda}': 20_480,
    'disk_writes_completed_total{device=sda}': 30,
  });
});

const MOUNTS = {
  'proc/filesystems': 'nodev\ttmpfs\nnodev\toverlay\n\text4\n\txfs\n',
  'proc/mounts':
    '/dev/sda1 / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/sdb1 /mnt/a\\040b xfs rw 0 0\nnone /odd xfs rw 0 0\n',
};

test('filesystems on devices, how full they are', async () => {
  using on = system(MOUNTS);
  const { filesystem } = parseConfig(source, { filesystem: { devices: { excludes: ['/dev/sda*'] } } });
  const asked: string[] = [];
  const usageOf = async (mountpoint: string) => {
    asked.push(mountpoint);
    return { bsize: 1000, blocks: 100, bfree: 40, bavail: 20 };
  };
  const { values } = await report(new Map([['filesystem', filesystemCollector(on.roots, filesystem, usageOf)]]));
  assert.deepEqual(asked, ['/mnt/a b', '/odd']);
  const tags = '{filesystem=xfs,mountpoint=/mnt/a b,device=/dev/sdb1}';
  assert.equal(values[`filesystem_free_bytes${tags}`], 20_000);
  assert.equal(values[`filesystem_total_bytes${tags}`], 100_000);
  assert.equal(values[`filesystem_used_bytes${tags}`], 60_000);
  assert.equal(values[`filesystem_used_ratio${tags}`], 0.75);
  assert.equal(values['filesystem_free_bytes{filesystem=xfs,mountpoint=/odd}'], 20_000);
});

test('a filesystem that does not answer is an error, and the others report', async () => {
  using on = system(MOUNTS);
  const { filesystem } = parseConfig(source, {});
  const usageOf = async (mountpoint: string) => {
    if (mountpoint === '/') throw new Error('EACCES');
    return { bsize: 1, blocks: 1, bfree: 1, bavail: 1 };
  };
  const { values, errors } = await report(
    new Map([['filesystem', filesystemCollector(on.roots, filesystem, usageOf)]]),
  );
  assert.equal(errors, 1);
  assert.equal(Object.keys(values).length, 8);
});

test('memory and swap', async () => {
  const files = {
    'proc/meminfo': [
      'MemTotal: 1000 kB',
      'MemFree: 400 kB',
      'MemAvailable: 600 kB',
      'Buffers: 50 kB',
      'Cached: 150 kB',
      'SwapCached: 7 kB',
      'Active: 300 kB',
      'Active(anon): 1 kB',
      'Shmem: 20 kB',
      'SwapTotal: 100 kB',
      'SwapFree: 60 kB',
    ].join('\n'),
    'proc/vmstat': 'pgpgin 1\npswpin 2\npswpout 3\n',
  };
  const { values } = await collect(files, { collectors: ['memory'] });
  assert.deepEqual(values, {
    memory_total_bytes: 1_024_000,
    memory_free_bytes: 409_600,
    memory_available_bytes: 614_400,
    memory_active_bytes: 307_200,
    memory_buffers_bytes: 51_200,
    memory_cached_bytes: 153_600,
    memory_shared_bytes: 20_480,
    memory_used_bytes: 409_600,
    memory_swap_free_bytes: 61_440,
    memory_swap_total_bytes: 102_400,
    memory_swap_used_bytes: 40_960,
    memory_swapped_in_bytes_total: 8_192,
    memory_swapped_out_bytes_total: 12_288,
  });
});

test('network devices, those that are wanted', async () => {
  const files = {
    'proc/net/dev': `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:  100  1 0 0 0 0 0 0  100 1 0 0 0 0 0 0
  eth0:12345 20 3 4 0 0 0 0 6789 30 5 6 0 0 0 0
`,
  };
  const { values } = await collect(files, { collectors: ['network'], network: { devices: { excludes: ['lo'] } } });
  assert.deepEqual(values, {
    'network_receive_bytes_total{device=eth0}': 12_345,
    'network_receive_errs_total{device=eth0}': 3,
    'network_receive_packets_total{device=eth0}': 20,
    'network_transmit_bytes_total{device=eth0}': 6_789,
    'network_transmit_errs_total{device=eth0}': 5,
    'network_transmit_packets_drop_total{device=eth0}': 6,
    'network_transmit_packets_total{device=eth0}': 30,
  });
});

test('connections by state, IPv4 and IPv6 together', async () => {
  const line = (n: number, state: string, queues: string) =>
    `   ${n}: 0100007F:1F90 00000000:0000 ${state} ${queues} 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n`;
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
  const tcp = head + line(0, '0A', '00000000:00000001') + line(1, '01', '00000010:00000002');
  const { values } = await collect(
    { 'proc/net/tcp': tcp, 'proc/net/tcp6': head + line(0, '01', '00000001:00000000') },
    { collectors: ['tcp'] },
  );
  const expected = {
    'tcp_connections_total{state=listen}': 1,
    'tcp_connections_total{state=established}': 2,
    tcp_tx_queued_bytes_total: 17,
    tcp_rx_queued_bytes_total: 3,
  };
  assert.deepEqual(values, expected);
  const without = await collect({ 'proc/net/tcp': tcp }, { collectors: ['tcp'] });
  assert.equal(without.values['tcp_connections_total{state=established}'], 1);
  assert.equal(without.errors, 0);
});

const stat = (pid: number, name: string, ticks: number) =>
  `${pid} (${name}) S 1 1 1 0 -1 4194560 0 0 0 0 ${ticks} ${ticks} 0 0 20 0 1 0 5000 1000000 25 0 0\n`;

test('processes: what they use, and how much of a processor since the last round', async () => {
  const clock = new FakeClock();
  using on = system({
    'proc/uptime': '100.0 1\n',
    'proc/7/stat': stat(7, 'we) (ird', 100),
    'proc/7/cmdline': 'node\0main.ts\0',
    'proc/8/stat': stat(8, 'kworker/0', 0),
    'proc/8/cmdline': '',
    'proc/self': 'not a process',
  });
  const { process } = parseConfig(source, { process: { processes: { excludes: ['kworker*'] } } });
  const collectors = new Map([['process', processCollector(on.roots, process.processes, 4096)]]);
  const tags = '{pid=7,name=we) (ird,command=node main.ts}';
  const first = await report(collectors, clock);
  assert.deepEqual(first.values, {
    [`process_cpu_usage${tags}`]: 0,
    [`process_memory_usage${tags}`]: 102_400,
    [`process_memory_virtual_usage${tags}`]: 1_000_000,
    [`process_runtime${tags}`]: 50,
  });
  await clock.advance(2_000);
  on.write({ 'proc/7/stat': stat(7, 'we) (ird', 150) });
  assert.equal((await report(collectors, clock)).values[`process_cpu_usage${tags}`], 50);
});

test('what is no line about a process is none', () => {
  assert.equal(parseStat(undefined), undefined);
  assert.equal(parseStat(''), undefined);
});

const GROUP = 'usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\nnr_periods 0\n';
const MEMORY =
  'anon 10\nfile 20\nactive_anon 1\ninactive_anon 2\nactive_file 3\ninactive_file 4\ntotal_active_file 99\n';

const GROUPS: Files = {
  'sys/fs/cgroup/cgroup.procs': '1\n',
  'sys/fs/cgroup/cpu.stat': GROUP,
  'sys/fs/cgroup/user.slice/cpu.stat': GROUP,
  'sys/fs/cgroup/user.slice/memory.current': '4096\n',
  'sys/fs/cgroup/user.slice/memory.stat': MEMORY,
  'sys/fs/cgroup/user.slice/a.scope/cpu.stat': GROUP,
  'sys/fs/cgroup/system.slice/x.service/sub/cpu.stat': GROUP,
};

/** The groups whose processor time is reported. */
async function groups(raw: Record<string, unknown>, files = GROUPS) {
  const { values } = await collect(files, { collectors: ['cgroups'], cgroups: raw });
  const names = Object.keys(values).map((name) => /^cgroup_cpu_usage_seconds_total\{cgroup=(.*)\}$/.exec(name)?.[1]);
  return names.filter((name) => name !== undefined).sort();
}

test('control groups of version 2', async () => {
  const { values, errors } = await collect(GROUPS, { collectors: ['cgroups'] });
  assert.equal(errors, 0);
  assert.equal(values['cgroup_cpu_usage_seconds_total{cgroup=/}'], 3);
  assert.equal(values['cgroup_cpu_user_seconds_total{cgroup=user.slice}'], 2);
  assert.equal(values['cgroup_cpu_system_seconds_total{cgroup=user.slice/a.scope}'], 1);
  const memory = (name: string) => values[`cgroup_memory_${name}_bytes{cgroup=user.slice}`];
  assert.deepEqual(
    ['current', 'anon', 'file', 'anon_active', 'anon_inactive', 'file_active', 'file_inactive'].map(memory),
    [4096, 10, 20, 1, 2, 3, 4],
  );
  assert.equal(values['cgroup_memory_current_bytes{cgroup=/}'], undefined);
});

test('control groups of version 1, and where both are mounted', async () => {
  const { values } = await collect(
    {
      'sys/fs/cgroup/unified/cgroup.procs': '1\n',
      'sys/fs/cgroup/cpu/a/cpuacct.usage': '3000000000\n',
      'sys/fs/cgroup/cpu/a/cpuacct.usage_user': '2000000000\n',
      'sys/fs/cgroup/cpu/a/cpuacct.usage_sys': '1000000000\n',
      'sys/fs/cgroup/memory/a/memory.usage_in_bytes': '4096\n',
      'sys/fs/cgroup/memory/a/memory.stat': 'cache 20\nrss 10\nactive_anon 1\n',
    },
    { collectors: ['cgroups'] },
  );
  assert.deepEqual(values, {
    'cgroup_cpu_usage_seconds_total{cgroup=a}': 3,
    'cgroup_cpu_user_seconds_total{cgroup=a}': 2,
    'cgroup_cpu_system_seconds_total{cgroup=a}': 1,
    'cgroup_memory_current_bytes{cgroup=a}': 4096,
    'cgroup_memory_anon_bytes{cgroup=a}': 10,
    'cgroup_memory_file_bytes{cgroup=a}': 20,
    'cgroup_memory_anon_active_bytes{cgroup=a}': 1,
  });
});

test('control groups of version 1 whose controllers of processors are mounted apart', async () => {
  const { values } = await collect(
    {
      'sys/fs/cgroup/cpu/cpu.shares': '1024\n',
      'sys/fs/cgroup/cpuacct/cpuacct.usage': '3000000000\n',
      'sys/fs/cgroup/cpuacct/cpuacct.usage_user': '2000000000\n',
      'sys/fs/cgroup/cpuacct/cpuacct.usage_sys': '1000000000\n',
    },
    { collectors: ['cgroups'] },
  );
  assert.deepEqual(values, {
    'cgroup_cpu_usage_seconds_total{cgroup=/}': 3,
    'cgroup_cpu_user_seconds_total{cgroup=/}': 2,
    'cgroup_cpu_system_seconds_total{cgroup=/}': 1,
  });
});

test('groups by level, base and pattern', async () => {
  const all = ['/', 'system.slice/x.service/sub', 'user.slice', 'user.slice/a.scope'];
  assert.deepEqual(await groups({}), all);
  assert.deepEqual(await groups({ levels: 1 }), ['/']);
  assert.deepEqual(await groups({ levels: 2 }), ['/', 'user.slice']);
  assert.deepEqual(await groups({ base: '/user.slice' }), ['user.slice', 'user.slice/a.scope']);
  assert.deepEqual(await groups({ base: 'user.slice', levels: 1 }), ['user.slice']);
  assert.deepEqual(await groups({ base: '/nonexistent' }), []);
  assert.deepEqual(await groups({ groups: { includes: ['user.slice/*'] } }), ['user.slice/a.scope']);
  assert.deepEqual(await groups({ groups: { excludes: ['*.service'] } }), ['/', 'user.slice', 'user.slice/a.scope']);
});

test('sensors, and the highest temperature so far', async () => {
  using on = system({
    'sys/class/hwmon/hwmon0/name': 'coretemp\n',
    'sys/class/hwmon/hwmon0/temp1_input': '45500\n',
    'sys/class/hwmon/hwmon0/temp1_label': 'Core 0\n',
    'sys/class/hwmon/hwmon0/temp1_crit': '100000\n',
    'sys/class/hwmon/hwmon1/temp2_input': '30000\n',
  });
  const collectors = collectorsOf(parseConfig(source, { collectors: ['temperature'] }), on.roots);
  const first = await report(collectors);
  assert.deepEqual(first.values, {
    'temperature_celsius{component=coretemp Core 0}': 45.5,
    'temperature_max_celsius{component=coretemp Core 0}': 45.5,
    'temperature_critical_celsius{component=coretemp Core 0}': 100,
    'temperature_celsius{component=hwmon1 temp2}': 30,
    'temperature_max_celsius{component=hwmon1 temp2}': 30,
  });
  on.write({ 'sys/class/hwmon/hwmon0/temp1_input': '40000\n' });
  const { values } = await report(collectors);
  assert.equal(values['temperature_celsius{component=coretemp Core 0}'], 40);
  assert.equal(values['temperature_max_celsius{component=coretemp Core 0}'], 45.5);
});

test('a collector that finds nothing is an error, and the others report', async () => {
  const { values, errors, records } = await collect({ 'proc/loadavg': '1 2 3\n' }, { collectors: ['memory', 'load'] });
  assert.equal(errors, 1);
  assert.match(records.find(({ level }) => level === 'error')!.message, /memory/);
  assert.deepEqual(values, { load1: 1, load5: 2, load15: 3 });
});

test('rounds come at once and at every interval, in the namespace', async (t) => {
  if (process.platform !== 'linux') return t.skip('there is no /proc here');
  const clock = new FakeClock();
  const raw = { collectors: ['load'], namespace: '', scrape_interval_secs: 5 };
  const on = await startSource(source, raw, { clock });
  await clock.advance(0);
  await on.received(3);
  await clock.advance(4_999);
  assert.equal(on.events.length, 3);
  await clock.advance(1);
  await on.received(6);
  await on.stop();
  assert.equal((on.events[0] as MetricEvent).namespace, undefined);
  assert.equal(on.recorder.read('component_received_events_total'), 6);
});

test('everything that this system has can be collected', async (t) => {
  if (process.platform !== 'linux') return t.skip('there is no /proc here');
  const config = parseConfig(source, {});
  const { events, errors } = await report(collectorsOf(config, { proc: '/proc', sys: '/sys' }));
  const collectors = new Set(events.map(({ tags }) => tags!.get('collector')));
  for (const name of ['cpu', 'host', 'load', 'memory', 'network', 'process', 'tcp'])
    assert.ok(collectors.has(name), name);
  assert.equal(errors, 0);
});

test('options are checked', () => {
  assert.throws(() => parseConfig(source, { collectors: ['gpu'] }), /collectors/);
  assert.throws(() => parseConfig(source, { disk: { devices: { includes: ['['] } } }), /includes/);
  assert.throws(() => parseConfig(source, { interval: 1 }), /interval/);
  assert.equal(parseConfig(source, {}).scrape_interval_secs, 15);
});

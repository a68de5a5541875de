// Whole hosts, as their kernels describe them: each reports all that Vector does of one, and nothing besides.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { MetricEvent } from '../../event/metric.ts';
import { parseConfig, temporaryFolder, testContext } from '../../testing/component.ts';
import { collectorsOf, gather, source } from './host_metrics.ts';

type Files = Readonly<Record<string, string>>;

const ALL = [
  ...['cgroups', 'cpu', 'process', 'disk', 'filesystem', 'load', 'host', 'memory', 'network', 'tcp', 'temperature'],
];

async function collected(files: Files, collectors: readonly string[] = ALL) {
  using folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.replaceAll('ROOT', folder.path));
  }
  const roots = { proc: join(folder.path, 'proc'), sys: join(folder.path, 'sys') };
  const { context, recorder } = testContext('source', 'host_metrics');
  const { events } = await gather('host', context, collectorsOf(parseConfig(source, { collectors }), roots));
  return { events, errors: recorder.read('component_errors_total') };
}

/** The names that metrics have, each with its type and its tags. */
function shapesOf(events: readonly MetricEvent[]): Record<string, string> {
  const shapes = new Map(events.map(({ name, value, tags }) => [name, `${value.type} ${[...tags!.keys()].sort()}`]));
  return Object.fromEntries([...shapes].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The value of the only metric with this name and these tags; undefined when there is none. */
function numberOf(events: readonly MetricEvent[], name: string, tags: Readonly<Record<string, string>> = {}) {
  const found = events.filter(
    (event) => event.name === name && Object.entries(tags).every(([tag, text]) => event.tags!.get(tag) === text),
  );
  assert.ok(found.length <= 1, `${name} is there ${found.length} times`);
  const value = found[0]?.value;
  return value?.type === 'gauge' || value?.type === 'counter' ? value.value : undefined;
}

/** A server of two sockets with Linux 6.8, swap, a disk, and control groups of version 2. */
const SERVER: Files = {
  'proc/stat': `cpu  2013930 521145 595661 2865010 5543 0 25587 2296 11 3
cpu0 995617 251384 296369 1455340 1404 0 13043 1131 6 2
cpu1 1018312 269760 299292 1409670 4139 0 12543 1165 5 1
intr 40461897 0 0 1
ctxt 98013542
btime 1795700000
processes 16304
procs_running 3
softirq 30913216 0 4316302 1
`,
  'proc/cpuinfo': `processor\t: 0
vendor_id\t: AuthenticAMD
physical id\t: 0
siblings\t: 1
core id\t\t: 0
power management:

processor\t: 1
vendor_id\t: AuthenticAMD
physical id\t: 1
siblings\t: 1
core id\t\t: 0
power management:

`,
  'proc/loadavg': '11.89 14.90 13.69 5/195 16304\n',
  'proc/uptime': '30279.46 28650.10\n',
  'proc/meminfo': `MemTotal:       24684092 kB
MemFree:        13585132 kB
MemAvailable:   22600912 kB
Buffers:          203216 kB
Cached:          8617232 kB
SwapCached:            0 kB
Active:          2036704 kB
Inactive:        7964436 kB
Active(anon):       1624 kB
Inactive(anon):  1221380 kB
SwapTotal:       2097148 kB
SwapFree:        2097000 kB
Shmem:             42388 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
`,
  'proc/vmstat': 'nr_free_pages 3396148\npgpgin 5678\npgpgout 1234\npswpin 3\npswpout 37\npgfault 1\n',
  'proc/diskstats': `   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
 259       0 nvme0n1 84120 23 9032610 41210 51200 17012 4102344 91234 0 60120 140000 120 0 99 12 800 7556
`,
  'proc/net/dev': `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 588706495673 86809865    0    0    0     0          0         0 588706495673 86809865    0    0    0     0       0          0
enp5s0.100: 9007199254740991 7    1    2    0     0          0        31 18446744073709 9    3    4    0     0       0          0
`,
  'proc/net/tcp': `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 21877 1 0000000000000000 100 0 0 10 0
   1: 0F02000A:0016 0202000A:B5C2 01 00000024:00000000 01:00000015 00000000     0        0 30163 4 0000000000000000 20 4 29 10 -1
`,
  'proc/net/tcp6': `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 20419 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000F02000A:01BB 0000000000000000FFFF00000202000A:C350 06 00000000:00000000 03:00000E10 00000000     0        0 0 3 0000000000000000
`,
  'proc/filesystems': 'nodev\tsysfs\nnodev\ttmpfs\n\text4\nnodev\toverlay\n\tvfat\n',
  'proc/mounts': `sysfs /sys sysfs rw,nosuid 0 0
/dev/nvme0n1p2 ROOT ext4 rw,relatime,errors=remount-ro 0 0
tmpfs /run tmpfs rw,nosuid,nodev 0 0
`,
  'proc/1/stat':
    '1 (systemd) S 0 1 1 0 -1 4194560 20000 900000 90 700 120 310 4000 2000 20 0 1 0 4 172236800 3276 18446744073709551615 1 1 0 0 0 0 671173123 4096 1260 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n',
  'proc/1/cmdline': '/sbin/init\0splash\0',
  'sys/fs/cgroup/cgroup.procs': '',
  'sys/fs/cgroup/cpu.stat':
    'usage_usec 29000000\nuser_usec 21000000\nsystem_usec 8000000\ncore_sched.force_idle_usec 0\n',
  'sys/fs/cgroup/memory.stat': 'anon 900\nfile 800\ninactive_anon 7\nactive_anon 6\ninactive_file 5\nactive_file 4\n',
  'sys/fs/cgroup/init.scope/cpu.stat': 'usage_usec 1500000\nuser_usec 500000\nsystem_usec 1000000\n',
  'sys/fs/cgroup/init.scope/memory.current': '12345678\n',
  'sys/fs/cgroup/init.scope/memory.stat':
    'anon 4096\nfile 8192\nkernel 1\ninactive_anon 70\nactive_anon 60\ninactive_file 50\nactive_file 40\nunevictable 0\n',
  'sys/class/hwmon/hwmon0/name': 'k10temp\n',
  'sys/class/hwmon/hwmon0/temp1_input': '51250\n',
  'sys/class/hwmon/hwmon0/temp1_label': 'Tctl\n',
  'sys/class/hwmon/hwmon0/temp1_crit': '95000\n',
};

const OF_HOST = 'collector,host';
const BY_DEVICE = 'collector,device,host';
const BY_GROUP = 'cgroup,collector,host';
const BY_MOUNT = 'collector,device,filesystem,host,mountpoint';
const BY_PROCESS = 'collector,command,host,name,pid';

test('a server reports all that there is to a Linux host', async () => {
  const { events, errors } = await collected(SERVER);
  assert.equal(errors, 0);
  const groupMemory = ['anon', 'anon_active', 'anon_inactive', 'current', 'file', 'file_active', 'file_inactive'];
  const memory = ['active', 'available', 'buffers', 'cached', 'free', 'shared', 'total', 'used'];
  const swap = ['swap_free', 'swap_total', 'swap_used'];
  const named = (names: readonly string[], name: (part: string) => string, shape: string) =>
    names.map((part) => [name(part), shape] as const);
  assert.deepEqual(
    shapesOf(events),
    Object.fromEntries(
      [
        ['boot_time', `gauge ${OF_HOST}`] as const,
        ...named(['system', 'usage', 'user'], (part) => `cgroup_cpu_${part}_seconds_total`, `counter ${BY_GROUP}`),
        ...named(groupMemory, (part) => `cgroup_memory_${part}_bytes`, `gauge ${BY_GROUP}`),
        ['cpu_seconds_total', 'counter collector,cpu,host,mode'] as const,
        ...named(
          ['read_bytes', 'reads_completed', 'writes_completed', 'written_bytes'],
          (part) => `disk_${part}_total`,
          `counter ${BY_DEVICE}`,
        ),
        ...named(
          ['free_bytes', 'total_bytes', 'used_bytes', 'used_ratio'],
          (part) => `filesystem_${part}`,
          `gauge ${BY_MOUNT}`,
        ),
        ...named(['load1', 'load15', 'load5', 'logical_cpus'], (name) => name, `gauge ${OF_HOST}`),
        ...named([...memory, ...swap], (part) => `memory_${part}_bytes`, `gauge ${OF_HOST}`),
        ...named(['in', 'out'], (part) => `memory_swapped_${part}_bytes_total`, `counter ${OF_HOST}`),
        ...named(
          [
            ...['receive_bytes', 'receive_errs', 'receive_packets'],
            ...['transmit_bytes', 'transmit_errs', 'transmit_packets', 'transmit_packets_drop'],
          ],
          (part) => `network_${part}_total`,
          `counter ${BY_DEVICE}`,
        ),
        ['physical_cpus', `gauge ${OF_HOST}`] as const,
        ...named(
          ['cpu_usage', 'memory_usage', 'memory_virtual_usage'],
          (part) => `process_${part}`,
          `gauge ${BY_PROCESS}`,
        ),
        ['process_runtime', `counter ${BY_PROCESS}`] as const,
        ['tcp_connections_total', 'gauge collector,host,state'] as const,
        ...named(['rx', 'tx'], (part) => `tcp_${part}_queued_bytes_total`, `gauge ${OF_HOST}`),
        ...named(
          ['celsius', 'critical_celsius', 'max_celsius'],
          (part) => `temperature_${part}`,
          'gauge collector,component,host',
        ),
        ['uptime', `gauge ${OF_HOST}`] as const,
      ].sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );
});

test('the numbers of a server are what its kernel says, in base units', async () => {
  const { events } = await collected(SERVER);
  const value = (name: string, tags?: Readonly<Record<string, string>>) => numberOf(events, name, tags);
  assert.equal(value('cpu_seconds_total', { cpu: '1', mode: 'user' }), 10_183.12);
  assert.deepEqual([value('logical_cpus'), value('physical_cpus')], [2, 2]);
  assert.equal(value('memory_used_bytes'), (24_684_092 - 13_585_132 - 8_617_232 - 203_216) * 1024);
  assert.equal(value('memory_active_bytes'), 2_036_704 * 1024);
  assert.equal(value('memory_swap_used_bytes'), 148 * 1024);
  assert.equal(value('memory_swapped_out_bytes_total'), 37 * 4096);
  assert.equal(value('disk_read_bytes_total', { device: 'nvme0n1' }), 9_032_610 * 512);
  assert.equal(value('disk_written_bytes_total', { device: 'nvme0n1' }), 4_102_344 * 512);
  assert.equal(value('network_receive_bytes_total', { device: 'enp5s0.100' }), Number.MAX_SAFE_INTEGER);
  assert.equal(value('network_transmit_packets_drop_total', { device: 'enp5s0.100' }), 4);
  assert.deepEqual(
    ['listen', 'established', 'time_wait'].map((state) => value('tcp_connections_total', { state })),
    [2, 1, 1],
  );
  assert.equal(value('tcp_tx_queued_bytes_total'), 36);
  assert.equal(value('process_runtime', { pid: '1', name: 'systemd', command: '/sbin/init splash' }), 30_279);
  assert.equal(value('process_memory_virtual_usage', { pid: '1' }), 172_236_800);
  assert.equal(value('cgroup_cpu_usage_seconds_total', { cgroup: 'init.scope' }), 1.5);
  assert.equal(value('cgroup_memory_file_inactive_bytes', { cgroup: 'init.scope' }), 50);
  assert.equal(value('temperature_celsius', { component: 'k10temp Tctl' }), 51.25);
  assert.equal(value('boot_time'), 1_795_700_000);
});

test('a small board without swap, sockets or sensors reports what it has', async () => {
  const { events, errors } = await collected(
    {
      // ARM tells nothing of sockets and cores; its first processor is switched off.
      'proc/stat': 'cpu  10 0 20 300 4 0 0 0 0 0\ncpu1 10 0 20 300 4 0 0 0 0 0\nbtime 1795700001\n',
      'proc/cpuinfo': 'processor\t: 1\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\n\nHardware\t: BCM2835\n',
      'proc/loadavg': '0.00 0.00 0.00 1/80 400\n',
      'proc/uptime': '12.00 11.00\n',
      'proc/meminfo':
        'MemTotal:  948012 kB\nMemFree:  500000 kB\nMemAvailable:  700000 kB\nBuffers:  0 kB\nCached:  0 kB\n',
      'proc/vmstat': 'nr_free_pages 1\n',
      'proc/net/dev': 'Inter-| Receive\n face |bytes\n',
      'proc/net/tcp': '  sl  local_address rem_address   st tx_queue rx_queue\n',
      'proc/diskstats': '',
      'proc/filesystems': 'nodev\ttmpfs\n',
      'proc/mounts': 'overlay / overlay rw 0 0\n',
    },
    ALL.filter((name) => name !== 'process'),
  );
  assert.equal(errors, 0);
  const value = (name: string, tags?: Readonly<Record<string, string>>) => numberOf(events, name, tags);
  assert.deepEqual([value('logical_cpus'), value('physical_cpus')], [1, 1]);
  assert.equal(value('cpu_seconds_total', { cpu: '0', mode: 'system' }), 0.2);
  assert.equal(value('memory_used_bytes'), 448_012 * 1024);
  // What the kernel has no word for is not reported, rather than as zero or as no number.
  assert.equal(value('memory_swap_total_bytes'), undefined);
  assert.equal(value('memory_shared_bytes'), undefined);
  assert.equal(value('memory_swapped_in_bytes_total'), 0);
  assert.equal(value('tcp_tx_queued_bytes_total'), 0);
  const collectors = new Set(events.map(({ tags }) => tags!.get('collector')));
  assert.deepEqual([...collectors].sort(), ['cpu', 'host', 'load', 'memory', 'tcp']);
  assert.ok(events.every((event) => 'value' in event.value && Number.isFinite(event.value.value)));
});

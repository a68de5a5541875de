// How full each mounted filesystem is that lies on a device.

import { statfs } from 'node:fs/promises';
import { type Filter, isReported } from './filter.ts';
import { readText } from './read_file.ts';
import type { Collect, Roots } from './round.ts';

export interface FilesystemFilters {
  readonly devices: Filter;
  readonly filesystems: Filter;
  readonly mountpoints: Filter;
}

export interface Mount {
  /** Undefined where the kernel says `none`. */
  readonly device: string | undefined;
  readonly mountpoint: string;
  readonly filesystem: string;
}

/** What `statfs` tells. */
export interface Usage {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
}

/** `filesystem_free_bytes`, `filesystem_total_bytes`, `filesystem_used_bytes`, `filesystem_used_ratio`. */
export function filesystemCollector(
  { proc }: Roots,
  filters: FilesystemFilters,
  usageOf: (mountpoint: string) => Promise<Usage> = statfs,
): Collect {
  return async (round) => {
    const physical = physicalFilesystems(await readText(`${proc}/filesystems`));
    for (const mount of mountsOf(await readText(`${proc}/mounts`))) {
      if (!physical.has(mount.filesystem) || !isWanted(mount, filters)) continue;
      let usage: Usage;
      try {
        usage = await usageOf(mount.mountpoint);
      } catch (error) {
        round.failed(`Failed to read the usage of ${mount.mountpoint}.`, error);
        continue;
      }
      const { device, mountpoint, filesystem } = mount;
      const tags = { filesystem, mountpoint, ...(device === undefined ? {} : { device }) };
      const used = (usage.blocks - usage.bfree) * usage.bsize;
      const free = usage.bavail * usage.bsize;
      round.gauge('filesystem_free_bytes', free, tags);
      round.gauge('filesystem_total_bytes', usage.blocks * usage.bsize, tags);
      round.gauge('filesystem_used_bytes', used, tags);
      round.gauge('filesystem_used_ratio', used + free === 0 ? 0 : used / (used + free), tags);
    }
  };
}

function isWanted({ device, mountpoint, filesystem }: Mount, filters: FilesystemFilters): boolean {
  return (
    isReported(mountpoint, filters.mountpoints) &&
    isReported(device, filters.devices) &&
    isReported(filesystem, filters.filesystems)
  );
}

/** Types of filesystems that lie on a device: those that the kernel does not list as `nodev`. */
function physicalFilesystems(text: string): Set<string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('nodev'));
  // ZFS manages its devices by itself.
  return new Set([...lines.map((line) => line.trim()), 'zfs']);
}

/** The lines of `/proc/mounts`; spaces in paths are written as `\040`. */
export function mountsOf(text: string): Mount[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [device = '', mountpoint = '', filesystem = ''] = line.split(' ').map(unescapeOctal);
      return { device: device === 'none' ? undefined : device, mountpoint, filesystem };
    });
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

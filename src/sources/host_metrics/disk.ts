// What was read from and written to each block device.

import { type Filter, isReported } from './filter.ts';
import { readText } from './read_file.ts';
import type { Collect, Roots } from './round.ts';

/** The kernel counts in sectors of this size, whatever those of the device are. */
const SECTOR_BYTES = 512;

/** `disk_read_bytes_total`, `disk_reads_completed_total` and the same for writes. */
export function diskCollector({ proc }: Roots, devices: Filter): Collect {
  return async (round) => {
    for (const line of (await readText(`${proc}/diskstats`)).split('\n')) {
      const fields = line.trim().split(/ +/);
      const device = fields[2];
      if (device === undefined || !isReported(device, devices)) continue;
      const [reads, sectorsRead, writes, sectorsWritten] = [3, 5, 7, 9].map((at) => Number(fields[at]));
      const tags = { device };
      round.counter('disk_read_bytes_total', sectorsRead! * SECTOR_BYTES, tags);
      round.counter('disk_reads_completed_total', reads!, tags);
      round.counter('disk_written_bytes_total', sectorsWritten! * SECTOR_BYTES, tags);
      round.counter('disk_writes_completed_total', writes!, tags);
    }
  };
}

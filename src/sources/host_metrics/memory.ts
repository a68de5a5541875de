// How memory and swap space are used.

import { numbersByName, readText } from './read_file.ts';
import type { Collect, Roots } from './round.ts';

const KIBIBYTE = 1024;

/** What the kernel counts pages of swap in, for programs. */
const SWAP_PAGE_BYTES = 4096;

/** `memory_*_bytes`, `memory_swap_*_bytes`, `memory_swapped_{in,out}_bytes_total`. */
export function memoryCollector({ proc }: Roots): Collect {
  return async (round) => {
    const info = numbersByName(await readText(`${proc}/meminfo`));
    const bytes = (name: string): number => (info.get(name) ?? Number.NaN) * KIBIBYTE;
    const [total, free, cached, buffers] = [bytes('MemTotal'), bytes('MemFree'), bytes('Cached'), bytes('Buffers')];
    round.gauge('memory_total_bytes', total);
    round.gauge('memory_free_bytes', free);
    round.gauge('memory_available_bytes', bytes('MemAvailable'));
    round.gauge('memory_active_bytes', bytes('Active'));
    round.gauge('memory_buffers_bytes', buffers);
    round.gauge('memory_cached_bytes', cached);
    round.gauge('memory_shared_bytes', bytes('Shmem'));
    round.gauge('memory_used_bytes', total - free - cached - buffers);
    const vm = numbersByName(await readText(`${proc}/vmstat`));
    round.gauge('memory_swap_free_bytes', bytes('SwapFree'));
    round.gauge('memory_swap_total_bytes', bytes('SwapTotal'));
    round.gauge('memory_swap_used_bytes', bytes('SwapTotal') - bytes('SwapFree'));
    round.counter('memory_swapped_in_bytes_total', (vm.get('pswpin') ?? 0) * SWAP_PAGE_BYTES);
    round.counter('memory_swapped_out_bytes_total', (vm.get('pswpout') ?? 0) * SWAP_PAGE_BYTES);
  };
}

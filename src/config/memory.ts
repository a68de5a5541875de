// The options `memory` and `threads`: sizes as people write them, and whether a budget is enough.

import { leastMemoryBytes, WORKERS_MAX } from '../engine/budget.ts';
import { either, ParseProblem, type Problem, parsed, string, uint } from '../schema/schema.ts';
import { formatMebibytes, parseSize } from '../std/size.ts';

const MEMORY_DOC =
  'The memory of the whole process, from which everything else follows: how many bytes may be in flight, how large workers may grow, and when sources read less. A size such as `128MiB`, or bytes. By default 128 MiB, and 24 MiB for each thread but the first.';

export const memory = either(
  parsed(string('A size with a unit.'), (text) => {
    const bytes = parseSize(text);
    return (
      bytes ?? new ParseProblem(`\`${text}\` is no size: write a number and a unit, such as \`128MiB\` or \`1GB\``)
    );
  }),
  uint('Bytes.'),
  MEMORY_DOC,
  { optional: true, examples: ['128MiB', '1GiB'] },
);

export const threads = uint(
  'Threads that transforms run on, the main one included; with 1 it does everything. The flag `--threads` wins. By default as many as there are cores, or as many as `memory` is enough for.',
  { optional: true, min: 1, max: WORKERS_MAX, examples: [1, 4] },
);

/** A budget that the process cannot live with. */
export function memoryProblem(
  memoryBytes: number | undefined,
  sources: number,
  threadCount: number | undefined,
): Problem | undefined {
  const least = leastMemoryBytes({ sources, threads: threadCount ?? 1 });
  if (memoryBytes === undefined || memoryBytes >= least) return undefined;
  const parts = [
    sources > 1 ? `${sources} sources` : undefined,
    threadCount !== undefined && threadCount > 1 ? `${threadCount} threads` : undefined,
  ].filter((part) => part !== undefined);
  const whom = parts.length > 0 ? ` for ${parts.join(' and ')}` : '';
  return {
    severity: 'error',
    path: ['memory'],
    message: `\`memory\` is too small${whom}: ${formatMebibytes(memoryBytes)}`,
    hint: `give at least \`${formatMebibytes(least)}\``,
  };
}

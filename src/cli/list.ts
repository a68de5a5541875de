// `sluice list`: the components of this build.

import { builtIn } from '../config/config.ts';
import { EXIT } from './exit_codes.ts';
import type { Surroundings } from './program.ts';

const ENRICHMENT_TABLES: readonly string[] = [];

export function list(flags: { format: 'text' | 'json' | 'avro' }, { stdout }: Pick<Surroundings, 'stdout'>): number {
  const groups = [
    ['Sources', 'sources', Object.keys(builtIn.sources)],
    ['Transforms', 'transforms', Object.keys(builtIn.transforms)],
    ['Sinks', 'sinks', Object.keys(builtIn.sinks)],
    ['Enrichment tables', 'enrichment_tables', ENRICHMENT_TABLES],
  ] as const;
  if (flags.format === 'text') {
    stdout.write(
      groups.map(([title, , names]) => `${title}:\n${names.map((name) => `- ${name}\n`).join('')}`).join('\n'),
    );
  } else stdout.write(`${JSON.stringify(Object.fromEntries(groups.map(([, key, names]) => [key, names])))}\n`);
  return EXIT.ok;
}

// Checks of whole components once their surroundings are known: programs, above all. Every component is asked, whatever
// is wrong with others.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { programEnvironment } from '../component/program_environment.ts';
import type { ProgramSurroundings } from '../component/programs.ts';
import { sharedProblems } from '../component/source_programs.ts';
import type { LogNamespace } from '../event/log_schema.ts';
import type { Problem } from '../schema/schema.ts';
import type { EnrichmentTables } from '../vrl/vrl.ts';
import type { CheckedComponent } from './components.ts';
import { fingerprint } from './fingerprint.ts';
import type { Globals } from './global_options.ts';

export interface Known {
  readonly timezone: string;
  /** Names of enrichment tables. */
  readonly tables: readonly string[];
  /** The namespaces of logs that reach a component. */
  readonly namespaces: (id: string) => readonly LogNamespace[];
}

export function verifyComponents(components: readonly CheckedComponent[], known: Known): Problem[] {
  return components.flatMap(({ id, path, definition, config }) => {
    if (config === undefined || !definition) return [];
    const surroundings: ProgramSurroundings = {
      logNamespaces: known.namespaces(id),
      environment: (timezone = known.timezone) =>
        programEnvironment({
          timezone,
          now: Date.now,
          random: Math.random,
          log: () => {},
          enrichment: announced(known.tables),
        }),
    };
    const problems = [...sharedProblems(config, surroundings), ...(definition.verify?.(config, surroundings) ?? [])];
    return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
  });
}

/** Tables of which only the names are known; programs are compiled and not run. */
function announced(names: readonly string[]): EnrichmentTables {
  return { names, find: () => 'the tables are not loaded', prepareIndex: () => ({ index: undefined }) };
}

/** A digest of the enrichment tables and their files: programs are built again when they change. */
export function tablesDigest(tables: Globals['enrichment_tables'], raw: unknown): string | undefined {
  if (!tables || tables.size === 0) return undefined;
  const files = [...tables.values()].flatMap((table) => (table.type === 'file' ? [table.file.path] : []));
  return fingerprint(raw, digestOf(files));
}

/** A digest of files that belong to a component's configuration, by name and content; undefined where it has none. */
export function filesDigest({ definition, config }: CheckedComponent): string | undefined {
  const files = filesOf({ definition, config });
  return files.length === 0 ? undefined : digestOf(files);
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file}\0`);
    try {
      hash.update(readFileSync(file));
    } catch {
      // That it cannot be read is said where it is needed.
    }
  }
  return hash.digest('hex');
}

export function filesOf({ definition, config }: Pick<CheckedComponent, 'definition' | 'config'>): readonly string[] {
  return config === undefined ? [] : (definition?.files?.(config) ?? []);
}

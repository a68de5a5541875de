// The enrichment tables of a configuration, loaded when a program first asks for one.

import type { EnrichmentTable } from '../component/enrichment_table.ts';
import type { Config } from '../config/config.ts';
import { loadFileTable } from '../enrichment_tables/file/file.ts';
import type { Ledger } from '../telemetry/ledger.ts';
import type { EnrichmentTables, Environment } from '../vrl/vrl.ts';
import { reasonOf } from './runtime.ts';

type TableConfig = NonNullable<Config['enrichmentTables']> extends ReadonlyMap<string, infer T> ? T : never;

/** Undefined when there are none. */
export function enrichmentOf(
  { enrichmentTables }: Config,
  environment: () => Environment,
  ledger?: Ledger,
): EnrichmentTables | undefined {
  if (!enrichmentTables || enrichmentTables.size === 0) return undefined;
  const loaded: Loaded = new Map();
  if (ledger) enter(loaded, ledger);
  const tableOf = (name: string): EnrichmentTable | string => {
    let table = loaded.get(name);
    if (table === undefined) {
      table = load(name, enrichmentTables.get(name), environment);
      loaded.set(name, table);
    }
    return table;
  };
  return {
    names: [...enrichmentTables.keys()],
    find(name, conditions, options) {
      const table = tableOf(name);
      return typeof table === 'string' ? table : table.find(conditions, options);
    },
    prepareIndex(name, fields, caseSensitive) {
      const table = tableOf(name);
      return typeof table === 'string' ? table : table.prepareIndex(fields, caseSensitive);
    },
  };
}

type Loaded = Map<string, EnrichmentTable | string>;

/** Tables are there as long as some component looks into them, and nobody says when that is over. */
function enter(loaded: Loaded, ledger: Ledger): void {
  const tables = new WeakRef(loaded);
  const end = ledger.register({
    owner: 'enrichment tables',
    place: 'heap',
    bytes() {
      let bytes = 0;
      const known = tables.deref();
      if (!known) end();
      for (const table of known?.values() ?? []) if (typeof table !== 'string') bytes += table.sizeBytes;
      return bytes;
    },
  });
}

function load(name: string, config: TableConfig | undefined, environment: () => Environment): EnrichmentTable | string {
  if (!config) return `there is no table \`${name}\``;
  if (config.type !== 'file')
    return `the table \`${name}\` is of the type \`${config.type}\`, which this version of Sluice does not have yet`;
  try {
    return loadFileTable(config, environment());
  } catch (error) {
    return `the table \`${name}\` cannot be loaded: ${reasonOf(error)}`;
  }
}

// One row of an enrichment table.

import type { ObjectValue, Value } from '../../event/value.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { ENRICHMENT_PARAMETERS, prepareLookup } from '../formats/enrichment_query.ts';
import { defineFunction } from '../function.ts';

export const getEnrichmentTableRecord = defineFunction({
  name: 'get_enrichment_table_record',
  category: 'Enrichment',
  doc: 'Gives the one row of an enrichment table that meets all conditions.',
  parameters: ENRICHMENT_PARAMETERS,
  failures: ['No row, or more than one, meets the conditions.'],
  returns: { kinds: ['object'], fallible: true },
  examples: [
    {
      title: 'A row by its number',
      source: 'get_enrichment_table_record!("test", { "id": 1 })',
      compileOnly: true,
    },
  ],
  prepare(call) {
    const lookup = prepareLookup(call);
    return (
      _table: undefined,
      condition: ObjectValue,
      select: readonly Value[] | undefined,
      _caseSensitive: undefined,
      wildcard: Value | undefined,
    ) => {
      const rows = lookup(condition, select, wildcard, 2);
      if (rows instanceof Failure) return rows;
      if (rows.length > 1) return fail('more than 1 row found');
      return rows[0] ?? fail('no rows found');
    };
  },
});

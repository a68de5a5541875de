// Rows of an enrichment table.

import type { ObjectValue, Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { Failure } from '../4_run/failure.ts';
import { ENRICHMENT_PARAMETERS, prepareLookup } from '../formats/enrichment_query.ts';
import { defineFunction } from '../function.ts';

export const findEnrichmentTableRecords = defineFunction({
  name: 'find_enrichment_table_records',
  category: 'Enrichment',
  doc: 'Gives the rows of an enrichment table that meet all conditions.',
  parameters: ENRICHMENT_PARAMETERS,
  failures: ['The table cannot be searched so.'],
  returns: { kinds: ['array'], fallible: true },
  type: () => typeDef(Kind.arrayOf([], Kind.of('object')), true),
  examples: [
    {
      title: 'Rows of a name',
      source: 'find_enrichment_table_records!("test", { "surname": "smith" }, case_sensitive: false)',
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
      // The table itself is bounded, so its rows need no other limit.
      const rows = lookup(condition, select, wildcard, Number.POSITIVE_INFINITY);
      return rows instanceof Failure ? rows : [...rows];
    };
  },
});

// What an enrichment table offers to programs.

import type { ObjectValue } from '../event/value.ts';
import type { EnrichmentTables } from '../vrl/vrl.ts';

export type FindOptions = Parameters<EnrichmentTables['find']>[2];
export type Conditions = Parameters<EnrichmentTables['find']>[1];

export interface EnrichmentTable {
  /** Estimated bytes of memory, indexes included. */
  readonly sizeBytes: number;
  /** Rows that meet all conditions, at most as many as wanted; text says why it could not look. */
  find(conditions: Conditions, options: FindOptions): readonly ObjectValue[] | string;
  /** Called for each use in a program while it is compiled; text says why the table cannot be used so. */
  prepareIndex(fields: readonly string[], caseSensitive: boolean): { readonly index: unknown } | string;
}

// What the two functions that look into enrichment tables share: their parameters, the table named at compile time, and
// conditions made of an object.

import { getField, sortedKeys } from '../../event/object.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { lossy } from '../4_run/convert.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import type { Code } from '../diagnostics/codes.ts';
import { type Call, CallProblem, type EnrichmentCondition, optional, required } from '../function.ts';

export const ENRICHMENT_PARAMETERS = [
  required('table', 'bytes', 'The name of the table, written out.', { compileTime: true }),
  required(
    'condition',
    'object',
    'What rows must hold: for each field its value, or `{ "from": …, "to": … }` with timestamps, of which either may ' +
      'be left out. Written out, so that the table can build an index.',
  ),
  optional('select', 'array', 'The fields that are wanted; without it, all.'),
  optional('case_sensitive', 'boolean', 'Whether upper and lower case differ in values, written out.', {
    default: true,
    compileTime: true,
  }),
  optional('wildcard', 'bytes', 'A value in the table that stands for any.'),
] as const;

/** Complaints of tables have no code of their own. */
const UNCODED = 0 as number as Code;

/** A look into a table; at most `limit` rows. */
export type EnrichmentLookup = (
  condition: ObjectValue,
  select: readonly Value[] | undefined,
  wildcard: Value | undefined,
  limit: number,
) => readonly ObjectValue[] | Failure;

export function prepareLookup(call: Call): EnrichmentLookup {
  const tables = call.environment.enrichment;
  if (!tables) throw new CallProblem(111, 'enrichment tables not loaded');
  const table = call.oneOf('table', tables.names)!;
  const caseSensitive = call.literal('case_sensitive') !== false;
  const prepared = tables.prepareIndex(table, indexedFields(call), caseSensitive);
  if (typeof prepared === 'string') throw new CallProblem(UNCODED, prepared);
  const { index } = prepared;
  return (condition, select, wildcard, limit) => {
    const conditions = conditionsOf(condition);
    if (conditions instanceof Failure) return conditions;
    const fields = select && fieldNames(select);
    if (fields instanceof Failure) return fields;
    const options = { caseSensitive, limit, index, ...(fields && { select: fields }) };
    const rows = tables.find(table, conditions, wildcard === undefined ? options : { ...options, wildcard });
    return typeof rows === 'string' ? fail(rows) : rows;
  };
}

/** Fields that are compared with one value; ranges of dates have no index. */
function indexedFields(call: Call): string[] {
  const fields: string[] = [];
  for (const [field, { members }] of call.object('condition') ?? []) {
    if (!members?.has('from') && !members?.has('to')) fields.push(field);
  }
  return fields;
}

function conditionsOf(condition: ObjectValue): EnrichmentCondition[] | Failure {
  const conditions: EnrichmentCondition[] = [];
  for (const field of sortedKeys(condition)) {
    const made = conditionOf(field, condition[field]!);
    if (made instanceof Failure) return made;
    conditions.push(made);
  }
  return conditions;
}

function conditionOf(field: string, value: Value): EnrichmentCondition | Failure {
  const from = isObject(value) ? getField(value, 'from') : undefined;
  const to = isObject(value) ? getField(value, 'to') : undefined;
  if (from !== undefined && !(from instanceof Timestamp)) return fail('from in condition must be a timestamp');
  if (to !== undefined && !(to instanceof Timestamp)) return fail('to in condition must be a timestamp');
  if (from && to) return { type: 'between', field, from, to };
  if (from) return { type: 'from', field, from };
  return to ? { type: 'to', field, to } : { type: 'equals', field, value };
}

function fieldNames(select: readonly Value[]): string[] | Failure {
  const names: string[] = [];
  for (const name of select) {
    if (typeof name !== 'string' && !(name instanceof Uint8Array))
      return fail(`expected string, got ${displayKind(name)}`);
    names.push(lossy(name));
  }
  return names;
}

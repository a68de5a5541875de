// A table of a CSV file, held in memory. Looking for rows by equal values takes an index, which is built for the fields
// that programs ask for; dates are compared row by row.

import { readFileSync } from 'node:fs';
import type { Conditions, EnrichmentTable, FindOptions } from '../../component/enrichment_table.ts';
import { sizeOfValue } from '../../event/event_size.ts';
import { stringifyJson } from '../../event/json.ts';
import { getField, setField } from '../../event/object.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { lossyText, type ObjectValue, own, type Value } from '../../event/value.ts';
import type { Environment } from '../../vrl/vrl.ts';
import { columnReader } from './column.ts';
import { csvRecords } from './csv.ts';

export interface FileTableConfig {
  readonly file: {
    readonly path: string;
    readonly encoding: { readonly include_headers: boolean; readonly delimiter: string };
  };
  readonly schema?: ReadonlyMap<string, string> | undefined;
}

/** Larger files are refused: every row is in memory. */
const FILE_BYTES_MAX = 512 * 1024 * 1024;

/** Loads a table. Throws with the reason why it cannot. */
export function loadFileTable({ file, schema }: FileTableConfig, environment: Environment): EnrichmentTable {
  const bytes = readFileSync(file.path);
  if (bytes.byteLength > FILE_BYTES_MAX)
    throw new Error(`${file.path} is larger than ${FILE_BYTES_MAX} bytes, the most a table may be`);
  const { delimiter, include_headers: hasHeaders } = file.encoding;
  const records = csvRecords(lossyText(bytes), delimiter);
  const names = hasHeaders ? (records.shift() ?? []) : (records[0] ?? []).map((_, index) => String(index));
  const readers = names.map((name) => columnReader(schema?.get(name), environment));
  const rows = records.map((record, number) => {
    const row: ObjectValue = {};
    for (const [index, name] of names.entries()) {
      const text = record[index];
      if (text === undefined) throw new Error(`${file.path}: row ${number} has no column ${name}`);
      const value = readers[index]!(own(text));
      if (value === undefined)
        throw new Error(`${file.path}: unable to parse ${text} found in column ${name} row ${number}`);
      setField(row, name, value);
    }
    return row;
  });
  return new FileTable(file.path, names, rows);
}

interface Index {
  readonly fields: readonly string[];
  readonly rows: ReadonlyMap<string, readonly ObjectValue[]>;
}

/** Indexes of one table; more ways to look into it are a mistake. */
const INDEXES_MAX = 100;

/** Beside the JSON of a row. */
const ROW_BYTES = 40;
const CELL_BYTES = 12;
/** Its key, its place in a map, and a list around it. */
const INDEXED_ROW_BYTES = 80;

class FileTable implements EnrichmentTable {
  readonly #path: string;
  readonly #names: readonly string[];
  readonly #rows: readonly ObjectValue[];
  readonly #indexes = new Map<string, Index>();
  readonly #rowsBytes: number;

  constructor(path: string, names: readonly string[], rows: readonly ObjectValue[]) {
    this.#path = path;
    this.#names = names;
    this.#rows = rows;
    const cells = rows.length * names.length;
    this.#rowsBytes =
      rows.length * ROW_BYTES + cells * CELL_BYTES + rows.reduce((sum, row) => sum + sizeOfValue(row), 0);
  }

  get sizeBytes(): number {
    return this.#rowsBytes + this.#indexes.size * this.#rows.length * INDEXED_ROW_BYTES;
  }

  prepareIndex(fields: readonly string[], caseSensitive: boolean): { readonly index: unknown } | string {
    const missing = fields.filter((field) => !this.#names.includes(field));
    if (missing.length > 0)
      return `field(s) '${missing.join(', ')}' missing from dataset ${this.#path}, which has ${this.#names.join(', ')}`;
    const key = JSON.stringify([caseSensitive, fields]);
    let index = this.#indexes.get(key);
    if (!index) {
      if (this.#indexes.size >= INDEXES_MAX) return `the table has ${INDEXES_MAX} indexes already`;
      index = {
        fields,
        rows: Map.groupBy(this.#rows, (row) => keyOf(fields, (field) => getField(row, field)!, caseSensitive)),
      };
      this.#indexes.set(key, index);
    }
    return { index };
  }

  find(conditions: Conditions, { caseSensitive, select, wildcard, limit, index }: FindOptions): readonly ObjectValue[] {
    const meets = (row: ObjectValue): boolean =>
      conditions.every((condition) => {
        const value = getField(row, condition.field);
        if (value === undefined) return false;
        if (condition.type === 'equals')
          return (
            isSame(value, condition.value, caseSensitive) ||
            (wildcard !== undefined && isSame(value, wildcard, caseSensitive))
          );
        if (!(value instanceof Timestamp)) return false;
        const time = value.toNanos();
        return (
          (condition.type === 'to' || condition.from.toNanos() <= time) &&
          (condition.type === 'from' || time <= condition.to.toNanos())
        );
      });
    const found: ObjectValue[] = [];
    for (const row of wildcard === undefined ? this.#candidates(conditions, index, caseSensitive) : this.#rows) {
      if (!meets(row)) continue;
      found.push(selected(row, select));
      if (found.length === limit) break;
    }
    return found;
  }

  #candidates(conditions: Conditions, index: unknown, caseSensitive: boolean): readonly ObjectValue[] {
    const { fields, rows } = index as Index;
    if (fields.length === 0) return this.#rows;
    const values = new Map(
      conditions.flatMap((one) => (one.type === 'equals' ? [[one.field, one.value] as const] : [])),
    );
    if (fields.some((field) => !values.has(field))) return this.#rows;
    return rows.get(keyOf(fields, (field) => values.get(field)!, caseSensitive)) ?? [];
  }
}

function keyOf(fields: readonly string[], valueIn: (field: string) => Value, caseSensitive: boolean): string {
  const values = fields.map((field) => folded(valueIn(field), caseSensitive));
  return values.map((value) => (value instanceof Timestamp ? `t${value}` : stringifyJson(value))).join('\0');
}

function folded(value: Value, caseSensitive: boolean): Value {
  return !caseSensitive && typeof value === 'string' ? value.toLowerCase() : value;
}

function isSame(a: Value, b: Value, caseSensitive: boolean): boolean {
  if (typeof a === 'string' && typeof b === 'string') return folded(a, caseSensitive) === folded(b, caseSensitive);
  if (a instanceof Timestamp || b instanceof Timestamp)
    return a instanceof Timestamp && b instanceof Timestamp && a.toNanos() === b.toNanos();
  return typeof a === typeof b && stringifyJson(a) === stringifyJson(b);
}

/** A copy of a row that may be written, with the fields that are wanted. */
function selected(row: ObjectValue, select: readonly string[] | undefined): ObjectValue {
  if (!select) return { ...row };
  const result: ObjectValue = {};
  for (const name of select) {
    const value = getField(row, name);
    if (value !== undefined) setField(result, name, value);
  }
  return result;
}

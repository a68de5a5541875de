// Which journal entries are wanted: pairs of a field and a value that an entry has to have, or must not have.

/** Values by field. */
export type Matches = ReadonlyMap<string, ReadonlySet<string>>;

export interface MatchOptions {
  readonly units: readonly string[];
  readonly matches: ReadonlyMap<string, readonly string[]> | undefined;
}

const UNIT_FIELD = '_SYSTEMD_UNIT';

/** The pairs of an option of units and one of matches together. */
export function mergedMatches({ units, matches }: MatchOptions): Matches {
  const merged = new Map<string, Set<string>>();
  const add = (field: string, value: string): void => {
    const values = merged.get(field);
    if (values) values.add(value);
    else merged.set(field, new Set([value]));
  };
  for (const [field, values] of matches ?? []) for (const value of values) add(field, value);
  for (const unit of units) add(UNIT_FIELD, unitName(unit));
  return merged;
}

/** A unit without a type is a service. */
function unitName(unit: string): string {
  return unit.includes('.') ? unit : `${unit}.service`;
}

/** A pair that is both included and excluded. */
export function contradiction(include: Matches, exclude: Matches): readonly [field: string, value: string] | undefined {
  for (const [field, values] of include)
    for (const value of values) if (exclude.get(field)?.has(value)) return [field, value];
  return undefined;
}

/** Whether an entry is wanted: it has one of the pairs included, where there are any, and none of those excluded. */
export function isWanted(record: Readonly<Record<string, unknown>>, include: Matches, exclude: Matches): boolean {
  if (include.size > 0 && !hasOne(record, include)) return false;
  return exclude.size === 0 || !hasOne(record, exclude);
}

function hasOne(record: Readonly<Record<string, unknown>>, matches: Matches): boolean {
  for (const [field, values] of matches) {
    const value = Object.hasOwn(record, field) ? record[field] : undefined;
    if (typeof value === 'string' && values.has(value)) return true;
  }
  return false;
}

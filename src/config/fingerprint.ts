// Digests that tell whether two configurations say the same.

import { createHash } from 'node:crypto';
import { isPlainObject, Substituted } from '../schema/schema.ts';

/** The same for equal values, whatever the order of keys. Secrets count with their values, of which nothing shows. */
export function fingerprint(...values: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify(values.map(canonical)))
    .digest('base64url');
}

function canonical(value: unknown): unknown {
  if (value instanceof Substituted) return value.text;
  if (value instanceof Map || value instanceof Set) return [...value].map(canonical);
  if (Array.isArray(value)) return value.map(canonical);
  if (!isPlainObject(value)) return value ?? null;
  // A list of pairs, because `__proto__` may be a key.
  return {
    members: Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, canonical(member)]),
  };
}

// The argument that says which fields of an object come first.

import type { Value } from '../../event/value.ts';
import { type Failure, fail, wrongKind } from '../4_run/failure.ts';
import { textOf } from './bytes.ts';

/** The names, or the failure of an item that is none. */
export function fieldNames(items: readonly Value[]): string[] | Failure {
  const names: string[] = [];
  for (const [i, item] of items.entries()) {
    if (typeof item !== 'string' && !(item instanceof Uint8Array))
      return fail(`invalid field value type at index ${i}: ${wrongKind(item, 'bytes').message}`);
    names.push(textOf(item));
  }
  return names;
}

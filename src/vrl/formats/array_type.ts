// What the checker knows of the items of an argument that must be an array.

import { Collection } from '../2_check/kind.ts';
import type { TypeDef } from '../2_check/type_def.ts';

/** Any items, where the argument may be something else too and nothing is known of the array. */
export function itemsOf(type: TypeDef): Collection<number> {
  return type.kind.arrayItems ?? Collection.any();
}

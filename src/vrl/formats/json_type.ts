// The type of what parsers of JSON and its relatives give.

import { Collection, Kind } from '../2_check/kind.ts';
import { type TypeDef, typeDef } from '../2_check/type_def.ts';

/** Anything that JSON has, or a failure. */
export function jsonTypeDef(): TypeDef {
  const inner = Kind.of('null', 'bytes', 'integer', 'float', 'boolean', 'array', 'object');
  const scalars = Kind.of('null', 'bytes', 'integer', 'float', 'boolean');
  const array = Kind.array(Collection.of<number>([], inner));
  const object = Kind.object(Collection.of<string>([], inner));
  return typeDef(scalars.union(array).union(object), true);
}

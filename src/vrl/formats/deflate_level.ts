// The compression level of gzip and zlib, as an argument of functions.

import { Kind } from '../2_check/kind.ts';
import { type TypeDef, typeDef } from '../2_check/type_def.ts';
import type { Call } from '../function.ts';

/** Levels go up to this one, which is as good as the one before. */
export const DEFLATE_LEVEL_MAX = 10;

/** The level that an integer is taken for: its lowest 32 bits. */
export function levelOf(value: number | bigint): number {
  return Number(BigInt.asUintN(32, BigInt(value)));
}

/** Bytes; a call fails only where the level is not known while compiling, or too large. */
export function compressedType(call: Call): TypeDef {
  const argument = call.argument('compression_level');
  const level = argument?.constant;
  const isInteger = typeof level === 'bigint' || (typeof level === 'number' && Number.isInteger(level));
  const isSafe = argument === undefined || (isInteger && level <= DEFLATE_LEVEL_MAX);
  return typeDef(Kind.of('bytes'), !isSafe);
}

// An argument that names an algorithm, where it is known while compiling: whether a call can fail hangs on it.

import type { Call } from '../function.ts';
import { textOf } from './bytes.ts';

/** The name in upper case, `otherwise` where the argument is not given, undefined where it is not known. */
export function constantName(call: Call, parameter: string, otherwise: string): string | undefined {
  const argument = call.argument(parameter);
  if (argument === undefined) return otherwise;
  const { constant } = argument;
  if (typeof constant === 'string' || constant instanceof Uint8Array) return textOf(constant).toUpperCase();
  return undefined;
}

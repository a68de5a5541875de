// Functions from text. V8 keeps the text and code of each in a cache that it never empties, 1.1 KB and more for every
// text that was ever seen; so the cache is off while a function is made. (Made so, it is not slower either.)

import { builtin } from './builtin.ts';

const v8 = builtin<typeof import('node:v8')>('node:v8');
const vm = builtin<typeof import('node:vm')>('node:vm');

/**
 * A function of these parameters. Its text must come from generators that quote what is not theirs. In profiles and stack
 * traces it is the file `sluice/NAME`.
 */
export function makeFunction(parameters: readonly string[], body: string, name: string): unknown {
  const filename = `sluice/${name.replace(/[^\w.:/-]/g, '_')}`;
  // Profiles of the heap know a script by its name alone, which functions made without Node do not have.
  if (!v8 || !vm) return new Function(...parameters, `${body}\n//# sourceURL=${filename}`);
  v8.setFlagsFromString('--no-compilation-cache');
  try {
    return vm.compileFunction(body, parameters, { filename });
  } finally {
    v8.setFlagsFromString('--compilation-cache');
  }
}

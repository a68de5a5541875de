// Functions from text. V8 keeps the text and code of each in a cache that it never empties, 1.6 KB and more for every
// text that was ever seen; so the cache is off while a function is made. (Made so, it is not slower either.)

import { builtin } from './builtin.ts';

const v8 = builtin<typeof import('node:v8')>('node:v8');

/**
 * A function of these parameters. Its text must come from generators that quote what is not theirs. In profiles and stack
 * traces it is the file `sluice/NAME`.
 */
export function makeFunction(parameters: readonly string[], body: string, name: string): unknown {
  v8?.setFlagsFromString('--no-compilation-cache');
  try {
    return new Function(...parameters, `${body}\n//# sourceURL=sluice/${name.replace(/[^\w.:/-]/g, '_')}`);
  } finally {
    v8?.setFlagsFromString('--compilation-cache');
  }
}

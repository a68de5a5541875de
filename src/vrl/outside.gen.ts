// All functions that reach outside of the program, by name. Written by `npm run gen`; do not edit.

import type { FunctionDefinition } from './function.ts';

export const outside: readonly FunctionDefinition[] = [];

// All functions that reach outside of the program, by name. Written by `npm run gen`; do not edit.

import type { FunctionDefinition } from './function.ts';
import { getEnvVar } from './outside/get_env_var.ts';
import { getHostname } from './outside/get_hostname.ts';

export const outside: readonly FunctionDefinition[] = [
  getEnvVar,
  getHostname,
];

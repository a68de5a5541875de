// Environment variables of the process.

import { env } from 'node:process';
import { lossy } from '../4_run/convert.ts';
import { fail } from '../4_run/failure.ts';
import { defineFunction, required } from '../function.ts';

export const getEnvVar = defineFunction({
  name: 'get_env_var',
  category: 'System',
  doc: 'Gives the value of an environment variable.',
  parameters: [required('name', 'bytes', 'The name of the variable.')],
  failures: ['There is no such variable.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'Where programs are found', source: 'get_env_var!("PATH")', result: '/usr/bin', varies: true },
    {
      title: 'No such variable',
      source: 'get_env_var!("NO SUCH VARIABLE")',
      error: 'function call error for "get_env_var" at (0:32): environment variable not found',
    },
  ],
  run(name: string | Uint8Array) {
    const key = lossy(name);
    return (Object.hasOwn(env, key) ? env[key] : undefined) ?? fail('environment variable not found');
  },
});

// Gives the event a secret.

import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { lossy } from '../4_run/convert.ts';
import { defineFunction, type RunContext, required } from '../function.ts';

export const setSecret = defineFunction({
  name: 'set_secret',
  category: 'Event',
  doc: 'Gives the event a secret to travel with it, in place of one of the same name.',
  parameters: [required('key', 'bytes', 'The name of the secret.'), required('secret', 'bytes', 'The secret.')],
  returns: { kinds: ['null'], fallible: false },
  type: () => typeDef(Kind.of('null'), false, false),
  context: true,
  examples: [{ title: 'A token', source: 'set_secret("splunk_hec_token", "abc")', result: null }],
  run({ secrets }: RunContext, key: string | Uint8Array, secret: string | Uint8Array) {
    secrets.set(lossy(key), lossy(secret));
    return null;
  },
});

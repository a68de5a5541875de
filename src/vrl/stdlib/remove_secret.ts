// Removes a secret of the event.

import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { lossy } from '../4_run/convert.ts';
import { defineFunction, type RunContext, required } from '../function.ts';

export const removeSecret = defineFunction({
  name: 'remove_secret',
  category: 'Event',
  doc: 'Takes a secret from the event.',
  parameters: [required('key', 'bytes', 'The name of the secret.')],
  returns: { kinds: ['null'], fallible: false },
  type: () => typeDef(Kind.of('null'), false, false),
  context: true,
  examples: [{ title: 'A key', source: 'remove_secret("datadog_api_key")', result: null }],
  run({ secrets }: RunContext, key: string | Uint8Array) {
    secrets.remove(lossy(key));
    return null;
  },
});

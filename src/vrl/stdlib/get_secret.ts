// Reads a secret of the event.

import { lossy } from '../4_run/convert.ts';
import { defineFunction, type RunContext, required } from '../function.ts';

export const getSecret = defineFunction({
  name: 'get_secret',
  category: 'Event',
  doc: 'Gives a secret that travels with the event, such as `datadog_api_key` or `splunk_hec_token`; `null` if none.',
  parameters: [required('key', 'bytes', 'The name of the secret.')],
  returns: { kinds: ['bytes', 'null'], fallible: false },
  context: true,
  examples: [{ title: 'None', source: 'get_secret("splunk_hec_token")', result: null }],
  run({ secrets }: RunContext, key: string | Uint8Array) {
    return secrets.get(lossy(key)) ?? null;
  },
});

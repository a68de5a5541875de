// The name of an address.

import { lossy } from '../4_run/convert.ts';
import { fail } from '../4_run/failure.ts';
import { formatIp, IP_SYNTAX, parseIp } from '../formats/ip_address.ts';
import { defineFunction, required } from '../function.ts';
import { runBlocking } from './blocking.ts';

/** The system's own resolver gives up before. */
const DEADLINE_MS = 60_000;

export const reverseDns = defineFunction({
  name: 'reverse_dns',
  category: 'System',
  doc: 'Asks for the name of the host with an IP address.',
  notices: ['The program waits for the reply. Keep it away from busy streams of events.'],
  parameters: [required('value', 'bytes', 'The address, of IPv4 or IPv6.')],
  failures: ['`value` is no IP address.', 'The address has no name, or nobody tells it.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'This machine', source: 'reverse_dns!("127.0.0.1")', compileOnly: true },
    {
      title: 'No address',
      source: 'reverse_dns!("localhost")',
      error: 'function call error for "reverse_dns" at (0:25): unable to parse IP address: invalid IP address syntax',
    },
  ],
  run(value: string | Uint8Array) {
    const address = parseIp(lossy(value));
    if (address === undefined) return fail(`unable to parse IP address: ${IP_SYNTAX}`);
    const reply = runBlocking({ kind: 'reverse', address: formatIp(address) }, DEADLINE_MS);
    return 'error' in reply ? fail(`unable to perform a lookup : ${reply.error}`) : (reply.result as string);
  },
});

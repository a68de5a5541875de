import { fail } from '../4_run/failure.ts';
import { textOf } from '../formats/bytes.ts';
import { IPV4_SYNTAX, parseIpv4 } from '../formats/ip_address.ts';
import { defineFunction, required } from '../function.ts';

export const ipAton = defineFunction({
  name: 'ip_aton',
  category: 'IP',
  doc: 'Gives the number that an IPv4 address is, in network order.',
  parameters: [required('value', 'bytes', 'The address.')],
  failures: ['`value` is not an IPv4 address.'],
  returns: { kinds: ['integer'], fallible: true },
  examples: [{ title: 'The number of an address', source: 'ip_aton!("10.0.1.2")', result: 167772418 }],
  run(value: string | Uint8Array) {
    return parseIpv4(textOf(value)) ?? fail(`unable to parse IPv4 address: ${IPV4_SYNTAX}`);
  },
});

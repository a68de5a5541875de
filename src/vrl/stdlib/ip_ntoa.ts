import { fail } from '../4_run/failure.ts';
import { formatIpv4 } from '../formats/ip_address.ts';
import { defineFunction, required } from '../function.ts';

export const ipNtoa = defineFunction({
  name: 'ip_ntoa',
  category: 'IP',
  doc: 'Gives the IPv4 address that a number is, in network order.',
  parameters: [required('value', 'integer', 'The number.')],
  failures: ['`value` has no place in 32 bits without a sign.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [{ title: 'The address of a number', source: 'ip_ntoa!(167772418)', result: '10.0.1.2' }],
  run(value: number | bigint) {
    if (value < 0 || value > 0xffff_ffff) return fail('cannot convert to bytes: integer does not fit in u32');
    return formatIpv4(Number(value));
  },
});

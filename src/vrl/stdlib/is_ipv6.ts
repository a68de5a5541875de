import { textOf } from '../formats/bytes.ts';
import { parseIpv6 } from '../formats/ip_address.ts';
import { defineFunction, required } from '../function.ts';

export const isIpv6 = defineFunction({
  name: 'is_ipv6',
  category: 'IP',
  doc: 'Determines whether `value` is an IPv6 address.',
  parameters: [required('value', 'bytes', 'The text to check.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'IPv4', source: 'is_ipv6("192.168.0.1")', result: false },
    { title: 'IPv6', source: 'is_ipv6("2001:db8::1")', result: true },
    { title: 'Neither', source: 'is_ipv6("localhost")', result: false },
  ],
  run: (value: string | Uint8Array) => parseIpv6(textOf(value)) !== undefined,
});

import { textOf } from '../formats/bytes.ts';
import { parseIpv4 } from '../formats/ip_address.ts';
import { defineFunction, required } from '../function.ts';

export const isIpv4 = defineFunction({
  name: 'is_ipv4',
  category: 'IP',
  doc: 'Determines whether `value` is an IPv4 address.',
  parameters: [required('value', 'bytes', 'The text to check.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'IPv4', source: 'is_ipv4("192.168.0.1")', result: true },
    { title: 'IPv6', source: 'is_ipv4("2001:db8::1")', result: false },
    { title: 'Neither', source: 'is_ipv4("localhost")', result: false },
  ],
  run: (value: string | Uint8Array) => parseIpv4(textOf(value)) !== undefined,
});

import { textOf } from '../formats/bytes.ts';
import { formatIp, isIpv4, mapIpv4, parseIp } from '../formats/ip_address.ts';
import { notAnIp } from '../formats/ip_arguments.ts';
import { defineFunction, required } from '../function.ts';

export const ipToIpv6 = defineFunction({
  name: 'ip_to_ipv6',
  category: 'IP',
  doc: 'Gives an IP address as IPv6: an IPv4 address becomes the mapped one, an IPv6 address stays.',
  parameters: [required('value', 'bytes', 'The address.')],
  failures: ['`value` is not an IP address.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'IPv4', source: 'ip_to_ipv6!("192.168.0.1")', result: '::ffff:192.168.0.1' },
    { title: 'IPv6', source: 'ip_to_ipv6!("2001:0db8::1")', result: '2001:db8::1' },
  ],
  run(value: string | Uint8Array) {
    const address = parseIp(textOf(value));
    if (address === undefined) return notAnIp();
    return formatIp(isIpv4(address) ? mapIpv4(address) : address);
  },
});

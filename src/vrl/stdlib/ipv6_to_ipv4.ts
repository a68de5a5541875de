import { fail } from '../4_run/failure.ts';
import { textOf } from '../formats/bytes.ts';
import { embeddedIpv4, formatIp, formatIpv4, isIpv4, parseIp } from '../formats/ip_address.ts';
import { notAnIp } from '../formats/ip_arguments.ts';
import { defineFunction, required } from '../function.ts';

export const ipv6ToIpv4 = defineFunction({
  name: 'ipv6_to_ipv4',
  category: 'IP',
  doc: 'Gives the IPv4 address that an IPv6 address stands for. An IPv4 address stays.',
  parameters: [required('value', 'bytes', 'The address.')],
  failures: ['`value` is not an IP address, or an IPv6 address that stands for none.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'A mapped address', source: 'ipv6_to_ipv4!("::ffff:192.168.0.1")', result: '192.168.0.1' },
    {
      title: 'Any other',
      source: 'ipv6_to_ipv4!("2001:db8::1")',
      error: 'function call error for "ipv6_to_ipv4" at (0:28): IPV6 address 2001:db8::1 is not compatible with IPV4',
    },
  ],
  run(value: string | Uint8Array) {
    const address = parseIp(textOf(value));
    if (address === undefined) return notAnIp();
    const ipv4 = isIpv4(address) ? address : embeddedIpv4(address);
    if (ipv4 !== undefined) return formatIpv4(ipv4);
    return fail(`IPV6 address ${formatIp(address)} is not compatible with IPV4`);
  },
});

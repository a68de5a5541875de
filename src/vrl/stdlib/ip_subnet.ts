import type { Value } from '../../event/value.ts';
import { fail, wrongKind } from '../4_run/failure.ts';
import { isText } from '../formats/argument_kinds.ts';
import { textOf } from '../formats/bytes.ts';
import { formatIp, IP_SYNTAX, type IpAddress, isIpv4, maskIp, parseIp, prefixMask } from '../formats/ip_address.ts';
import { notAnIp } from '../formats/ip_arguments.ts';
import { parseUnsigned } from '../formats/ip_network.ts';
import { defineFunction, required } from '../function.ts';

export const ipSubnet = defineFunction({
  name: 'ip_subnet',
  category: 'IP',
  doc: 'Gives the address of the network that an IP address is in.',
  parameters: [
    required('value', 'bytes', 'The address.'),
    required('subnet', 'bytes', 'The length of the prefix, as in `/8`, or a mask, as in `255.0.0.0`.'),
  ],
  failures: ['`value` is not an IP address.', '`subnet` is neither a length nor a mask.', 'They are of two kinds.'],
  returns: { kinds: ['bytes'], fallible: true },
  checkOrder: ['value'],
  examples: [
    { title: 'By length', source: 'ip_subnet!("192.168.10.23", "/24")', result: '192.168.10.0' },
    { title: 'By mask', source: 'ip_subnet!("192.168.10.23", "255.255.0.0")', result: '192.168.0.0' },
    { title: 'IPv6', source: 'ip_subnet!("2001:db8:1:2::3", "/48")', result: '2001:db8:1::' },
  ],
  run(value: string | Uint8Array, subnet: Value) {
    const address = parseIp(textOf(value));
    if (address === undefined) return notAnIp();
    if (!isText(subnet)) return wrongKind(subnet, 'bytes');
    const text = textOf(subnet);
    if (text.startsWith('/')) return byLength(address, text);
    const mask = parseIp(text);
    if (mask === undefined) return fail(`unable to parse mask: ${IP_SYNTAX}`);
    if (isIpv4(address) === isIpv4(mask)) return formatIp(maskIp(address, mask));
    const [own, other] = isIpv4(address) ? ['ipv4', 'ipv6'] : ['ipv6', 'ipv4'];
    return fail(`attempting to mask an ${own} address with an ${other} mask`);
  },
});

function byLength(address: IpAddress, text: string) {
  const length = parseUnsigned(text.slice(1), 0xffff_ffff);
  if (typeof length === 'string') return fail(`${text} is not a valid subnet`);
  const isV4 = isIpv4(address);
  const max = isV4 ? 32 : 128;
  if (length > max) return fail(`subnet cannot be greater than ${max} for ipv${isV4 ? 4 : 6} addresses`);
  return formatIp(maskIp(address, prefixMask(isV4, length)));
}

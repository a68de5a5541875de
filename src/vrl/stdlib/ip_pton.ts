import { bytesValue } from '../../event/value.ts';
import { textOf } from '../formats/bytes.ts';
import { ipBytes, parseIp } from '../formats/ip_address.ts';
import { notAnIp } from '../formats/ip_arguments.ts';
import { defineFunction, required } from '../function.ts';

export const ipPton = defineFunction({
  name: 'ip_pton',
  category: 'IP',
  doc: 'Gives the bytes of an IP address in network order: 4 for IPv4, 16 for IPv6.',
  parameters: [required('value', 'bytes', 'The address.')],
  failures: ['`value` is not an IP address.'],
  notices: ['Not every address is valid UTF-8: `encode_base64` makes text of the bytes.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'IPv4', source: 'encode_base64(ip_pton!("192.168.0.1"))', result: 'wKgAAQ==' },
    { title: 'IPv6', source: 'encode_base64(ip_pton!("2001:db8::1"))', result: 'IAENuAAAAAAAAAAAAAAAAQ==' },
  ],
  run(value: string | Uint8Array) {
    const address = parseIp(textOf(value));
    return address === undefined ? notAnIp() : bytesValue(ipBytes(address));
  },
});

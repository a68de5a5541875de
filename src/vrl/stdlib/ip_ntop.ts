import { fail } from '../4_run/failure.ts';
import { bytesOf } from '../formats/bytes.ts';
import { formatIp, ipOfBytes } from '../formats/ip_address.ts';
import { defineFunction, required } from '../function.ts';

export const ipNtop = defineFunction({
  name: 'ip_ntop',
  category: 'IP',
  doc: 'Gives the IP address that bytes in network order are: 4 for IPv4, 16 for IPv6.',
  parameters: [required('value', 'bytes', 'The bytes of the address.')],
  failures: ['`value` has another length than 4 or 16 bytes.'],
  notices: ['Not every address is valid UTF-8: `encode_base64` makes text of the bytes.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'IPv4', source: 'ip_ntop!(decode_base64!("wKgAAQ=="))', result: '192.168.0.1' },
    { title: 'IPv6', source: 'ip_ntop!(decode_base64!("IAENuAAAAAAAAAAAAAAAAQ=="))', result: '2001:db8::1' },
  ],
  run(value: string | Uint8Array) {
    const bytes = bytesOf(value);
    if (bytes.length !== 4 && bytes.length !== 16) return fail('"value" must be of length 4 or 16 bytes');
    return formatIp(ipOfBytes(bytes));
  },
});

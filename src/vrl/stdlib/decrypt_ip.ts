import type { Value } from '../../event/value.ts';
import { Failure } from '../4_run/failure.ts';
import { formatIp } from '../formats/ip_address.ts';
import { cipheredIp } from '../formats/ip_arguments.ts';
import { defineFunction, required } from '../function.ts';

export const decryptIp = defineFunction({
  name: 'decrypt_ip',
  category: 'IP',
  doc: 'Decrypts an IP address that `encrypt_ip` made with the same key and mode.',
  parameters: [
    required('ip', 'bytes', 'The address to decrypt.'),
    required('key', 'bytes', 'The key as bytes: 16 for `aes128`, 32 for `pfx`.'),
    required('mode', 'bytes', '`aes128` or `pfx`.'),
  ],
  failures: [
    '`ip` is not an address.',
    '`mode` is not one of the two.',
    '`key` is of another size than the mode wants, or its halves are the same.',
  ],
  notices: [
    'The modes are those of [IPCrypt](https://ipcrypt-std.github.io): `ipcrypt-deterministic` and `ipcrypt-pfx`.',
  ],
  returns: { kinds: ['bytes'], fallible: true },
  checkOrder: ['ip'],
  examples: [
    {
      title: 'Any address',
      source: 'decrypt_ip!("72b9:a747:f2e9:72af:76ca:5866:6dcf:c3b0", "sixteen byte key", "aes128")',
      result: '192.168.1.1',
    },
    {
      title: 'Within its network',
      source: 'decrypt_ip!("33.245.248.61", "thirty-two bytes key for pfx use", "pfx")',
      result: '192.168.1.1',
    },
  ],
  run(ip: string | Uint8Array, key: Value, mode: Value) {
    const ciphered = cipheredIp(ip, key, mode);
    if (ciphered instanceof Failure) return ciphered;
    return formatIp(ciphered.cipher.decrypt(ciphered.address));
  },
});

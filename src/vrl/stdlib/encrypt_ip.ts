import type { Value } from '../../event/value.ts';
import { Failure } from '../4_run/failure.ts';
import { formatIp } from '../formats/ip_address.ts';
import { cipheredIp } from '../formats/ip_arguments.ts';
import { defineFunction, required } from '../function.ts';

export const encryptIp = defineFunction({
  name: 'encrypt_ip',
  category: 'IP',
  doc:
    'Encrypts an IP address into another, so that it can be recognized and not read. ' +
    'With `aes128` any address becomes any other; with `pfx` addresses of one network stay in one network, and IPv4 ' +
    'stays IPv4.',
  parameters: [
    required('ip', 'bytes', 'The address to encrypt.'),
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
      source: 'encrypt_ip!("192.168.1.1", "sixteen byte key", "aes128")',
      result: '72b9:a747:f2e9:72af:76ca:5866:6dcf:c3b0',
    },
    {
      title: 'Within its network',
      source: 'encrypt_ip!("192.168.1.1", "thirty-two bytes key for pfx use", "pfx")',
      result: '33.245.248.61',
    },
  ],
  run(ip: string | Uint8Array, key: Value, mode: Value) {
    const ciphered = cipheredIp(ip, key, mode);
    if (ciphered instanceof Failure) return ciphered;
    return formatIp(ciphered.cipher.encrypt(ciphered.address));
  },
});

import { bytesValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { bytesOf, textOf } from '../formats/bytes.ts';
import { constantName } from '../formats/constant_name.ts';
import { hmacAlgorithms } from '../formats/hashes.ts';
import { defineFunction, optional, required } from '../function.ts';

export const hmac = defineFunction({
  name: 'hmac',
  category: 'Cryptography',
  doc:
    'Computes the [HMAC](https://en.wikipedia.org/wiki/HMAC) of `value` with a key. The result is bytes: ' +
    '`encode_base16` or `encode_base64` make text of them. ' +
    'A call cannot fail when `algorithm` is left out, or is a literal that names one.',
  parameters: [
    required('value', 'bytes', 'The string to authenticate.'),
    required('key', 'bytes', 'The key.'),
    optional('algorithm', 'bytes', 'The hash to use, in upper or lower case.', {
      default: 'SHA-256',
      values: Object.fromEntries(Object.keys(hmacAlgorithms).map((name) => [name, `The hash ${name}`])),
    }),
  ],
  failures: ['`algorithm` is not one of the hashes.'],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    {
      title: 'With the default',
      source: 'encode_base16(hmac("hello", "secret"))',
      result: '88aab3ede8d3adf94d26ab90d3bafd4a2083070c3bcce9c014ee04a443847c0b',
    },
    {
      title: 'With another hash',
      source: 'encode_base16(hmac("hello", "secret", algorithm: "SHA1"))',
      result: '5112055c05f944f85755efc5cd8970e194e9f45b',
    },
  ],
  type(call) {
    const name = constantName(call, 'algorithm', 'SHA-256');
    return typeDef(Kind.of('bytes'), name === undefined || !Object.hasOwn(hmacAlgorithms, name));
  },
  run(value: string | Uint8Array, key: string | Uint8Array, algorithm: string | Uint8Array) {
    const name = textOf(algorithm).toUpperCase();
    const hash = Object.hasOwn(hmacAlgorithms, name) ? hmacAlgorithms[name] : undefined;
    return hash === undefined ? fail(`Invalid algorithm: ${name}`) : bytesValue(hash(bytesOf(key), bytesOf(value)));
  },
});

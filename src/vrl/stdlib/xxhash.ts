import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { passingBytesOf, textOf } from '../formats/bytes.ts';
import { constantName } from '../formats/constant_name.ts';
import { xxh3Of64 } from '../formats/xxh3.ts';
import { xxh3Of128 } from '../formats/xxh3_128.ts';
import { xxh32, xxh64Word } from '../formats/xxhash.ts';
import { defineFunction, optional, required } from '../function.ts';

const VARIANTS: Readonly<Record<string, (bytes: Uint8Array) => number | bigint | string>> = {
  XXH32: xxh32,
  XXH64: (bytes) => xxh64Word(bytes).toInteger(),
  'XXH3-64': (bytes) => xxh3Of64(bytes).toInteger(),
  'XXH3-128': (bytes) => String(xxh3Of128(bytes)),
};

export const xxhash = defineFunction({
  name: 'xxhash',
  category: 'Checksum',
  doc: 'Computes an [xxHash](https://xxhash.com) of `value`: an integer, or decimal digits where it has 128 bits.',
  parameters: [
    required('value', 'bytes', 'The string to hash.'),
    optional('variant', 'bytes', 'The hash to use, in upper or lower case: XXH32, XXH64, XXH3-64 or XXH3-128.', {
      default: 'XXH32',
    }),
  ],
  failures: ['`variant` is not one of the hashes.'],
  notices: ['A hash of 64 bits is a signed integer: half of them are negative.'],
  returns: { kinds: ['bytes'], fallible: false },
  hasLooseType: true,
  examples: [
    { title: '32 bits', source: 'xxhash("hello")', result: 4211111929 },
    { title: '64 bits', source: 'xxhash("hello", variant: "XXH3-64")', result: -7685981735718036227n },
    {
      title: '128 bits',
      source: 'xxhash("hello", variant: "XXH3-128")',
      result: '241804000618833338782870102822322583576',
    },
  ],
  // It also gives integers, but programs that compile elsewhere must compile here.
  type(call) {
    const name = constantName(call, 'variant', 'XXH32');
    return typeDef(Kind.of('bytes'), name === undefined || !Object.hasOwn(VARIANTS, name));
  },
  run(value: string | Uint8Array, variant: string | Uint8Array) {
    const name = textOf(variant).toUpperCase();
    const hash = Object.hasOwn(VARIANTS, name) ? VARIANTS[name] : undefined;
    if (hash !== undefined) return hash(passingBytesOf(value));
    return fail("Variant must be either 'XXH32', 'XXH64', 'XXH3-64', or 'XXH3-128'");
  },
});

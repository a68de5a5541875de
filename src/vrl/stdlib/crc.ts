import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { bytesOf, textOf } from '../formats/bytes.ts';
import { constantName } from '../formats/constant_name.ts';
import { crcOf } from '../formats/crc.ts';
import { CRC_CATALOGUE } from '../formats/crc_catalogue.ts';
import { defineFunction, optional, required } from '../function.ts';

export const crc = defineFunction({
  name: 'crc',
  category: 'Checksum',
  doc: 'Computes a [cyclic redundancy check](https://en.wikipedia.org/wiki/Cyclic_redundancy_check) of `value`, as decimal digits.',
  parameters: [
    required('value', 'bytes', 'The string to compute the checksum of.'),
    optional('algorithm', 'bytes', 'The check to use, in upper or lower case.', {
      default: 'CRC_32_ISO_HDLC',
      values: Object.fromEntries(Object.entries(CRC_CATALOGUE).map(([name, line]) => [name, describe(name, line)])),
    }),
  ],
  failures: ['`algorithm` is not one of the checks.'],
  returns: { kinds: ['bytes'], fallible: false },
  checkOrder: ['algorithm', 'value'],
  examples: [
    { title: 'The usual check', source: 'crc("hello")', result: '907060870' },
    { title: 'Another check', source: 'crc("hello", algorithm: "CRC_8_SMBUS")', result: '146' },
    {
      title: 'No such check',
      source: 'crc!("hello", algorithm: "CRC_9")',
      error: 'function call error for "crc" at (0:33): Invalid CRC algorithm: CRC_9',
    },
  ],
  type(call) {
    const name = constantName(call, 'algorithm', 'CRC_32_ISO_HDLC');
    return typeDef(Kind.of('bytes'), name === undefined || !Object.hasOwn(CRC_CATALOGUE, name));
  },
  run(value: string | Uint8Array, algorithm: string | Uint8Array) {
    const name = textOf(algorithm).toUpperCase();
    const check = crcOf(name);
    return check === undefined ? fail(`Invalid CRC algorithm: ${name}`) : check(bytesOf(value));
  },
});

/** `CRC_16_ARC` → `16 bits, polynomial 0x8005, low bits first`. */
function describe(name: string, line: string): string {
  const [, polynomial, , order] = line.split(' ');
  return `${name.split('_')[1]} bits, polynomial 0x${polynomial}, ${order === 'reflected' ? 'low' : 'high'} bits first`;
}

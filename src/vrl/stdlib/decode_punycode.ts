import type { Value } from '../../event/value.ts';
import { fail, wrongKind } from '../4_run/failure.ts';
import { textOf } from '../formats/bytes.ts';
import { domainToUnicode } from '../formats/idna.ts';
import { punycodeDecode } from '../formats/punycode.ts';
import { defineFunction, optional, required } from '../function.ts';

const PREFIX = 'xn--';

export const decodePunycode = defineFunction({
  name: 'decode_punycode',
  category: 'Codec',
  doc: 'Decodes the labels of a domain name that are written in [Punycode](https://en.wikipedia.org/wiki/Punycode).',
  parameters: [
    required('value', 'bytes', 'The domain name.'),
    optional('validate', 'boolean', 'Whether the name must be a valid one.', { default: true }),
  ],
  failures: ['`value` is not a valid domain name.'],
  returns: { kinds: ['bytes'], fallible: true },
  checkOrder: ['value'],
  examples: [
    { title: 'Decode', source: 'decode_punycode!("www.xn--caf-dma.com")', result: 'www.café.com' },
    {
      title: 'A name that is not valid',
      source: 'decode_punycode!("xn--a-\u200d.com")',
      error: 'function call error for "decode_punycode" at (0:33): unable to decode punycode',
    },
    {
      title: 'Taken all the same',
      source: 'decode_punycode!("xn--8hbb.xn--fiba.", validate: false)',
      result: '١٠.٦٦.',
    },
  ],
  run(value: string | Uint8Array, validate: Value) {
    const text = textOf(value);
    if (!text.includes(PREFIX)) return text;
    if (typeof validate !== 'boolean') return wrongKind(validate, 'boolean');
    if (validate) return domainToUnicode(text) ?? fail('unable to decode punycode');
    return text.split('.').map(decodeLabel).join('.');
  },
});

function decodeLabel(label: string): string {
  return label.startsWith(PREFIX) ? (punycodeDecode(label.slice(PREFIX.length)) ?? label) : label;
}

import { fail } from '../4_run/failure.ts';
import { textOf } from '../formats/bytes.ts';
import { domainToAscii } from '../formats/idna.ts';
import { punycodeEncode } from '../formats/punycode.ts';
import { defineFunction, optional, required } from '../function.ts';

const PREFIX = 'xn--';

export const encodePunycode = defineFunction({
  name: 'encode_punycode',
  category: 'Codec',
  doc: 'Writes the labels of a domain name in [Punycode](https://en.wikipedia.org/wiki/Punycode) where they need it.',
  parameters: [
    required('value', 'bytes', 'The domain name.'),
    optional('validate', 'boolean', 'Whether the name must be a valid one.', { default: true }),
  ],
  failures: ['`value` is not a valid domain name.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'Encode', source: 'encode_punycode!("www.CAFÉ.com")', result: 'www.xn--caf-dma.com' },
    { title: 'Nothing to do', source: 'encode_punycode!("www.cafe.com")', result: 'www.cafe.com' },
    {
      title: 'Any text',
      source: 'encode_punycode!("xn--8hbb.xn--fiba.", validate: false)',
      result: 'xn--8hbb.xn--fiba.',
    },
  ],
  run(value: string | Uint8Array, validate: boolean) {
    const text = textOf(value);
    if (/^[a-z0-9.]*$/.test(text)) return text;
    if (validate) return domainToAscii(text) ?? fail('unable to encode to punycode');
    return text.split('.').map(encodeLabel).join('.');
  },
});

function encodeLabel(label: string): string {
  const lower = label.toLowerCase();
  if (label.startsWith(PREFIX) || /^[\x00-\x7f]*$/.test(label)) return lower;
  return PREFIX + (punycodeEncode(lower) ?? lower);
}

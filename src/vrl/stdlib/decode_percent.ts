import { percentDecode } from '../formats/percent.ts';
import { defineFunction, required } from '../function.ts';

export const decodePercent = defineFunction({
  name: 'decode_percent',
  category: 'Codec',
  doc: 'Decodes the [percent-encoded](https://url.spec.whatwg.org/#percent-encoded-bytes) characters in `value`.',
  parameters: [required('value', 'bytes', 'The string to decode.')],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    { title: 'Decode', source: 'decode_percent("100%25 caf%C3%A9")', result: '100% café' },
    { title: 'What is no escape stays', source: 'decode_percent("50% off")', result: '50% off' },
  ],
  run: (value: string | Uint8Array) => percentDecode(value),
});

import type { Value } from '../../event/value.ts';
import { bytesOf } from '../formats/bytes.ts';
import { graphemesOf } from '../formats/letter_case.ts';
import { floatOrZero } from '../formats/rounding.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

const SEGMENTATIONS = {
  byte: 'Bytes.',
  codepoint: 'Unicode code points.',
  grapheme: 'Characters as a reader sees them.',
};

export const shannonEntropy = defineFunction({
  name: 'shannon_entropy',
  category: 'String',
  doc: "Returns Shannon's entropy of a text: how many bits each of its parts tells on average.",
  parameters: [
    required('value', 'bytes', 'The text to measure.'),
    optional('segmentation', 'bytes', 'What the parts are that are counted.', {
      default: 'byte',
      values: SEGMENTATIONS,
    }),
  ],
  returns: { kinds: ['float'], fallible: false },
  examples: [
    { title: 'Little to tell', source: 'shannon_entropy("aab")', result: 0.9182958340544896 },
    { title: 'Graphemes', source: 'shannon_entropy("añb", segmentation: "grapheme")', result: 1.584962500721156 },
  ],
  prepare(call) {
    const segmentation = call.oneOf('segmentation', Object.keys(SEGMENTATIONS)) ?? 'byte';
    if (segmentation === 'byte') return byteEntropy;
    const partsOf: (text: string) => Iterable<string> = segmentation === 'grapheme' ? graphemesOf : (text) => text;
    return (value: string | Uint8Array) => {
      const counts = new Map<string, number>();
      let total = 0;
      for (const part of partsOf(utf8Text(value))) {
        counts.set(part, (counts.get(part) ?? 0) + 1);
        total += 1;
      }
      return entropy(counts.values(), total);
    };
  },
});

function byteEntropy(value: string | Uint8Array): Value {
  const bytes = bytesOf(value);
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte]! += 1;
  return entropy(counts, bytes.length);
}

function entropy(counts: Iterable<number>, total: number): Value {
  let bits = 0;
  for (const count of counts) {
    if (count === 0) continue;
    const share = count / total;
    bits -= share * Math.log2(share);
  }
  return floatOrZero(bits);
}

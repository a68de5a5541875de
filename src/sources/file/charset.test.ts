import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CharsetDecoder, encode, findCharset } from './charset.ts';

function decoder(label: string) {
  const counts = { boms: 0, malformed: 0 };
  const add = (key: 'boms' | 'malformed') => ({ add: (count: number) => void (counts[key] += count) });
  return {
    counts,
    decoder: new CharsetDecoder(findCharset(label)!, { boms: add('boms'), malformed: add('malformed') }),
  };
}

test('knows charsets by their labels', () => {
  assert.deepEqual(findCharset('ISO-8859-1'), { name: 'windows-1252', unitBytes: 1 });
  assert.deepEqual(findCharset('utf-16'), { name: 'utf-16le', unitBytes: 2 });
  assert.equal(findCharset('klingon'), undefined);
});

for (const [label, text, bytes] of [
  ['utf-16le', '\n', [0x0a, 0]],
  ['utf-16be', '\r\n', [0, 0x0d, 0, 0x0a]],
  ['windows-1252', '€\n', [0x80, 0x0a]],
  ['shift_jis', '。', [0x81, 0x42]],
  ['gbk', '；', [0xa3, 0xbb]],
  ['utf-8', 'é', [0xc3, 0xa9]],
] as const) {
  test(`writes ${JSON.stringify(text)} in ${label}`, () => {
    assert.deepEqual([...encode(findCharset(label)!, text)!], bytes);
  });
}

test('says when a delimiter cannot be written in the charset', () => {
  assert.equal(encode(findCharset('windows-1252')!, 'λ'), undefined);
});

test('decodes lines, replaces what the charset does not know and counts it', () => {
  const { decoder: utf16, counts } = decoder('utf-16le');
  assert.equal(utf16.decode(Buffer.from('naïve', 'utf16le')), 'naïve');
  assert.equal(utf16.decode(Buffer.from('\ufeffx', 'utf16le')), 'x');
  assert.equal(utf16.decode(Buffer.from([0x61, 0, 0x00, 0xd8])), 'a\ufffd');
  assert.deepEqual(counts, { boms: 1, malformed: 1 });
  assert.equal(decoder('iso-8859-1').decoder.decode(Buffer.from('café', 'latin1')), 'café');
});

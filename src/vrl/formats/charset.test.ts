// Character sets, both ways.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCharset, decodeMarkedCharset, encodingOf, REPLACEMENT } from './charset.ts';
import { encodeCharset } from './charset_encode.ts';

const samples: readonly [label: string, text: string, hex: string][] = [
  ['latin1', 'café €', '636166e92080'],
  ['koi8-r', 'Привет', 'f0d2c9d7c5d4'],
  ['shift_jis', '日本ｱ', '93fa967bb1'],
  ['euc-jp', '日本ｱ', 'c6fccbdc8eb1'],
  ['iso-2022-jp', 'a日本b', '611b2442467c4b5c1b284262'],
  ['gbk', '你好€', 'c4e3bac380'],
  ['gb18030', '你😀é', 'c4e394 39fc36a8a6'.replace(' ', '')],
  ['big5', '你好', 'a741a66e'],
  ['euc-kr', '안녕', 'bec8b3e7'],
  ['x-user-defined', 'a\uf780', '6180'],
];

for (const [label, text, hex] of samples) {
  test(`${label} of ${text}`, () => {
    const encoding = encodingOf(label)!;
    assert.equal(Buffer.from(encodeCharset(text, encoding)).toString('hex'), hex);
    assert.equal(decodeCharset(Buffer.from(hex, 'hex'), encoding), text);
  });
}

test('what a set does not have is written as a reference', () => {
  assert.equal(new TextDecoder().decode(encodeCharset('a☃b', 'windows-1252')), 'a&#9731;b');
});

test('a byte order mark goes before the name, and is dropped', () => {
  assert.equal(decodeMarkedCharset(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 'big5'), 'a');
  assert.equal(decodeMarkedCharset(Uint8Array.of(0xfe, 0xff, 0, 0x61), 'utf-8'), 'a');
});

test('names are those of the standard', () => {
  assert.equal(encodingOf(' UTF8\n'), 'utf-8');
  assert.equal(encodingOf('iso-2022-kr'), REPLACEMENT);
  for (const unknown of ['', 'bogus', 'utf-7', '__proto__']) assert.equal(encodingOf(unknown), undefined);
});

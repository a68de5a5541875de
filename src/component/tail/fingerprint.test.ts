import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../event/json.ts';
import type { ObjectValue } from '../../event/value.ts';
import { fingerprintJson, HeadChecksum, readFingerprint } from './fingerprint.ts';

const DEFAULTS = { ignored_header_bytes: 0, lines: 1, bytesMax: 102_400 };

function checksum(pieces: readonly string[], options: Partial<typeof DEFAULTS> = {}): bigint | undefined {
  const head = new HeadChecksum({ ...DEFAULTS, ...options });
  for (const piece of pieces) {
    const known = head.add(Buffer.from(piece));
    if (known !== undefined) return known;
  }
  return undefined;
}

test('covers the first line with its newline, in whatever pieces it comes', () => {
  assert.equal(checksum(['first line of a\nsecond\nthird\n']), 15426642810809465459n);
  assert.equal(checksum(['first li', 'ne of a', '\nsecond']), 15426642810809465459n);
});

test('skips a header and covers several lines', () => {
  const options = { ignored_header_bytes: 7, lines: 2 };
  const content = 'header\nline one after the header\nline two\nmore';
  assert.equal(checksum([content], options), 14936080532512811038n);
  assert.equal(checksum([...content], options), 14936080532512811038n);
});

test('is unknown while lines are missing', () => {
  assert.equal(checksum(['no newline']), undefined);
  assert.equal(checksum(['one\n'], { lines: 2 }), undefined);
  assert.equal(checksum(['header'], { ignored_header_bytes: 7 }), undefined);
  assert.equal(checksum([]), undefined);
});

test('covers no more than its limit', () => {
  const cut = checksum(['x'.repeat(50)], { bytesMax: 10 });
  assert.notEqual(cut, undefined);
  assert.equal(checksum(['x'.repeat(5), 'x'.repeat(5), 'yyy'], { bytesMax: 10 }), cut);
});

for (const text of [
  '{"first_lines_checksum":14936080532512811038}',
  '{"first_lines_checksum":3}',
  '{"dev_inode":[65024,10045691]}',
  '{"dev_inode":[18446744073709551615,9007199254740993]}',
]) {
  test(`${text} survives reading and writing`, () => {
    const value = parseJson(text, { unsigned: 'bigint' }) as ObjectValue;
    assert.equal(fingerprintJson(readFingerprint(value)!), text);
  });
}

test('reads the older name and nothing else', () => {
  assert.deepEqual(readFingerprint({ first_line_checksum: 7 }), { kind: 'first_lines_checksum', checksum: 7n });
  const others: ObjectValue[] = [
    {},
    { unknown: 7 },
    { dev_inode: [1] },
    { first_lines_checksum: -1 },
    { dev_inode: [1, 'a'] },
  ];
  for (const value of others) assert.equal(readFingerprint(value), undefined);
});

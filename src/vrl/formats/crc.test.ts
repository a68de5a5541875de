// Every check of the catalogue gives the value that the catalogue states.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crcOf } from './crc.ts';
import { CRC_CATALOGUE } from './crc_catalogue.ts';

const digits = new TextEncoder().encode('123456789');

for (const [name, line] of Object.entries(CRC_CATALOGUE)) {
  test(`${name} of 123456789 is as catalogued`, () => {
    const check = BigInt(`0x${line.split(' ').at(-1)}`);
    assert.equal(crcOf(name)!(digits), String(check));
  });
}

test('a name that is not in the catalogue has no check', () => {
  assert.equal(crcOf('CRC_9'), undefined);
  assert.equal(crcOf('toString'), undefined);
});

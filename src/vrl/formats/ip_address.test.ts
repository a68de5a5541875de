// Addresses are read and written as Rust's standard library does it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIp, parseIp } from './ip_address.ts';
import { parseNetwork } from './ip_network.ts';

const written: readonly [text: string, again: string][] = [
  ['1.2.3.4', '1.2.3.4'],
  ['255.255.255.255', '255.255.255.255'],
  ['::', '::'],
  ['1::', '1::'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
  ['::1.2.3.4', '::102:304'],
  ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
];

for (const [text, again] of written) {
  test(`${text} is an address`, () => assert.equal(formatIp(parseIp(text)!), again));
}

const refused = [
  ...['', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.256', '1.2.3.4 ', '1..2.3', '1.2.3.4::', '::1.2.3.4:5'],
  ...['1:2:3:4:5:6:7:8::', '1::2::3', '12345::', 'g::', 'fe80::1%eth0', ':::', ':1', '1:', '1:2:3:4:5:6:7:1.2.3.4'],
];

test('everything else is none', () => {
  for (const text of refused) assert.equal(parseIp(text), undefined, text);
});

test('a block says what is wrong with it', () => {
  assert.equal(typeof parseNetwork('10.0.0.0/8'), 'object');
  assert.equal(parseNetwork('10.0.0.1/8'), 'host part of address was not zero');
  assert.match(String(parseNetwork('10.0.0.0/33')), /Network length 33 is too long for Ipv4 \(maximum: 32\)/);
  assert.match(String(parseNetwork('10.0.0.0/')), /cannot parse integer from empty string/);
  assert.match(String(parseNetwork('x/8')), /invalid IP address syntax/);
});

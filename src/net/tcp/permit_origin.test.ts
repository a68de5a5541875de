import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPermitted, parseNetwork } from './permit_origin.ts';

const networks = ['192.168.0.0/16', '::1/128', '10.1.2.3/32'].map((text) => parseNetwork(text)!);

for (const [host, permitted] of [
  ['192.168.7.9', true],
  ['192.169.0.1', false],
  ['::ffff:192.168.7.9', true],
  ['::1', true],
  ['::2', false],
  ['10.1.2.3', true],
  ['10.1.2.4', false],
  ['nonsense', false],
  ['', false],
] as const)
  test(`${host || 'nothing'} is ${permitted ? '' : 'not '}permitted`, () => {
    assert.equal(isPermitted(host, networks), permitted);
  });

test('what is no network is not taken for one', () => {
  for (const text of ['192.168.0.0', '10.0.0.0/33', '::1/129', 'example.com/8', ''])
    assert.equal(parseNetwork(text), undefined, text);
});

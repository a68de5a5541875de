import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noProxy } from './no_proxy.ts';

const CASES: readonly (readonly [readonly string[], string, boolean])[] = [
  [[], 'http://example.com', false],
  [['*'], 'http://example.com', true],
  [['example.com'], 'http://example.com/x', true],
  [['example.com'], 'https://EXAMPLE.com', true],
  [['example.com'], 'http://a.example.com', false],
  [['example.com'], 'http://notexample.com', false],
  [['example.com.'], 'http://example.com', true],
  [['.example.com'], 'http://example.com', true],
  [['.example.com'], 'http://a.b.example.com', true],
  [['*.example.com'], 'http://a.example.com', true],
  [['.example.com'], 'http://notexample.com', false],
  [['example.com:8080'], 'http://example.com:8080', true],
  [['example.com:8080'], 'http://example.com', false],
  [['example.com:80'], 'http://example.com', true],
  [['example.com:443'], 'https://example.com', true],
  [['.example.com:443'], 'https://a.example.com', true],
  [['10.0.0.7'], 'http://10.0.0.7', true],
  [['10.0.0.7'], 'http://10.0.0.70', false],
  [['10.0.0.0/8'], 'http://10.200.3.4:9000', true],
  [['10.0.0.0/8'], 'http://11.0.0.1', false],
  [['10.0.0.0/8'], 'http://10.example.com', false],
  [['::1'], 'http://[::1]:8080', true],
  [['[::1]:8080'], 'http://[::1]:8080', true],
  [['[::1]:8080'], 'http://[::1]:81', false],
  [['fd00::/8'], 'http://[fd12::1]', true],
  [['localhost', ' example.org '], 'http://example.org', true],
  [['', '.', '10.0.0.0/99', '10.0.0.0/x', 'nonsense/8', '1.2.3.4/8/9'], 'http://10.0.0.1', false],
];

for (const [rules, uri, expected] of CASES) {
  test(`${JSON.stringify(rules)} ${expected ? 'has' : 'does not have'} ${uri} reached directly`, () => {
    assert.equal(noProxy(rules)(new URL(uri)), expected);
  });
}

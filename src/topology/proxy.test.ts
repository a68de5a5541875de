import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeProxies } from './proxy.ts';

const proxy = (given: { enabled?: boolean; http?: string; https?: string; no_proxy?: string[] }) => ({
  enabled: true,
  http: undefined,
  https: undefined,
  no_proxy: [],
  ...given,
});

test('each part comes from the component, then the global option, then the environment', () => {
  const env = { http_proxy: 'http://env', HTTPS_PROXY: 'http://env-s', NO_PROXY: 'a, .b ,' };
  assert.deepEqual(mergeProxies([undefined, undefined], env), {
    enabled: true,
    http: 'http://env',
    https: 'http://env-s',
    noProxy: ['a', '.b'],
  });
  assert.deepEqual(
    mergeProxies([proxy({ https: 'http://own' }), proxy({ http: 'http://all', no_proxy: ['c'] })], env),
    {
      enabled: true,
      http: 'http://all',
      https: 'http://own',
      noProxy: ['c'],
    },
  );
  assert.deepEqual(mergeProxies([undefined], {}), { enabled: true, noProxy: [] });
});

test('lower case comes before upper case, and an empty variable is none', () => {
  assert.equal(mergeProxies([], { http_proxy: 'http://lower', HTTP_PROXY: 'http://upper' }).http, 'http://lower');
  assert.equal(mergeProxies([], { http_proxy: '', HTTP_PROXY: 'http://upper' }).http, 'http://upper');
});

test('either side switches proxies off', () => {
  assert.equal(mergeProxies([proxy({ enabled: false }), proxy({})], {}).enabled, false);
  assert.equal(mergeProxies([proxy({}), proxy({ enabled: false })], {}).enabled, false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Failure } from '../4_run/failure.ts';
import type { Call } from '../function.ts';
import { dnsLookup } from './dns_lookup.ts';
import { httpRequest } from './http_request.ts';
import { reverseDns } from './reverse_dns.ts';

/** A server in a thread of its own, as this one sleeps during requests. */
const SERVER = `
  const { createServer } = require('node:http');
  const { parentPort } = require('node:worker_threads');
  let busy = 1;
  const server = createServer((request, response) => {
    if (request.url === '/moved') return response.writeHead(302, { location: '/here' }).end();
    if (request.url === '/round') return response.writeHead(302, { location: '/round' }).end();
    if (request.url === '/busy' && busy-- > 0) return response.writeHead(503).end('busy');
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => response.end([request.method, request.url, request.headers['x-a'], body].join(' ')));
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

const call = { argument: () => undefined } as unknown as Call;
const request = httpRequest.prepare!(call);

function get(url: string, method = 'get', body = ''): unknown {
  const result = request(url, method, { 'X-A': 'b' }, body, undefined, undefined, true);
  return result instanceof Failure ? result.message : result;
}

test('makes requests while the program waits', async () => {
  const server = new Worker(SERVER, { eval: true });
  const port = await new Promise((resolve) => server.once('message', resolve));
  const base = `http://127.0.0.1:${port}`;
  assert.equal(get(`${base}/x`, 'post', 'hällo'), 'POST /x b hällo');
  assert.equal(get(`${base}/moved`, 'post', 'lost'), 'GET /here b ');
  assert.equal(get(`${base}/moved`, 'put', 'kept'), 'PUT /here b kept');
  assert.equal(get(`${base}/busy`), 'GET /busy b ');
  assert.equal(
    get(`${base}/round`),
    `HTTP request failed: error following redirect for url (${base}/round) ` +
      `(url: ${base}/round, method: GET, headers: { "X-A": "b" })`,
  );
  await server.terminate();
});

for (const [url, method, headers, message] of [
  ['x', 'get', {}, 'HTTP request failed: builder error (url: x, method: GET, headers: {  })'],
  ['http://a/', 'a b', {}, 'Unsupported HTTP method: A B'],
  ['http://a/', 'get', { 'a b': 'c' }, 'Invalid header key: a b'],
  [
    'http://a/',
    'get',
    { Authorization: 'secret', b: 'c\n' },
    'Invalid header value for key \'b\' (headers: { "Authorization": "***", "b": "c\\n" })',
  ],
] as const) {
  test(`refuses before it connects: ${message.slice(0, 40)}`, () => {
    assert.equal((request(url, method, headers, '', undefined, undefined, true) as Failure).message, message);
  });
}

test('gives up on name servers that do not answer', () => {
  const options = { servers: ['127.0.0.1:1'], timeout: 1, attempts: 1 };
  const result = dnsLookup.run!('example.com', 'A', 'IN', options) as Failure;
  assert.equal(result.message, 'query failed: all timed out');
});

test('refuses what is no address', () => {
  assert.equal((reverseDns.run!('a.b') as Failure).message, 'unable to parse IP address: invalid IP address syntax');
});

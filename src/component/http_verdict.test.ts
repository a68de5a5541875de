import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError, type HttpResponse } from '../net/http/client.ts';
import { httpErrorVerdict, httpVerdict } from './http_verdict.ts';

const NOW_MS = Date.UTC(2024, 0, 1);

const answer = (status: number, headers: HttpResponse['headers'] = {}, body = ''): HttpResponse => ({
  status,
  headers,
  body: Buffer.from(body),
  truncated: false,
});

for (const [header, afterMs] of [
  [undefined, 0],
  ['7', 7_000],
  ['0', 0],
  ['-5', 0],
  ['soon', 0],
  ['Mon, 01 Jan 2024 00:01:00 GMT', 60_000],
  ['Sun, 31 Dec 2023 00:00:00 GMT', 0],
  ['999999999999', 0],
  [['3', '9'], 3_000],
] as const) {
  test(`\`Retry-After: ${header}\` asks to wait ${afterMs} ms`, () => {
    const headers = { 'retry-after': header as string | string[] | undefined };
    const verdict = httpVerdict(answer(503, headers), { type: 'default' }, NOW_MS);
    assert.deepEqual(verdict, { outcome: 'retry', reason: 'status 503', afterMs });
  });
}

test('the reason quotes the answer, without what would disturb a log', () => {
  const verdict = httpVerdict(answer(400, {}, `bad\r\n\x1b[31m${'x'.repeat(1000)}`), { type: 'default' }, NOW_MS);
  assert.ok(verdict.outcome === 'rejected');
  assert.match(verdict.reason, /^status 400: bad \[31mx+$/);
  assert.ok(verdict.reason.length < 220);
});

test('without an answer, only a request that can never be sent is refused', () => {
  const verdict = (kind: ConstructorParameters<typeof HttpError>[0]) =>
    httpErrorVerdict(new HttpError(kind, 'why', undefined)).outcome;
  assert.deepEqual((['connection', 'timeout', 'tls', 'proxy', 'protocol', 'invalid_request'] as const).map(verdict), [
    'retry',
    'retry',
    'retry',
    'retry',
    'retry',
    'rejected',
  ]);
});

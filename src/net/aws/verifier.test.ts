// The signature of the first request was made by botocore 1.43; those of the others by the code that signs ours.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { check } from '../../schema/schema.ts';
import { FakeClock } from '../../std/clock.ts';
import { temporaryFolder } from '../../testing/component.ts';
import { clientAuth } from '../http/client_auth.ts';
import { CredentialsError } from './credentials.ts';
import { type AwsCredentials, digest, sign } from './sigv4.ts';
import { fixedCredentials, isSigned, type ReceivedRequest } from './verifier.ts';

const NOW_MS = Date.UTC(2026, 10, 27, 5, 6, 7);
const KEY: AwsCredentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const SCOPE = { service: 'aps', region: 'eu-west-1' };
const clock = { now: () => NOW_MS };

test('takes what botocore signed', () => {
  const request: ReceivedRequest = {
    method: 'GET',
    path: '/q',
    query: 'z=%C3%A9&Z=1&-_.~=%2A',
    headers: new Map([
      ['host', 'h.example:8443'],
      ['x-amz-date', '20261127T050607Z'],
      [
        'authorization',
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261127/ap-south-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=1f48f7c1faee3c4e5ca658fff97a3f937f275f52d18ef2ceae9fa1dcc7f68dbe',
      ],
    ]),
  };
  assert.ok(isSigned(request, KEY, { service: 'execute-api', region: 'ap-south-1' }, clock));
  assert.ok(isSigned(request, KEY, { service: 'execute-api', region: undefined }, clock));
  assert.ok(!isSigned(request, KEY, { service: 'execute-api', region: 'ap-south-2' }, clock));
  assert.ok(!isSigned(request, KEY, { service: 'es', region: 'ap-south-1' }, clock));
});

/** A request as a server gets it when the client signs it so. */
function received(headers: Record<string, string> = {}, key: AwsCredentials = KEY, nowMs = NOW_MS): ReceivedRequest {
  const url = new URL('http://127.0.0.1:9598/metrics?a=1');
  const added = sign({ method: 'GET', url, headers }, key, SCOPE, nowMs);
  const all = { host: url.host, ...headers, ...added };
  return { method: 'GET', path: url.pathname, query: url.search.slice(1), headers: new Map(Object.entries(all)) };
}

const changed = (request: ReceivedRequest, name: string, value: string | undefined): ReceivedRequest => {
  const headers = new Map(request.headers);
  if (value === undefined) headers.delete(name);
  else headers.set(name, value);
  return { ...request, headers };
};

test('takes nothing that is not what was signed', () => {
  const right = received({ accept: 'text/plain' });
  assert.ok(isSigned(right, KEY, SCOPE, clock));
  const authorization = right.headers.get('authorization')!;
  const wrong: Readonly<Record<string, ReceivedRequest>> = {
    method: { ...right, method: 'POST' },
    path: { ...right, path: '/metrics/' },
    query: { ...right, query: 'a=2' },
    'a signed header': changed(right, 'accept', '*/*'),
    'no host': changed(right, 'host', undefined),
    'no time': changed(right, 'x-amz-date', undefined),
    'a time that is none': changed(right, 'x-amz-date', '20261127T0506'),
    'no header': changed(right, 'authorization', undefined),
    'another key': received({}, { ...KEY, accessKeyId: 'AKIDOTHER' }),
    'another secret': received({}, { ...KEY, secretAccessKey: 'other' }),
    'a token that is not ours': received({}, { ...KEY, sessionToken: 't' }),
    'another date': changed(right, 'authorization', authorization.replace('20261127', '20261126')),
    'a short signature': changed(right, 'authorization', authorization.slice(0, -1)),
    'more after it': changed(right, 'authorization', `${authorization},`),
    'headers out of order': changed(right, 'authorization', authorization.replace('accept;host', 'host;accept')),
    'a header twice': changed(right, 'authorization', authorization.replace('accept;', 'accept;accept;')),
    'a host that is not signed': changed(right, 'authorization', authorization.replace('host;', '')),
    'too many headers': changed(
      right,
      'authorization',
      authorization.replace('host;', `${Array.from({ length: 999 }, (_, n) => `b${n + 1000}`).join(';')};host;`),
    ),
  };
  for (const [name, request] of Object.entries(wrong)) assert.ok(!isSigned(request, KEY, SCOPE, clock), name);
});

test('a signature is good for five minutes, before and after its time', () => {
  for (const [distanceMs, isGood] of [
    [-300_000, true],
    [300_000, true],
    [-301_000, false],
    [301_000, false],
  ] as const)
    assert.equal(isSigned(received({}, KEY, NOW_MS + distanceMs), KEY, SCOPE, clock), isGood, String(distanceMs));
});

test('wants the token of a session, and takes the digest of a body that is signed', () => {
  const session = { ...KEY, sessionToken: 'token' };
  assert.ok(isSigned(received({}, session), session, SCOPE, clock));
  assert.ok(!isSigned(received(), session, SCOPE, clock));
  const signed = received({ 'x-amz-content-sha256': digest('') });
  assert.ok(isSigned(signed, KEY, SCOPE, clock));
  assert.ok(!isSigned(changed(signed, 'x-amz-content-sha256', digest('x')), KEY, SCOPE, clock));
});

test('knows the access key of the configuration or of its file, and no credentials that change', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'credentials');
  writeFileSync(file, '[mine]\naws_access_key_id = AKIDFILE\naws_secret_access_key = file-secret\n');
  const fixed = async (auth: Record<string, unknown>) => {
    const { value, problems } = check(clientAuth(), { strategy: 'aws', service: 'es', auth });
    assert.deepEqual(problems, []);
    assert.ok(value?.strategy === 'aws');
    return (await fixedCredentials(value.auth, new FakeClock()))?.accessKeyId;
  };
  const keys = { access_key_id: 'AKIDKEY', secret_access_key: 's' };
  assert.equal(await fixed(keys), 'AKIDKEY');
  assert.equal(await fixed({ credentials_file: file, profile: 'mine' }), 'AKIDFILE');
  assert.equal(await fixed({ ...keys, assume_role: 'arn:aws:iam::1:role/r' }), undefined);
  assert.equal(await fixed({}), undefined);
  await assert.rejects(fixed({ credentials_file: file, profile: 'nobody' }), CredentialsError);
});

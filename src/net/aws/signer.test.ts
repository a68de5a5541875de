import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { check } from '../../schema/schema.ts';
import { FakeClock, systemClock } from '../../std/clock.ts';
import { Registry } from '../../telemetry/registry.ts';
import { awsEnvironment, awsServices, signedBy } from '../../testing/aws.ts';
import { temporaryFolder } from '../../testing/component.ts';
import { httpReceiver } from '../../testing/http_receiver.ts';
import { HttpClient, HttpError } from '../http/client.ts';
import { clientAuth, requestSigner } from '../http/client_auth.ts';
import { CredentialsCache } from './credentials.ts';
import type { AwsCredentialsConfig } from './options.ts';
import { regionOfProfile } from './region.ts';

const KEYS = { access_key_id: 'AKIDKEY', secret_access_key: 'key-secret' };

/** Sends a request that is signed with credentials from `auth`; who the server sees, by what secret. */
async function seenBy(auth: Record<string, unknown>, secret: string) {
  await using server = await httpReceiver();
  const { value, problems } = check(clientAuth(), { strategy: 'aws', service: 'es', auth });
  assert.deepEqual(problems, []);
  const client = new HttpClient({
    recorder: new Registry(),
    clock: systemClock,
    userAgent: 'Sluice/test',
    connectionsMax: 1,
    timeoutMs: 5000,
    proxies: { enabled: false, noProxy: [] },
    tls: { options: () => ({}) },
    sign: requestSigner(value, systemClock),
  });
  try {
    const url = new URL(`${server.uri}/index/_bulk?pretty=true`);
    await client.request({ method: 'POST', url, headers: { 'content-type': 'text/plain' }, body: Buffer.from('x') });
    const [request] = server.requests;
    return { scope: signedBy(request!, secret)?.replace(/\/\d{8}\//, '/'), headers: request!.headers };
  } finally {
    await client.close();
  }
}

test('signs with an access key', async () => {
  using _ = awsEnvironment({});
  const { scope, headers } = await seenBy({ ...KEYS, session_token: 't', region: 'eu-west-1' }, 'key-secret');
  assert.equal(scope, 'AKIDKEY/eu-west-1/es/aws4_request');
  assert.equal(headers['x-amz-security-token'], 't');
  assert.equal((await seenBy({ ...KEYS, region: 'eu-west-1' }, 'another secret')).scope, undefined);
});

test('signs with a profile of a file', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'credentials');
  writeFileSync(
    file,
    '[default]\naws_access_key_id = AKIDNO\naws_secret_access_key = no\n[mine]\naws_access_key_id = AKIDFILE\naws_secret_access_key = file-secret\n',
  );
  using _ = awsEnvironment({ AWS_REGION: 'ap-south-1' });
  const { scope } = await seenBy({ credentials_file: file, profile: 'mine' }, 'file-secret');
  assert.equal(scope, 'AKIDFILE/ap-south-1/es/aws4_request');
});

test('takes on a role', async () => {
  await using services = await awsServices();
  using _ = awsEnvironment({ AWS_ENDPOINT_URL_STS: services.uri });
  const role = { assume_role: 'arn:aws:iam::1:role/r', external_id: 'known', session_name: 'ours' };
  const { scope, headers } = await seenBy({ ...KEYS, ...role, region: 'eu-west-1' }, 'role-secret');
  assert.equal(scope, 'AKIDROLE/eu-west-1/es/aws4_request');
  assert.equal(headers['x-amz-security-token'], 'role-token');
  const asked = new URLSearchParams(services.asked[0]);
  assert.deepEqual(
    ['RoleArn', 'ExternalId', 'RoleSessionName'].map((name) => asked.get(name)),
    ['arn:aws:iam::1:role/r', 'known', 'ours'],
  );
});

test('asks the environment, and the machine for credentials and region', async () => {
  await using services = await awsServices();
  {
    using _ = awsEnvironment({
      AWS_ACCESS_KEY_ID: 'AKIDENV',
      AWS_SECRET_ACCESS_KEY: 'env-secret',
      AWS_REGION: 'us-east-2',
    });
    assert.equal((await seenBy({}, 'env-secret')).scope, 'AKIDENV/us-east-2/es/aws4_request');
  }
  using _ = awsEnvironment({ AWS_EC2_METADATA_SERVICE_ENDPOINT: services.uri });
  const { scope } = await seenBy({ imds: { max_attempts: 1 } }, 'machine-secret');
  assert.equal(scope, 'AKIDMACHINE/eu-north-1/es/aws4_request');
});

test('a request that cannot be signed may be signed later', async () => {
  using _ = awsEnvironment({ AWS_EC2_METADATA_DISABLED: 'true' });
  for (const auth of [{ ...KEYS }, { region: 'eu-west-1' }]) {
    await assert.rejects(seenBy(auth, ''), (error) => {
      assert.ok(error instanceof HttpError);
      assert.deepEqual([error.kind, error.mayPass], ['credentials', true]);
      return true;
    });
  }
});

test('credentials are kept until shortly before they end, and looked for by one at a time', async () => {
  const clock = new FakeClock();
  await using services = await awsServices(new Date(clock.now() + 3_600_000));
  using _ = awsEnvironment({ AWS_ENDPOINT_URL_STS: services.uri });
  const config = { ...KEYS, assume_role: 'arn:aws:iam::1:role/r', imds: {}, profile: 'default' };
  const cache = new CredentialsCache(config as unknown as AwsCredentialsConfig, 'eu-west-1', clock);
  await Promise.all([cache.get(), cache.get()]);
  await clock.advance(54 * 60_000);
  await cache.get();
  assert.equal(services.asked.length, 1);
  await clock.advance(2 * 60_000);
  assert.equal((await cache.get()).accessKeyId, 'AKIDROLE');
  assert.equal(services.asked.length, 2);
});

test('finds the region of a profile', () => {
  const text = '[default]\nregion = a-1\n[profile mine]\noutput=json\nregion=b-2\n';
  assert.deepEqual(
    ['default', 'mine', 'other'].map((name) => regionOfProfile(text, name)),
    ['a-1', 'b-2', undefined],
  );
});

for (const [name, auth] of [
  ['half a key', { access_key_id: 'A' }],
  ['the other half', { secret_access_key: 'A' }],
  ['a file and a key', { ...KEYS, credentials_file: '/f' }],
] as const) {
  test(`${name} is a problem`, () => {
    const { problems } = check(clientAuth(), { strategy: 'aws', service: 'es', auth });
    assert.equal(problems.length, 1);
  });
}

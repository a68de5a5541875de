// A stand-in for the services of AWS that hand out credentials, and a check of signatures that shares no code with what
// makes them. For tests only.

import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The parts of a request as a server sees it; its path must need no encoding. */
export interface SignedByPeer {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: Uint8Array;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Who signed a request and for what, `key/date/region/service/aws4_request`; undefined when the signature is wrong. */
export function signedBy({ method, path, headers, raw }: SignedByPeer, secret: string): string | undefined {
  const match = /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
    headers.authorization ?? '',
  );
  if (!match) return undefined;
  const [, credential, names, signature] = match as unknown as [string, string, string, string];
  const [, date, region, service] = credential.split('/') as [string, string, string, string];
  const lines = names.split(';').map((name) => `${name}:${String(headers[name])}\n`);
  const [bare, query = ''] = path.split('?') as [string, string?];
  const canonical = `${method}\n${bare}\n${query}\n${lines.join('')}\n${names}\n${sha256(raw)}`;
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${String(headers['x-amz-date'])}\n${scope}\n${sha256(canonical)}`;
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request');
  return hmac(key, text).toString('hex') === signature ? credential : undefined;
}

export interface AwsServices {
  readonly uri: string;
  /** What was asked: paths, and the parameters of the security token service. */
  readonly asked: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** The metadata service of a machine and the security token service, at one address. */
export async function awsServices(expiration: Date = new Date(Date.now() + 3_600_000)): Promise<AwsServices> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    asked.push(body === '' ? `${request.method} ${request.url}` : body);
    const answer = answerTo(request.url ?? '', body, expiration.toISOString());
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    uri: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function answerTo(path: string, body: string, expiration: string): string | undefined {
  if (path === '/latest/api/token') return 'a-token';
  if (path === '/latest/meta-data/placement/region') return 'eu-north-1';
  const role = '/latest/meta-data/iam/security-credentials/';
  if (path === role) return 'machine';
  if (path === `${role}machine`)
    return JSON.stringify({
      Code: 'Success',
      AccessKeyId: 'AKIDMACHINE',
      SecretAccessKey: 'machine-secret',
      Token: 'machine-token',
      Expiration: expiration,
    });
  if (!body.includes('Action=AssumeRole')) return undefined;
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
    <AssumedRoleUser><AssumedRoleId>R:s</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser>
    <Credentials><AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey>
    <SessionToken>role-token</SessionToken><Expiration>${expiration}</Expiration></Credentials>
    </AssumeRoleResult></AssumeRoleResponse>`;
}

/** Sets variables of the environment until it is disposed of, and takes all others of AWS away. */
export function awsEnvironment(variables: Readonly<Record<string, string>>): Disposable {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  // Whatever the user has at home does not count.
  Object.assign(
    process.env,
    { AWS_CONFIG_FILE: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' },
    variables,
  );
  return {
    [Symbol.dispose]: () => {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    },
  };
}

// Checks signatures of AWS, version 4, of requests that come in. It needs the secret of whoever signs, so it knows one
// access key: credentials that are made for each session, as those of a role, cannot be checked by anybody but AWS.

import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../std/clock.ts';
import { CredentialsCache } from './credentials.ts';
import type { AwsCredentialsConfig } from './options.ts';
import { type AwsCredentials, digest, type SignatureScope, signatureOf } from './sigv4.ts';

/** A request as it came over the wire. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** What follows the `?`. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Only the service of the scope is always known: without a region, any is right. */
export interface ExpectedScope extends Omit<SignatureScope, 'region'> {
  readonly region: string | undefined;
}

/** A signature is good for so long, before and after its time. */
const AGE_MAX_MS = 5 * 60_000;
/** Headers that may be signed; all of a request fit. */
const SIGNED_HEADERS_MAX = 256;

const EMPTY_DIGEST = digest('');
const AUTHORIZATION = /^AWS4-HMAC-SHA256 +Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;
const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/**
 * The access key that is given in the configuration, or in its file of credentials. Undefined when it says that they are
 * found elsewhere or are those of a role. Rejects with `CredentialsError` when the file has none.
 */
export async function fixedCredentials(
  config: AwsCredentialsConfig,
  clock: Clock,
): Promise<AwsCredentials | undefined> {
  if (config.assume_role !== undefined) return undefined;
  if (config.access_key_id === undefined && config.credentials_file === undefined) return undefined;
  return new CredentialsCache(config, config.region, clock).get();
}

/**
 * Whether the request was signed with these credentials for this scope, a short time ago. The body is not looked at: its
 * digest is what a signed header says, or that of nothing.
 */
export function isSigned(
  request: ReceivedRequest,
  credentials: AwsCredentials,
  expected: ExpectedScope,
  clock: Pick<Clock, 'now'>,
): boolean {
  const { headers } = request;
  const match = AUTHORIZATION.exec(headers.get('authorization') ?? '');
  const time = headers.get('x-amz-date') ?? '';
  if (!match || !isRecent(time, clock.now())) return false;
  const [, credential, list, signature] = match as unknown as [string, string, string, string];
  const region = regionOf(credential, credentials.accessKeyId, time, expected);
  const names = signedNames(list, credentials);
  if (region === undefined || names === undefined) return false;
  if ((headers.get('x-amz-security-token') ?? '') !== (credentials.sessionToken ?? '')) return false;
  const parts = {
    method: request.method,
    path: request.path,
    query: request.query,
    headers: names.map((name) => [name, headers.get(name) ?? ''] as const),
    bodyDigest: names.includes('x-amz-content-sha256') ? (headers.get('x-amz-content-sha256') ?? '') : EMPTY_DIGEST,
  };
  const scope = { time, region, service: expected.service };
  return timingSafeEqual(Buffer.from(signatureOf(parts, scope, credentials.secretAccessKey)), Buffer.from(signature));
}

function isRecent(time: string, nowMs: number): boolean {
  const match = TIME.exec(time);
  if (!match) return false;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Math.abs(Date.UTC(year, month - 1, day, hour, minute, second) - nowMs) <= AGE_MAX_MS;
}

/** The region of a credential `key/date/region/service/aws4_request`; undefined when another part is not as it must be. */
function regionOf(credential: string, key: string, time: string, expected: ExpectedScope): string | undefined {
  const parts = credential.split('/');
  const [id, date, region, service, end] = parts;
  const isRight = id === key && date === time.slice(0, 8) && service === expected.service && end === 'aws4_request';
  if (!isRight || parts.length !== 5 || region === '') return undefined;
  return expected.region === undefined || region === expected.region ? region : undefined;
}

/** The names of the list when they are in order and those are among them that must be. */
function signedNames(list: string, { sessionToken }: AwsCredentials): readonly string[] | undefined {
  const names = list.split(';');
  if (names.length > SIGNED_HEADERS_MAX) return undefined;
  if (names.some((name, index) => index > 0 && name <= names[index - 1]!)) return undefined;
  const needed = ['host', 'x-amz-date', ...(sessionToken === undefined ? [] : ['x-amz-security-token'])];
  return needed.every((name) => names.includes(name)) ? names : undefined;
}

// Signatures of AWS, version 4, in the headers of a request. Pure: a request, credentials and a time in, headers out.
//
//   request ─► canonical text ─► its digest in a text with time and scope ─► HMAC by a key of date, region and service

import { createHash, createHmac } from 'node:crypto';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface SignedRequest {
  /** In upper case. */
  readonly method: string;
  readonly url: URL;
  /** Names in any case, values as they go over the wire. Those of the client's own are not among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

/** What a signature is for. */
export interface SignatureScope {
  readonly region: string;
  readonly service: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Headers that proxies may change, so they are left out of signatures. */
const UNSIGNED = new Set([
  'authorization',
  'connection',
  'expect',
  'transfer-encoding',
  'user-agent',
  'x-amzn-trace-id',
]);

/** The headers that sign a request: they go out together with its own. */
export function sign(
  request: SignedRequest,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  { region, service }: SignatureScope,
  nowMs: number,
): Record<string, string> {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const added: Record<string, string> = { 'x-amz-date': time };
  if (sessionToken !== undefined) added['x-amz-security-token'] = sessionToken;
  const { method, url, body = '' } = request;
  const headers = signedHeaders(request, added);
  const scope = { time, region, service };
  const parts = { method, path: url.pathname, query: url.search.slice(1), headers, bodyDigest: digest(body) };
  const names = headers.map(([name]) => name).join(';');
  const credential = `${accessKeyId}/${scopeText(scope)}`;
  const signature = signatureOf(parts, scope, secretAccessKey);
  added['authorization'] = `${ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return added;
}

/** What of a request is signed. */
export interface SignedParts {
  readonly method: string;
  /** As it goes over the wire. */
  readonly path: string;
  /** What follows the `?`. */
  readonly query: string;
  /** Names in lower case and in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** In hexadecimal. */
  readonly bodyDigest: string;
}

/** A scope at a time, which is text as `20261127T050607Z`. */
export interface DatedScope extends SignatureScope {
  readonly time: string;
}

/** The signature, in hexadecimal. */
export function signatureOf(parts: SignedParts, dated: DatedScope, secret: string): string {
  const canonical = [
    parts.method,
    canonicalPath(parts.path),
    canonicalQuery(parts.query),
    ...parts.headers.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}`),
    '',
    parts.headers.map(([name]) => name).join(';'),
    parts.bodyDigest,
  ].join('\n');
  const scope = scopeText(dated);
  const text = `${ALGORITHM}\n${dated.time}\n${scope}\n${digest(Buffer.from(canonical, 'latin1'))}`;
  const key = scope.split('/').reduce<Buffer>((sofar, part) => hmac(sofar, part), Buffer.from(`AWS4${secret}`));
  return hmac(key, text).toString('hex');
}

function scopeText({ time, region, service }: DatedScope): string {
  return `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
}

/** Names in lower case and in order. */
function signedHeaders({ url, headers }: SignedRequest, added: Readonly<Record<string, string>>): [string, string][] {
  const all = new Map<string, string>([['host', url.host]]);
  for (const [name, value] of [...Object.entries(headers), ...Object.entries(added)]) {
    const lower = name.toLowerCase();
    if (!UNSIGNED.has(lower)) all.set(lower, value);
  }
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Each part is encoded once more than it stands in the URL, as every service but S3 wants it. */
function canonicalPath(path: string): string {
  return path === '' ? '/' : path.split('/').map(encode).join('/');
}

function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      const [name, value] = at === -1 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
      return [encode(decode(name)), encode(decode(value))] as const;
    })
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : x > y ? 1 : 0) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** What is no percent-encoding is taken as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function digest(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

// One HTTP request and the text of its response, with redirects followed and what may pass tried again.

import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Reply } from './blocking.ts';

type HttpJob = Extract<Job, { kind: 'http' }>;

const CONNECT_TIMEOUT_MS = 5_000;
const ATTEMPT_TIMEOUT_MS = 10_000;
const RETRIES_MAX = 3;
const BACKOFF_MS = 1_000;
const REDIRECTS_MAX = 10;
/** Longer responses are refused. */
const RESPONSE_BYTES_MAX = 32 * 1024 * 1024;

/** All attempts in full and the pauses between them. */
export const EXCHANGE_DEADLINE_MS: number =
  (RETRIES_MAX + 1) * ATTEMPT_TIMEOUT_MS + (2 ** RETRIES_MAX - 1) * BACKOFF_MS + 5_000;

interface Outcome {
  readonly reply: Reply;
  readonly mayPass: boolean;
}

export async function exchange(job: HttpJob): Promise<Reply> {
  for (let retries = 0; ; retries++) {
    const { reply, mayPass } = await attempt(job);
    if (!mayPass || retries === RETRIES_MAX) {
      const failed = 'error' in reply && retries > 0 && !reply.error.startsWith(BODY_PROBLEM);
      return failed ? { error: `HTTP request failed: Request failed after ${retries} retries` } : reply;
    }
    await sleep(Math.random() * BACKOFF_MS * 2 ** retries);
  }
}

const BODY_PROBLEM = 'Failed to read response body';

interface Leg {
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

async function attempt(job: HttpJob): Promise<Outcome> {
  const stop = AbortSignal.timeout(ATTEMPT_TIMEOUT_MS);
  let leg: Leg = { url: new URL(job.url), method: job.method, headers: job.headers, body: job.body };
  for (let redirects = 0; ; redirects++) {
    let response: IncomingMessage;
    try {
      response = await send(leg, job, stop);
    } catch {
      return failed(`HTTP request failed: error sending request for url (${leg.url})`, true);
    }
    const next = redirected(leg, response);
    if (!next) return readResponse(response);
    response.destroy();
    if (redirects === REDIRECTS_MAX)
      return failed(`HTTP request failed: error following redirect for url (${next.url})`, false);
    leg = next;
  }
}

function failed(error: string, mayPass: boolean): Outcome {
  return { reply: { error }, mayPass };
}

function send(leg: Leg, job: HttpJob, stop: AbortSignal): Promise<IncomingMessage> {
  const isSecure = leg.url.protocol === 'https:';
  const options = { proxyEnv: proxies(job), timeout: CONNECT_TIMEOUT_MS };
  const agent = isSecure ? new HttpsAgent(options) : new HttpAgent(options);
  const headers = new Map<string, string>([
    ['accept', '*/*'],
    // Bytes beyond ASCII go as they are, which Node takes as Latin-1.
    ...leg.headers.map(([k, v]) => [k.toLowerCase(), Buffer.from(v).toString('latin1')] as const),
  ]);
  const body = Buffer.from(leg.body);
  if (body.length > 0 || !/^(?:GET|HEAD)$/.test(leg.method)) headers.set('content-length', String(body.length));
  return new Promise((resolve, reject) => {
    const request = (isSecure ? requestHttps : requestHttp)(
      leg.url,
      { method: leg.method, headers: Object.fromEntries(headers), agent, signal: stop },
      resolve,
    );
    request.on('error', reject);
    request.on('socket', (socket) => {
      // Only connecting has a limit of its own.
      const timer = setTimeout(() => request.destroy(new Error('connect timeout')), CONNECT_TIMEOUT_MS);
      const clear = (): void => clearTimeout(timer);
      socket.once(isSecure ? 'secureConnect' : 'connect', clear);
      socket.once('close', clear);
    });
    request.end(body);
  });
}

/** The proxies of the call alone, else those of the environment. */
function proxies(job: HttpJob): NodeJS.ProcessEnv {
  if (job.httpProxy === undefined && job.httpsProxy === undefined) return env;
  return {
    ...(job.httpProxy !== undefined && { HTTP_PROXY: job.httpProxy }),
    ...(job.httpsProxy !== undefined && { HTTPS_PROXY: job.httpsProxy }),
  };
}

const SECRETS = new Set(['authorization', 'cookie', 'cookie2', 'proxy-authorization', 'www-authenticate']);
const OF_BODY = new Set(['content-type', 'content-length', 'content-encoding', 'transfer-encoding']);

/** What to ask for next; undefined when the response is the last. */
function redirected(leg: Leg, response: IncomingMessage): Leg | undefined {
  const { statusCode: status = 0, headers } = response;
  if (headers.location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  const url = URL.parse(headers.location, leg.url);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  const isOther = url.host !== leg.url.host;
  // Only what posts must not be posted again, unless the server says that it shall.
  const keepsBody = status === 303 ? leg.method === 'HEAD' : status >= 307 || leg.method !== 'POST';
  return {
    url,
    method: keepsBody ? leg.method : 'GET',
    body: keepsBody ? leg.body : '',
    headers: leg.headers.filter(([name]) => {
      const lower = name.toLowerCase();
      return !(isOther && SECRETS.has(lower)) && (keepsBody || !OF_BODY.has(lower));
    }),
  };
}

async function readResponse(response: IncomingMessage): Promise<Outcome> {
  const { statusCode: status = 0, headers } = response;
  const mayPass = status >= 500 || status === 408 || status === 429;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > RESPONSE_BYTES_MAX) {
        response.destroy();
        return failed(`${BODY_PROBLEM}: it is longer than ${RESPONSE_BYTES_MAX} bytes`, false);
      }
      chunks.push(chunk);
    }
  } catch {
    return failed(`${BODY_PROBLEM}: error decoding response body`, false);
  }
  return { reply: { result: decoder(headers['content-type']).decode(Buffer.concat(chunks)) }, mayPass };
}

function decoder(contentType: string | undefined): TextDecoder {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(contentType ?? '')?.[1];
  try {
    return new TextDecoder(charset ?? 'utf-8');
  } catch {
    return new TextDecoder();
  }
}

// HTTP requests.

import { setField, sortedKeys } from '../../event/object.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { lossy } from '../4_run/convert.ts';
import { displayValue } from '../4_run/display.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { type Call, CallProblem, defineFunction, optional, required } from '../function.ts';
import { type Job, runBlocking } from './blocking.ts';
import { EXCHANGE_DEADLINE_MS } from './http_exchange.ts';

type Text = string | Uint8Array;

export const httpRequest = defineFunction({
  name: 'http_request',
  category: 'System',
  doc: 'Makes an HTTP request and gives the text of the response, whatever its status.',
  notices: ['The program waits for the response. Keep it away from busy streams of events.'],
  parameters: [
    required('url', 'bytes', 'Where to.'),
    optional('method', 'bytes', 'The method, in upper or lower case.', { default: 'get' }),
    optional('headers', 'object', 'Headers to send.', { default: {} }),
    optional('body', 'bytes', 'The body to send.', { default: '' }),
    optional('http_proxy', 'bytes', 'The proxy for requests over `http`.'),
    optional('https_proxy', 'bytes', 'The proxy for requests over `https`.'),
    optional('redact_headers', 'boolean', 'Whether messages of errors hide the values of headers with secrets.', {
      default: true,
    }),
  ],
  failures: ['The URL, the method or a header is not valid.', 'There is no response, after three retries.'],
  returns: { kinds: ['bytes'], fallible: true },
  checkOrder: ['http_proxy', 'https_proxy', 'redact_headers', 'url', 'method', 'headers', 'body'],
  examples: [
    {
      title: 'A token',
      source: 'http_request!("https://example.com/", headers: { "Authorization": "Bearer x" })',
      compileOnly: true,
    },
    {
      title: 'No URL',
      source: 'http_request!("example")',
      error:
        'function call error for "http_request" at (0:24): HTTP request failed: builder error (url: example, ' +
        'method: GET, headers: {  })',
    },
  ],
  prepare(call) {
    checkProxies(call);
    return run;
  },
});

/** Proxies that are known while compiling are refused then. */
function checkProxies(call: Call): void {
  for (const name of ['http_proxy', 'https_proxy']) {
    const constant = call.argument(name)?.constant;
    if (typeof constant !== 'string') continue;
    const problem = proxyOf(constant);
    if (problem instanceof Failure) throw new CallProblem(403, problem.message);
  }
}

function run(
  urlValue: Text,
  methodValue: Text,
  headers: ObjectValue,
  body: Text,
  httpProxy: Text | undefined,
  httpsProxy: Text | undefined,
  redacts: boolean,
): Value | Failure {
  const [plainProxy, secureProxy] = [proxyOf(httpProxy), proxyOf(httpsProxy)];
  if (plainProxy instanceof Failure) return plainProxy;
  if (secureProxy instanceof Failure) return secureProxy;
  const url = lossy(urlValue);
  const method = lossy(methodValue).toUpperCase();
  if (!TOKEN.test(method)) return fail(`Unsupported HTTP method: ${method}`);
  const fields = fieldsOf(headers, redacts);
  if (fields instanceof Failure) return fields;
  const about = `(url: ${url}, method: ${method}, headers: ${displayHeaders(headers, redacts)})`;
  const problem = urlProblem(url);
  if (problem !== undefined) return fail(`HTTP request failed: ${problem} ${about}`);
  const job: Job = {
    kind: 'http',
    url,
    method,
    headers: fields,
    body: lossy(body),
    httpProxy: plainProxy,
    httpsProxy: secureProxy,
  };
  const reply = runBlocking(job, EXCHANGE_DEADLINE_MS);
  if (!('error' in reply)) return reply.result as string;
  if (reply.error.startsWith('Failed to read')) return fail(reply.error);
  const reason = reply.error.startsWith('HTTP request failed') ? reply.error : `HTTP request failed: ${reply.error}`;
  return fail(`${reason} ${about}`);
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FIELD_VALUE = /^[^\x00-\x08\x0a-\x1f\x7f]*$/;

function fieldsOf(headers: ObjectValue, redacts: boolean): [name: string, value: string][] | Failure {
  const fields: [string, string][] = [];
  for (const name of sortedKeys(headers)) {
    if (!TOKEN.test(name)) return fail(`Invalid header key: ${name}`);
    const value = headers[name]!;
    const wrong = `Invalid header value for key '${name.toLowerCase()}'`;
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
      const shown = displayHeaders(headers, redacts);
      return fail(`${wrong}: expected string, got ${displayKind(value)} (headers: ${shown})`);
    }
    const text = lossy(value);
    if (!FIELD_VALUE.test(text)) return fail(`${wrong} (headers: ${displayHeaders(headers, redacts)})`);
    fields.push([name, text]);
  }
  return fields;
}

const SECRET =
  /^(?:authorization|cookie|set-cookie|x-api-key|api-key|x-auth-token|proxy-authorization)$|token|secret|password/;

function displayHeaders(headers: ObjectValue, redacts: boolean): string {
  if (!redacts) return displayValue(headers);
  const shown: ObjectValue = {};
  for (const name of Object.keys(headers)) {
    setField(shown, name, SECRET.test(name.toLowerCase()) ? '***' : headers[name]!);
  }
  return displayValue(shown);
}

function urlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || url.host === '') return 'builder error';
  return url.protocol === 'http:' || url.protocol === 'https:' ? undefined : `builder error for url (${url})`;
}

function proxyOf(value: Text | undefined): string | undefined | Failure {
  if (value === undefined) return undefined;
  const text = lossy(value);
  // A scheme may be left out.
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  return url && url.host !== '' ? url.href : fail('Invalid proxy: builder error');
}

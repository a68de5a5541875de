// What an HTTP answer means for the request it answers.

import type { HttpError, HttpResponse } from '../net/http/client.ts';
import type { RetryStrategy } from './request_options.ts';
import type { Verdict } from './request_sink.ts';

/** How much of an answer's body goes into a log line. */
const EXCERPT_BYTES = 200;

/** Delivered, asked for again, or refused, by the status of the answer. */
export function httpVerdict(response: HttpResponse, strategy: RetryStrategy, nowMs: number): Verdict {
  const { status } = response;
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  const reason = describeAnswer(response);
  if (!isRetried(status, strategy)) return { outcome: 'rejected', reason };
  return { outcome: 'retry', reason, afterMs: retryAfterMs(response, nowMs) };
}

/** The same for a request that has no answer. */
export function httpErrorVerdict(error: HttpError): Verdict {
  const reason = `${error.kind}: ${error.message}`;
  return error.mayPass ? { outcome: 'retry', reason, afterMs: 0 } : { outcome: 'rejected', reason };
}

function isRetried(status: number, strategy: RetryStrategy): boolean {
  switch (strategy.type) {
    case 'none':
      return false;
    case 'all':
      return true;
    case 'custom':
      return strategy.status_codes.includes(status);
    case 'default':
      return status === 408 || status === 429 || (status >= 500 && status !== 501);
  }
}

function describeAnswer({ status, body }: HttpResponse): string {
  const text = body
    .subarray(0, EXCERPT_BYTES)
    .toString('utf8')
    .replace(/[\x00-\x1f\x7f]+/g, ' ')
    .trim();
  return text === '' ? `status ${status}` : `status ${status}: ${text}`;
}

/** What `Retry-After` asks for, as seconds or as a date; 0 when it asks for nothing. */
function retryAfterMs({ headers }: HttpResponse, nowMs: number): number {
  const value = headers['retry-after'];
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  if (!text) return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - nowMs);
}

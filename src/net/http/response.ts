// Writes replies as HTTP/1.1.

import type { Clock } from '../../std/clock.ts';
import type { HttpReply } from './rejection.ts';

/** What clients show to people; Node's table would load its whole HTTP server. */
const PHRASES: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  417: 'Expectation Failed',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Writes the heads of replies. Most replies of a server are the same, so the last one is kept for the next. */
export class ResponseWriter {
  readonly #clock: Clock;
  #second = -1;
  #date = '';
  #kept = { status: 0, last: false, second: -1, text: '' };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The text of a reply; `last` says that the connection ends with it. */
  write(reply: HttpReply, isHead: boolean, last: boolean): string | Buffer {
    const { status, headers, body } = reply;
    const second = Math.floor(this.#clock.now() / 1000);
    if (headers === undefined && body === undefined) {
      const kept = this.#kept;
      if (kept.status === status && kept.last === last && kept.second === second) return kept.text;
      const text = this.#head(reply, last, second, 0);
      this.#kept = { status, last, second, text };
      return text;
    }
    const bytes = Buffer.from(body ?? '');
    const head = this.#head(reply, last, second, bytes.length);
    return isHead || bytes.length === 0 ? head : Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
  }

  #head({ status, headers = {} }: HttpReply, last: boolean, second: number, bodyBytes: number): string {
    if (second !== this.#second) {
      this.#second = second;
      this.#date = new Date(second * 1000).toUTCString();
    }
    let text = `HTTP/1.1 ${status} ${PHRASES[status] ?? ''}\r\n`;
    for (const [name, value] of Object.entries(headers)) {
      if (!HEADER_NAME.test(name) || !HEADER_VALUE.test(value))
        throw new Error(`the header \`${name}\` cannot be sent`);
      text += `${name}: ${value}\r\n`;
    }
    // These statuses have no body by definition.
    if (status !== 204 && status !== 304) text += `content-length: ${bodyBytes}\r\n`;
    return `${text}date: ${this.#date}\r\nconnection: ${last ? 'close' : 'keep-alive'}\r\n\r\n`;
  }
}

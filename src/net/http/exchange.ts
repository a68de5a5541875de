// One request and the reply to it.

import type { HttpReply } from './rejection.ts';
import type { RequestHead } from './request_head.ts';
import type { ServerSeries } from './server_metrics.ts';

export class Exchange {
  readonly head: RequestHead;
  /** The peer's address, without port. */
  readonly peer: string;
  readonly startedMs: number;
  readonly #series: ServerSeries;
  readonly #onReply: (exchange: Exchange) => void;
  #reply: HttpReply | undefined;

  constructor(
    head: RequestHead,
    peer: string,
    startedMs: number,
    series: ServerSeries,
    onReply: (exchange: Exchange) => void,
  ) {
    this.head = head;
    this.peer = peer;
    this.startedMs = startedMs;
    this.#series = series;
    this.#onReply = onReply;
  }

  get method(): string {
    return this.head.method;
  }

  /** As it was sent, percent-encoded. */
  get path(): string {
    return this.head.path;
  }

  /** What follows the `?`, or nothing. */
  get query(): string {
    return this.head.query;
  }

  /** Names in lower case, each with its first value. */
  get headers(): ReadonlyMap<string, string> {
    return this.head.headers;
  }

  /** What it is answered with, once that is known. */
  get answer(): HttpReply | undefined {
    return this.#reply;
  }

  /** Answers it; the first answer counts. It is sent when those to earlier requests of the connection are. */
  reply(reply: HttpReply): void {
    if (this.#reply) return;
    this.#reply = reply;
    this.#onReply(this);
  }

  /** Counts the answer as sent. */
  sent(nowMs: number): void {
    this.#series.answered(this.#reply!.status, nowMs - this.startedMs);
  }
}

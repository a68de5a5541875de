// One connection of the HTTP server: bytes become requests, and replies go back in the order of the requests.
//
//   bytes ─► head ─► begin ─┬─ a reply at once ──────────────────────────────┐
//              ▲            └─► body ─► handler.body … exchange.reply ───────┴─► replies in order ─► socket
//              └────────────────── complete, and the connection goes on ◄──────────────┘
//
// A reply to a request that is not read to its end is the last: some of the rest is read and forgotten so that the peer
// sees the reply, then the connection is closed.

import type { Socket } from 'node:net';
import type { Timer } from '../../std/clock.ts';
import type { Connection } from '../stream/connection.ts';
import { Exchange } from './exchange.ts';
import { HttpRejection, rejectionReply } from './rejection.ts';
import { RequestBody, tooLong } from './request_body.ts';
import { MalformedRequest, mayBecomeHead } from './request_head.ts';
import type { ConnectionHost, ServerErrorKind } from './server.ts';

/** Bytes of the head of a request. */
const HEADER_BYTES_MAX = 65_536;

/** The head must be complete in this time, */
const HEADERS_TIMEOUT_MS = 30_000;
/** and the whole request in this. */
const REQUEST_TIMEOUT_MS = 300_000;
/** A connection without a request for this long is closed. */
const IDLE_MS = 75_000;
/** Longest time between two pieces of a body. */
const BODY_IDLE_MS = 30_000;

/** Requests of one connection that wait for their replies; a peer that sends on regardless is cut off. */
const PIPELINED_MAX = 128;

/** After a reply to a request that was not read to its end: what is still read. */
const LINGER_BYTES_MAX = 1_048_576;
const LINGER_MS = 2_000;

/** Bytes of replies that the peer does not read; with more, nothing is read from it. */
const UNREAD_BYTES_MAX = 65_536;

/** Memory that a head begins with when it comes in pieces. */
const PARTIAL_BYTES = 1_024;

/** So much of a head must look like one before its end is there. */
const LOOKED_AT_BYTES = 64;

const HEAD_END = Buffer.from('\r\n\r\n');
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const CR = 0x0d;
const LF = 0x0a;

/** The peer went away before its request was complete. */
export class RequestAborted extends Error {
  override readonly name = 'RequestAborted';
}

interface Incoming {
  readonly exchange: Exchange;
  readonly body: RequestBody;
  /** Whether somebody waits for the body; not once the request is answered. */
  wanted: boolean;
  lastMs: number;
  timer: Timer | undefined;
}

/** `over`: the last reply is written, or there is nobody to write to. */
type Ending = 'not' | 'no_more_requests' | 'over';

export class HttpConnection {
  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  /** The time from which a reply ends the connection. */
  readonly #deadlineMs: number;
  readonly #peer: string;
  readonly #onReply = (): void => {
    if (!this.#isReading) this.#flush();
  };
  /** A head that is not complete. */
  #partial: Buffer | undefined;
  #partialBytes = 0;
  #incoming: Incoming | undefined;
  readonly #exchanges: Exchange[] = [];
  #isReading = false;
  #ending: Ending = 'not';
  #isClosed = false;
  #lingeredBytes = 0;
  #lingerTimer: Timer | undefined;
  /** Since when the connection is idle, or the head is coming in. */
  #sinceMs: number;

  constructor(host: ConnectionHost, connection: Connection, socket: Socket, deadlineMs: number) {
    this.#host = host;
    this.#socket = socket;
    this.#deadlineMs = deadlineMs;
    this.#peer = plainAddress(connection.host);
    this.#sinceMs = host.clock.monotonic();
    socket.on('error', (error) => this.#onSocketError(error));
    socket.once('close', () => this.#closed());
    socket.on('drain', () => connection.resume());
    connection.receive({ bytes: (bytes) => this.#bytes(bytes), over: (error) => this.#over(error) });
  }

  /** Whether no request is under way. */
  get isIdle(): boolean {
    return this.#exchanges.length === 0 && !this.#partial;
  }

  /** Ends what takes too long. */
  check(nowMs: number): void {
    if (this.#ending === 'over') return;
    const sinceMs = nowMs - this.#sinceMs;
    if (this.#incoming) {
      if (nowMs - this.#incoming.exchange.startedMs > REQUEST_TIMEOUT_MS)
        this.#refuse(this.#incoming, new HttpRejection(408, 'The request came too slowly'));
    } else if (this.#partial) {
      if (sinceMs > HEADERS_TIMEOUT_MS) this.#malformed(new MalformedRequest('the head came too slowly', 408));
    } else if (this.isIdle && sinceMs > IDLE_MS) this.#finish();
  }

  /** Refuses the request that is coming in, if there is one. */
  cutOff(rejection: HttpRejection): void {
    if (this.#incoming?.wanted) this.#refuse(this.#incoming, rejection);
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Whether the peer may send on. */
  #bytes(bytes: Buffer): boolean {
    if (this.#ending === 'over') return this.#linger(bytes);
    this.#isReading = true;
    try {
      this.#read(bytes);
    } catch (error) {
      if (error instanceof MalformedRequest) this.#malformed(error);
      else this.#broken(error);
    }
    this.#isReading = false;
    if (this.#incoming) this.#wait(this.#incoming);
    this.#flush();
    return this.#socket.writableLength <= UNREAD_BYTES_MAX;
  }

  #read(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && this.#ending === 'not'; )
      at = this.#incoming ? this.#readBody(this.#incoming, bytes, at) : this.#readHead(bytes, at);
  }

  #readHead(bytes: Buffer, from: number): number {
    if (this.#partial) return this.#readOn(this.#partial, bytes, from);
    let at = from;
    // Some clients send an empty line behind a body.
    while (at < bytes.length && (bytes[at] === CR || bytes[at] === LF)) at += 1;
    if (at === bytes.length) return at;
    const end = bytes.indexOf(HEAD_END, at);
    if (end < 0) return this.#keepPartial(bytes, at);
    this.#begin(bytes, at, end);
    return end + HEAD_END.length;
  }

  #keepPartial(bytes: Buffer, at: number): number {
    this.#sinceMs = this.#host.clock.monotonic();
    this.#partial = EMPTY;
    this.#partialBytes = 0;
    return this.#readOn(this.#partial, bytes, at);
  }

  /** Gathers a head that comes in pieces; each byte is looked at once. */
  #readOn(partial: Buffer, bytes: Buffer, at: number): number {
    const before = this.#partialBytes;
    const taken = Math.min(bytes.length - at, HEADER_BYTES_MAX + HEAD_END.length - before);
    const gathered = this.#withRoom(partial, before, before + taken);
    bytes.copy(gathered, before, at, at + taken);
    this.#partialBytes = before + taken;
    const filled = gathered.subarray(0, this.#partialBytes);
    const end = filled.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length + 1));
    if (end < 0) {
      if (before < LOOKED_AT_BYTES && !mayBecomeHead(filled.toString('latin1')))
        throw new MalformedRequest('this is no HTTP/1 request');
      if (filled.length > HEADER_BYTES_MAX) throw headTooLong();
      return at + taken;
    }
    this.#dropPartial();
    this.#begin(filled, 0, end);
    return at + end + HEAD_END.length - before;
  }

  /** The bytes of a head in memory that holds `length` of them; what all connections take together has a limit. */
  #withRoom(partial: Buffer, used: number, length: number): Buffer {
    if (length <= partial.length) return partial;
    const larger = Math.max(length, 2 * partial.length, PARTIAL_BYTES);
    if (!this.#host.budget.take(larger - partial.length))
      throw new MalformedRequest('too many requests are being received', 503);
    this.#partial = Buffer.allocUnsafeSlow(larger);
    partial.copy(this.#partial, 0, 0, used);
    return this.#partial;
  }

  #dropPartial(): void {
    if (this.#partial) this.#host.budget.give(this.#partial.length);
    this.#partial = undefined;
  }

  #begin(bytes: Buffer, start: number, end: number): void {
    if (end - start > HEADER_BYTES_MAX) throw headTooLong();
    const head = this.#host.heads.read(bytes.toString('latin1', start, end));
    if (this.#exchanges.length >= PIPELINED_MAX) this.#flush();
    if (this.#ending !== 'not') return;
    if (this.#exchanges.length >= PIPELINED_MAX) {
      this.#error('limit', new Error(`more than ${PIPELINED_MAX} requests at once on one connection`));
      this.#ending = 'over';
      this.#socket.destroy();
      return;
    }
    const { clock, budget, seriesOf } = this.#host;
    const series = seriesOf(head);
    const nowMs = clock.monotonic();
    const exchange = new Exchange(head, this.#peer, nowMs, series, this.#onReply);
    const body = new RequestBody(head.bodyBytes, budget);
    const incoming: Incoming = { exchange, body, wanted: true, lastMs: nowMs, timer: undefined };
    series.received();
    this.#incoming = incoming;
    this.#exchanges.push(exchange);
    this.#host.opened();
    const reply = this.#host.begin(exchange);
    if (reply) {
      this.#forget(incoming);
      exchange.reply(reply);
    } else if (head.bodyBytes > budget.limitBytes) this.#refuse(incoming, tooLong(budget.limitBytes));
    else if (head.expectsContinue && this.#exchanges.length === 1) this.#socket.write(CONTINUE, 'latin1');
    if (body.isComplete) this.#complete(incoming);
  }

  #readBody(incoming: Incoming, bytes: Buffer, at: number): number {
    const { body } = incoming;
    const next = body.take(bytes, at);
    if (body.refusal && incoming.wanted) this.#refuse(incoming, body.refusal);
    if (body.isComplete) this.#complete(incoming);
    return next;
  }

  #complete(incoming: Incoming): void {
    const { exchange, body, wanted, timer } = incoming;
    timer?.cancel();
    this.#incoming = undefined;
    this.#sinceMs = this.#host.clock.monotonic();
    if (!exchange.head.keepsAlive && this.#ending === 'not') this.#ending = 'no_more_requests';
    if (!wanted) return;
    try {
      this.#host.body(exchange, body);
    } catch (error) {
      this.#error('handler', error);
      body.release();
      exchange.reply(INTERNAL_ERROR);
    }
  }

  /** The rest of the body comes with later reads. */
  #wait(incoming: Incoming): void {
    const { clock } = this.#host;
    incoming.body.own();
    incoming.lastMs = clock.monotonic();
    if (!incoming.wanted || incoming.timer) return;
    // One timer that is set anew only when it fires: pieces come often.
    const check = (): void => {
      const idleMs = clock.monotonic() - incoming.lastMs;
      if (idleMs < BODY_IDLE_MS) incoming.timer = clock.after(BODY_IDLE_MS - idleMs, check);
      else this.#refuse(incoming, new HttpRejection(408, 'The request body came too slowly'));
    };
    incoming.timer = clock.after(BODY_IDLE_MS, check);
  }

  /** Nobody waits for this body any more. */
  #forget(incoming: Incoming): void {
    incoming.wanted = false;
    incoming.timer?.cancel();
    incoming.body.release();
  }

  /** A request that was begun gets this reply in place of its handler's, and is the last. */
  #refuse(incoming: Incoming, rejection: HttpRejection): void {
    if (!incoming.wanted) return;
    this.#forget(incoming);
    if (this.#ending === 'not') this.#ending = 'no_more_requests';
    this.#host.gone(incoming.exchange, rejection);
    incoming.exchange.reply(rejectionReply(rejection));
  }

  /** Sends the replies that are due. */
  #flush(): void {
    if (this.#ending === 'over') return;
    const { clock, writer, isStopping } = this.#host;
    for (let first = this.#exchanges[0]; first?.answer; first = this.#exchanges[0]) {
      const isCut = this.#incoming?.exchange === first;
      this.#exchanges.shift();
      const nowMs = clock.monotonic();
      if (isStopping || nowMs >= this.#deadlineMs) this.#ending = 'no_more_requests';
      // Whoever sent more requests gets the replies to these too.
      const last = isCut || (this.#ending !== 'not' && this.#exchanges.length === 0);
      this.#socket.write(writer.write(first.answer, first.method === 'HEAD', last), 'latin1');
      first.sent(nowMs);
      this.#host.closed();
      if (!last) continue;
      this.#finish();
      return;
    }
    if (this.#ending !== 'not' && this.#exchanges.length === 0) this.#finish();
  }

  /** Closes the connection once what was written is sent. */
  #finish(): void {
    if (this.#ending === 'over') return;
    this.#ending = 'over';
    if (!this.#incoming) this.#end();
    // A connection closed with bytes unread is reset, and the reply lost on the way: so a little more is read first.
    else this.#lingerTimer = this.#host.clock.after(LINGER_MS, () => this.#end());
  }

  #end(): void {
    this.#lingerTimer?.cancel();
    this.#incoming = undefined;
    this.#socket.end();
    // The peer may never read it, nor close its side.
    if (!this.#isClosed) this.#lingerTimer = this.#host.clock.after(LINGER_MS, () => this.#socket.destroy());
  }

  #linger(bytes: Buffer): boolean {
    if (!this.#incoming) return true;
    this.#lingeredBytes += bytes.length;
    let isEnd = this.#lingeredBytes > LINGER_BYTES_MAX;
    try {
      this.#incoming.body.take(bytes, 0);
      isEnd ||= this.#incoming.body.isComplete;
    } catch {
      isEnd = true;
    }
    if (isEnd) this.#end();
    return true;
  }

  /** What came is no request: nothing more is read. Whoever waits for the reply to an earlier request gets that one. */
  #malformed(error: MalformedRequest, kind = KINDS[error.status] ?? 'malformed'): void {
    this.#error(kind, error);
    this.#dropPartial();
    this.#ending = 'no_more_requests';
    const incoming = this.#incoming;
    if (incoming) {
      this.#incoming = undefined;
      if (!incoming.wanted) return;
      this.#forget(incoming);
      this.#host.gone(incoming.exchange, undefined);
      incoming.exchange.reply({ status: error.status });
    } else if (this.#exchanges.length === 0) {
      this.#socket.write(this.#host.writer.write({ status: error.status }, false, true), 'latin1');
      this.#finish();
    }
  }

  /** A mistake of ours while a request was begun. */
  #broken(error: unknown): void {
    this.#error('handler', error);
    const incoming = this.#incoming;
    this.#ending = 'no_more_requests';
    if (!incoming) return;
    this.#forget(incoming);
    this.#host.gone(incoming.exchange, undefined);
    incoming.exchange.reply(INTERNAL_ERROR);
  }

  /** The peer ended its side, or the connection broke. */
  #over(error: Error | undefined): void {
    if (this.#ending === 'over') return;
    if (error || this.#incoming) {
      this.#closed();
      this.#socket.destroy();
    } else if (this.#partial) this.#malformed(new MalformedRequest('the connection ended inside a head'), 'connection');
    else {
      this.#ending = 'no_more_requests';
      this.#flush();
    }
  }

  #onSocketError(error: Error): void {
    // With a request coming in, its end is told when the connection is closed.
    if (this.#exchanges.length > 0 && !this.#incoming && this.#ending !== 'over') this.#error('connection', error);
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#ending = 'over';
    this.#lingerTimer?.cancel();
    this.#dropPartial();
    const incoming = this.#incoming;
    this.#incoming = undefined;
    if (incoming?.wanted) {
      this.#forget(incoming);
      const error = new RequestAborted('the peer closed the connection before its request was complete');
      this.#error('connection', error);
      this.#host.gone(incoming.exchange, undefined);
    }
    for (const _ of this.#exchanges.splice(0)) this.#host.closed();
  }

  #error(kind: ServerErrorKind, error: unknown): void {
    this.#host.onError(kind, error instanceof Error ? error : new Error(String(error)));
  }
}

const INTERNAL_ERROR = rejectionReply(new HttpRejection(500, 'Internal error'));

const KINDS: Readonly<Record<number, ServerErrorKind>> = { 408: 'timeout', 413: 'limit', 431: 'limit', 503: 'limit' };

function headTooLong(): MalformedRequest {
  return new MalformedRequest(`the head is longer than ${HEADER_BYTES_MAX} bytes`, 431);
}

const EMPTY = Buffer.alloc(0);

/** An IPv4 peer of an IPv6 socket is written as IPv4. */
function plainAddress(host: string): string {
  return host.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
}

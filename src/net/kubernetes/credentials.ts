// The credentials of requests, fresh: a token file is read again every minute, a program is asked again before what it
// gave expires, and both at once after a refusal.

import { open } from 'node:fs/promises';
import type { Clock } from '../../std/clock.ts';
import type { Logger } from '../../telemetry/log.ts';
import { basicAuthorization } from '../http/client_auth.ts';
import type { ExecCommand, Identity } from './access.ts';
import { askPlugin } from './credential_plugin.ts';

/** As client libraries of Kubernetes do: the kubelet renews a token long before it expires. */
const TOKEN_FILE_MS = 60_000;

/** Credentials of a program are renewed so long before they expire. */
const EXPIRY_MARGIN_MS = 30_000;

/** A refused request asks for new credentials no more often than this. */
const RENEW_MIN_MS = 1_000;

const TOKEN_MAX_BYTES = 262_144;

export interface Credential {
  /** The value of the `Authorization` header. */
  readonly authorization: string | undefined;
  /** A client certificate and its key, PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
}

export class Credentials {
  readonly #identity: Identity;
  readonly #clock: Clock;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #closing = new AbortController();
  #current: { readonly credential: Credential; readonly readMs: number; readonly untilMs: number } | undefined;
  #reading: Promise<Credential> | undefined;

  constructor(identity: Identity, clock: Clock, log: Pick<Logger, 'warn'>) {
    this.#identity = identity;
    this.#clock = clock;
    this.#log = log;
  }

  /** Rejects when there are none to be had, with the reason, and when `stop` aborts. */
  async get(stop: AbortSignal): Promise<Credential> {
    if (this.#current && this.#clock.monotonic() < this.#current.untilMs) return this.#current.credential;
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return orStopped(this.#reading, stop);
  }

  /** The server refused them: others are looked for at the next request. */
  refused(): void {
    const { readMs } = this.#current ?? {};
    if (readMs !== undefined && this.#clock.monotonic() - readMs >= RENEW_MIN_MS) this.#current = undefined;
  }

  /** Ends a program that is being asked. */
  close(): void {
    this.#closing.abort();
  }

  async #read(): Promise<Credential> {
    const nowMs = this.#clock.monotonic();
    try {
      const [credential, lifeMs] = await this.#fresh();
      this.#current = { credential, readMs: nowMs, untilMs: nowMs + lifeMs };
      return credential;
    } catch (error) {
      // A token that was good may still be; the file is replaced by a rename and can be away for a moment.
      const last = this.#current?.credential;
      if (!last) throw error;
      this.#log.warn('Credentials for the Kubernetes API cannot be renewed; the last ones are used for now.', {
        error: (error as Error).message,
      });
      this.#current = { credential: last, readMs: nowMs, untilMs: this.#clock.monotonic() + RENEW_MIN_MS };
      return last;
    }
  }

  async #fresh(): Promise<[Credential, number]> {
    const identity = this.#identity;
    switch (identity.kind) {
      case 'none':
        return [{ authorization: undefined }, Number.POSITIVE_INFINITY];
      case 'token':
        return [bearer(identity.token), Number.POSITIVE_INFINITY];
      case 'basic':
        return [{ authorization: basicAuthorization(identity.user, identity.password) }, Number.POSITIVE_INFINITY];
      case 'token_file':
        return [bearer(await readToken(identity.path)), TOKEN_FILE_MS];
      case 'exec':
        return this.#ask(identity.command);
    }
  }

  async #ask(command: ExecCommand): Promise<[Credential, number]> {
    const { token, certificate, expiresMs } = await askPlugin(command, this.#clock, this.#closing.signal);
    if (token !== undefined && !isToken(token)) throw new Error(`the token of \`${command.program}\` is no token`);
    const credential = { authorization: token === undefined ? undefined : `Bearer ${token}`, certificate };
    if (expiresMs === undefined) return [credential, Number.POSITIVE_INFINITY];
    return [credential, Math.max(expiresMs - this.#clock.now() - EXPIRY_MARGIN_MS, RENEW_MIN_MS)];
  }
}

/** Whether it can be sent in a header. */
export function isToken(text: string): boolean {
  return text !== '' && text.length <= TOKEN_MAX_BYTES && !/[^\x21-\x7e]/.test(text);
}

function bearer(token: string): Credential {
  return { authorization: `Bearer ${token}` };
}

async function readToken(path: string): Promise<string> {
  await using file = await open(path);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(TOKEN_MAX_BYTES + 1), { position: 0 });
  const token = buffer.toString('latin1', 0, bytesRead).trim();
  if (bytesRead > TOKEN_MAX_BYTES || !isToken(token)) throw new Error(`${path} holds no token`);
  return token;
}

/** What `promise` comes to, unless `stop` aborts before. */
function orStopped<T>(promise: Promise<T>, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onStop = (): void => reject(stop.reason);
    promise.then(resolve, reject).finally(() => stop.removeEventListener('abort', onStop));
    if (stop.aborted) onStop();
    else stop.addEventListener('abort', onStop, { once: true });
  });
}

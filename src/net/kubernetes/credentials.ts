// The credentials of requests, fresh: a token file is read again every minute, a program is asked again before what it
// gave expires, and both at once after a refusal.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../std/clock.ts';
import { basicAuthorization } from '../http/client_auth.ts';
import type { ExecCommand, Identity } from './access.ts';

/** As client libraries of Kubernetes do: the kubelet renews a token long before it expires. */
const TOKEN_FILE_MS = 60_000;

/** Credentials of a program are renewed so long before they expire. */
const EXPIRY_MARGIN_MS = 30_000;

/** A refused request asks for new credentials no more often than this. */
const RENEW_MIN_MS = 1_000;

const EXEC_TIMEOUT_MS = 30_000;
const EXEC_OUTPUT_MAX_BYTES = 1_048_576;
const TOKEN_MAX_BYTES = 1_048_576;

export interface Credential {
  /** The value of the `Authorization` header. */
  readonly authorization: string | undefined;
  /** A client certificate and its key, PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
}

export class Credentials {
  readonly #identity: Identity;
  readonly #clock: Clock;
  #current: { readonly credential: Credential; readonly readMs: number; readonly untilMs: number } | undefined;
  #reading: Promise<Credential> | undefined;

  constructor(identity: Identity, clock: Clock) {
    this.#identity = identity;
    this.#clock = clock;
  }

  /** Rejects when there are none to be had, with the reason. */
  async get(): Promise<Credential> {
    if (this.#current && this.#clock.monotonic() < this.#current.untilMs) return this.#current.credential;
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** The server refused them: others are looked for at the next request. */
  refused(): void {
    const { readMs } = this.#current ?? {};
    if (readMs !== undefined && this.#clock.monotonic() - readMs >= RENEW_MIN_MS) this.#current = undefined;
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
      this.#current = { credential: last, readMs: nowMs, untilMs: nowMs + RENEW_MIN_MS };
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
        return this.#run(identity.command);
    }
  }

  async #run(command: ExecCommand): Promise<[Credential, number]> {
    const { status } = JSON.parse(await output(command)) as { status?: Readonly<Record<string, unknown>> };
    const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp: expires } = status ?? {};
    const hasCertificate = typeof cert === 'string' && typeof key === 'string';
    if (typeof token !== 'string' && !hasCertificate)
      throw new Error(`${command.program} gave neither a token nor a certificate`);
    const credential: Credential = {
      ...(typeof token === 'string' ? bearer(token) : { authorization: undefined }),
      ...(hasCertificate ? { certificate: { cert, key } } : {}),
    };
    const expiresMs = typeof expires === 'string' ? Date.parse(expires) : Number.NaN;
    const lifeMs = Number.isNaN(expiresMs)
      ? Number.POSITIVE_INFINITY
      : Math.max(expiresMs - this.#clock.now() - EXPIRY_MARGIN_MS, RENEW_MIN_MS);
    return [credential, lifeMs];
  }
}

function bearer(token: string): Credential {
  return { authorization: `Bearer ${token}` };
}

async function readToken(path: string): Promise<string> {
  const token = (await readFile(path, 'utf8')).trim();
  if (token === '' || token.length > TOKEN_MAX_BYTES || /[^\x21-\x7e]/.test(token))
    throw new Error(`${path} holds no token`);
  return token;
}

function output({ program, args, env, apiVersion, folder, installHint }: ExecCommand): Promise<string> {
  const request = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
  const options = {
    cwd: folder,
    env: { ...process.env, ...env, KUBERNETES_EXEC_INFO: request },
    timeout: EXEC_TIMEOUT_MS,
    maxBuffer: EXEC_OUTPUT_MAX_BYTES,
    killSignal: 'SIGKILL' as const,
  };
  return new Promise((resolve, reject) => {
    execFile(program, [...args], options, (error, stdout) => {
      if (!error) return resolve(stdout);
      const hint = error.code === 'ENOENT' && installHint ? `; ${installHint}` : '';
      reject(new Error(`the credential plugin ${program} failed: ${error.message}${hint}`, { cause: error }));
    });
  });
}

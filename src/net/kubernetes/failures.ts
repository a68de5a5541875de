// What goes wrong between the API server and this process, in words that say where to look.

import { HttpError, type HttpResponse } from '../http/client.ts';
import { TlsError } from '../tls/tls.ts';
import type { Access } from './access.ts';

/** The server answered, but not with what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** How long the server asks to be left alone. */
  readonly retryAfterMs: number;

  constructor(status: number, message: string, retryAfterMs = 0) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Longest pause that a server is granted. */
const RETRY_AFTER_MAX_SECS = 300;

/** The error that an answer with another status than 200 is. */
export function answerError({ status, headers, body }: HttpResponse, access: Access): ApiError {
  const seconds = Number(headers['retry-after'] ?? 0);
  let reason = body.toString('utf8', 0, 300);
  try {
    reason = String((JSON.parse(body.toString('utf8')) as { message?: unknown }).message ?? reason);
  } catch {
    // Not every proxy on the way answers in JSON.
  }
  const how = status === 401 ? `; asked with ${shown(access)}` : '';
  const retryAfterMs = seconds > 0 ? Math.min(seconds, RETRY_AFTER_MAX_SECS) * 1000 : 0;
  return new ApiError(status, `HTTP ${status}: ${reason}${how}`, retryAfterMs);
}

function shown({ identity, tls }: Access): string {
  switch (identity.kind) {
    case 'none':
      return tls.crt_file === undefined ? 'nothing to show' : 'the `client-certificate`';
    case 'token':
      return 'the `token` of the kubeconfig file';
    case 'token_file':
      return `the token in ${identity.path}`;
    case 'basic':
      return `the password of ${identity.user}`;
    case 'exec':
      return `what \`${identity.command.program}\` gave`;
  }
}

/** The names that kubeconfig files have for options of TLS. */
const KUBECONFIG_NAMES: readonly (readonly [string, string])[] = [
  ['`tls.ca_file`', '`certificate-authority`'],
  ['`tls.crt_file`', '`client-certificate`'],
  ['`tls.key_file`', '`client-key`'],
];

/** Says of an error of TLS what of the access has to do with it. */
export function explained(error: unknown, access: Access): unknown {
  if (error instanceof TlsError) {
    const message = KUBECONFIG_NAMES.reduce((text, [ours, theirs]) => text.replaceAll(ours, theirs), error.message);
    return new TlsError(message, { cause: error });
  }
  if (!(error instanceof HttpError) || error.kind !== 'tls') return error;
  const hint = hintOf(String((error.cause as { code?: unknown } | undefined)?.code), access);
  return hint === undefined ? error : new HttpError('tls', `${error.message}; ${hint}`, error);
}

function hintOf(code: string, { server, tls }: Access): string | undefined {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'its certificate is for another name: ask for one it has, or put it into `tls-server-name`';
  if (/SELF_SIGNED|UNABLE_TO_|INVALID_CA/.test(code))
    return tls.ca_file === undefined
      ? 'its certificate is signed by nobody the system trusts: say who signs it in `certificate-authority`'
      : 'its certificate is not signed by the `certificate-authority`';
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code)) return `does ${server.host} speak TLS?`;
  return undefined;
}

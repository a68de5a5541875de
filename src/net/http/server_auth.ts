// Who may send requests to us.

import { createHash, timingSafeEqual } from 'node:crypto';
import { type ConfigOf, string, variants } from '../../schema/schema.ts';
import { basicAuthorization } from './client_auth.ts';
import { HttpRejection } from './rejection.ts';

/** The `auth` option of HTTP servers. Absent: everyone may send. */
export function serverAuth() {
  return variants(
    'How requests must authenticate themselves.',
    'strategy',
    {
      basic: {
        username: string('The user name.', { examples: ['${USERNAME}'] }),
        password: string('The password.', { sensitive: true, examples: ['${PASSWORD}'] }),
      },
      custom: {
        source: string(
          'A VRL program that gives whether a request may pass: `.headers`, `.path` and `.address` tell about it.',
          { program: true, syntax: 'vrl', examples: ['.headers."x-api-key" == "secret"'] },
        ),
      },
    },
    {},
    { optional: true, tagDoc: 'The kind of credentials.' },
  );
}

export type ServerAuth = NonNullable<ConfigOf<ReturnType<typeof serverAuth>>>;

/** What is known of a request before its body. */
export interface RequestFacts {
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly path: string;
  /** The peer's address, without port. */
  readonly peer: string;
}

/** Whether a request may pass. */
export type RequestCheck = (request: RequestFacts) => boolean;

/**
 * A function that says why a request is refused, or nothing.
 * @param checkOf makes the check of a program
 */
export function authenticator(
  auth: ServerAuth | undefined,
  checkOf: (source: string) => RequestCheck,
): (request: RequestFacts) => HttpRejection | undefined {
  if (!auth) return () => undefined;
  if (auth.strategy === 'custom') {
    const check = checkOf(auth.source);
    return (request) => (check(request) ? undefined : new HttpRejection(401, 'Auth failed'));
  }
  const expected = digest(basicAuthorization(auth.username, auth.password));
  const challenge = { 'www-authenticate': 'Basic' };
  return ({ headers }) => {
    const header = headers.get('authorization');
    if (header === undefined) return new HttpRejection(401, 'No authorization header', challenge);
    // Digests have one length, so that the time a comparison takes tells nothing.
    if (timingSafeEqual(digest(header), expected)) return undefined;
    return new HttpRejection(401, 'Invalid username/password', challenge);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

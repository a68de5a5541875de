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
    },
    {},
    { optional: true, notYet: ['custom'], tagDoc: 'The kind of credentials.' },
  );
}

export type ServerAuth = NonNullable<ConfigOf<ReturnType<typeof serverAuth>>>;

/** A function that says why a request with this `Authorization` header is refused, or nothing. */
export function authenticator(auth: ServerAuth | undefined): (header: string | undefined) => HttpRejection | undefined {
  if (!auth) return () => undefined;
  const expected = digest(basicAuthorization(auth.username, auth.password));
  const challenge = { 'www-authenticate': 'Basic' };
  return (header) => {
    if (header === undefined) return new HttpRejection(401, 'No authorization header', challenge);
    // Digests have one length, so that the time a comparison takes tells nothing.
    if (timingSafeEqual(digest(header), expected)) return undefined;
    return new HttpRejection(401, 'Invalid username/password', challenge);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

// How requests of ours prove who they are.

import { type ConfigOf, string, variants } from '../../schema/schema.ts';

/** The `auth` option of HTTP clients. Absent: no authentication. */
export function clientAuth() {
  return variants(
    'How requests authenticate themselves.',
    'strategy',
    {
      basic: {
        user: string('The user name.', { examples: ['${HTTP_USERNAME}'] }),
        password: string('The password.', { sensitive: true, examples: ['${HTTP_PASSWORD}'] }),
      },
      bearer: { token: string('The token.', { sensitive: true, examples: ['${API_TOKEN}'] }) },
      custom: {
        value: string('The whole value of the `Authorization` header.', {
          sensitive: true,
          examples: ['ApiKey ${API_TOKEN}'],
        }),
      },
    },
    {},
    { optional: true, notYet: ['aws'], tagDoc: 'The kind of credentials.' },
  );
}

export type ClientAuth = NonNullable<ConfigOf<ReturnType<typeof clientAuth>>>;

/** The value of the `Authorization` header. */
export function authorization(auth: ClientAuth): string {
  switch (auth.strategy) {
    case 'basic':
      return basicAuthorization(auth.user, auth.password);
    case 'bearer':
      return `Bearer ${auth.token}`;
    case 'custom':
      return auth.value;
  }
}

export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/**
 * A URL without the credentials in it, and the header they stand for.
 * Credentials that are not valid percent-encoding are taken as they stand.
 */
export function splitCredentials(url: URL): { readonly url: URL; readonly authorization: string | undefined } {
  if (url.username === '' && url.password === '') return { url, authorization: undefined };
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return { url: bare, authorization: basicAuthorization(decoded(url.username), decoded(url.password)) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// How requests of ours prove who they are.

import { type ConfigOf, object, string, variants } from '../../schema/schema.ts';
import type { Clock } from '../../std/clock.ts';
import { awsCredentialFields, awsCredentialProblems } from '../aws/options.ts';
import { awsSigner } from '../aws/signer.ts';
import type { RequestSigner } from './client.ts';

/** The `auth` option of HTTP clients. Absent: no authentication. */
export function clientAuth(doc = 'How requests authenticate themselves.') {
  return variants(
    doc,
    'strategy',
    {
      aws: {
        auth: object('Where the credentials for AWS come from.', awsCredentialFields(), {
          required: true,
          checkAll: awsCredentialProblems,
        }),
        service: string('The name of the service that requests are signed for.', { examples: ['es', 'aps'] }),
      },
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
    { optional: true, tagDoc: 'The kind of credentials.' },
  );
}

export type ClientAuth = NonNullable<ConfigOf<ReturnType<typeof clientAuth>>>;

/** The value of the `Authorization` header; none where each request is signed. */
export function authorization(auth: ClientAuth): string | undefined {
  switch (auth.strategy) {
    case 'aws':
      return undefined;
    case 'basic':
      return basicAuthorization(auth.user, auth.password);
    case 'bearer':
      return `Bearer ${auth.token}`;
    case 'custom':
      return auth.value;
  }
}

/** The header that is the same for all requests. */
export function authorizationHeader(auth: ClientAuth | undefined): Readonly<Record<string, string>> {
  const value = auth && authorization(auth);
  return value === undefined ? {} : { authorization: value };
}

/** What signs each request, where the strategy wants it. */
export function requestSigner(auth: ClientAuth | undefined, clock: Clock): RequestSigner | undefined {
  if (auth?.strategy !== 'aws') return undefined;
  return awsSigner({ credentials: auth.auth, service: auth.service, region: auth.auth.region, clock });
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

// How requests prove who writes: as other HTTP clients do, and for Amazon's managed Prometheus by a signature.

import { awsCredentialFields, awsCredentialProblems, type awsRegion } from '../../net/aws/options.ts';
import { awsSigner } from '../../net/aws/signer.ts';
import type { RequestSigner } from '../../net/http/client.ts';
import { authorization } from '../../net/http/client_auth.ts';
import { type ConfigOf, string, variants } from '../../schema/schema.ts';
import type { Clock } from '../../std/clock.ts';

/** The service that signatures are for. */
const SERVICE = 'aps';

/** The `auth` option: the members for AWS stand beside the strategy. */
export function remoteWriteAuth() {
  return variants(
    'How requests authenticate themselves.',
    'strategy',
    {
      aws: awsCredentialFields(),
      basic: {
        user: string('The user name.', { examples: ['${HTTP_USERNAME}'] }),
        password: string('The password.', { sensitive: true, examples: ['${HTTP_PASSWORD}'] }),
      },
      bearer: { token: string('The token.', { sensitive: true, examples: ['${API_TOKEN}'] }) },
    },
    {},
    { optional: true, tagDoc: 'The kind of credentials.', checkAll: awsCredentialProblems },
  );
}

type RemoteWriteAuth = ConfigOf<ReturnType<typeof remoteWriteAuth>>;

/** The header that is the same for all requests. */
export function authorizationHeader(auth: RemoteWriteAuth): Readonly<Record<string, string>> {
  const value = auth && auth.strategy !== 'aws' ? authorization(auth) : undefined;
  return value === undefined ? {} : { authorization: value };
}

/** What signs each request, where the strategy wants it. */
export function requestSigner(
  { auth, aws }: { readonly auth: RemoteWriteAuth; readonly aws: ConfigOf<ReturnType<typeof awsRegion>> },
  clock: Clock,
): RequestSigner | undefined {
  if (auth?.strategy !== 'aws') return undefined;
  return awsSigner({ credentials: auth, service: SERVICE, region: aws?.region ?? auth.region, clock });
}

// Signs the requests of one component.

import type { Clock } from '../../std/clock.ts';
import type { RequestSigner } from '../http/client.ts';
import { CredentialsCache, CredentialsError } from './credentials.ts';
import type { AwsCredentialsConfig } from './options.ts';
import { findRegion } from './region.ts';
import { sign } from './sigv4.ts';

export interface SignerOptions {
  readonly credentials: AwsCredentialsConfig;
  readonly service: string;
  /** The region of signatures; found out where it is left out. */
  readonly region: string | undefined;
  readonly clock: Clock;
}

/** What it makes rejects with `CredentialsError` when a request cannot be signed. */
export function awsSigner({ credentials, service, region, clock }: SignerOptions): RequestSigner {
  const cache = new CredentialsCache(credentials, region, clock);
  let known = region;
  return async (request, send) => {
    known ??= await findRegion({ env: process.env, request: send });
    if (known === undefined) throw new CredentialsError('no region of AWS is known: give `region`');
    return sign(request, await cache.get(), { region: known, service }, clock.now());
  };
}

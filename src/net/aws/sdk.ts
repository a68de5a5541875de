// The door to the credential providers of the AWS SDK, which know all the places where credentials may be. They are
// loaded when a component signs its first request, so that nobody else pays for them.

import type { AwsCredentials } from './sigv4.ts';

/** Credentials with the time they end. */
export interface LoadedCredentials extends AwsCredentials {
  readonly expiration?: Date | undefined;
}

export type CredentialsProvider = () => Promise<LoadedCredentials>;

/** How the metadata service of the machine or the container is asked. */
export interface MetadataLimits {
  readonly timeoutMs: number;
  readonly retries: number;
}

export interface RoleRequest {
  readonly arn: string;
  readonly externalId?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly region: string | undefined;
  /** Whose credentials ask for the role. */
  readonly from: CredentialsProvider;
}

const load = () => import('@aws-sdk/credential-providers');

/** The environment, files, single sign-on, a process, a web identity, the container, the machine: the first that has some. */
export async function wherever(region: string | undefined, limits: MetadataLimits): Promise<CredentialsProvider> {
  const { fromNodeProviderChain } = await load();
  return fromNodeProviderChain({
    timeout: limits.timeoutMs,
    maxRetries: limits.retries,
    ...(region === undefined ? {} : { clientConfig: { region } }),
  });
}

/** A profile of a file of credentials. */
export async function fromFile(filepath: string, profile: string): Promise<CredentialsProvider> {
  const { fromIni } = await load();
  // The file of settings may name the same profile with other ways to credentials: only the one given counts.
  return fromIni({ filepath, configFilepath: filepath, profile, ignoreCache: true });
}

/** The credentials of a role, from the security token service. */
export async function ofRole({
  arn,
  externalId,
  sessionName,
  region,
  from,
}: RoleRequest): Promise<CredentialsProvider> {
  const { fromTemporaryCredentials } = await load();
  return fromTemporaryCredentials({
    masterCredentials: from,
    params: {
      RoleArn: arn,
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
      ...(sessionName === undefined ? {} : { RoleSessionName: sessionName }),
    },
    ...(region === undefined ? {} : { clientConfig: { region } }),
  });
}

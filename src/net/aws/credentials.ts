// Credentials for AWS as a component uses them: found once, kept until shortly before they end, and looked for again then.

import type { Clock } from '../../std/clock.ts';
import type { AwsCredentialsConfig } from './options.ts';
import { type CredentialsProvider, fromFile, type LoadedCredentials, ofRole, wherever } from './sdk.ts';
import type { AwsCredentials } from './sigv4.ts';

/** Credentials are renewed this long before they end, so that a request under way outlives them in no case. */
const RENEW_MS = 5 * 60_000;

const LOAD_TIMEOUT_SECS = 5;

export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

export class CredentialsCache {
  readonly #config: AwsCredentialsConfig;
  readonly #region: string | undefined;
  readonly #clock: Clock;
  #provider: Promise<CredentialsProvider> | undefined;
  #known: LoadedCredentials | undefined;
  #loading: Promise<LoadedCredentials> | undefined;

  /** @param region where roles are asked for unless the configuration says so */
  constructor(config: AwsCredentialsConfig, region: string | undefined, clock: Clock) {
    this.#config = config;
    this.#region = config.region ?? region;
    this.#clock = clock;
  }

  /** Credentials that are good for a while. Rejects with `CredentialsError` when there are none. */
  async get(): Promise<AwsCredentials> {
    if (this.#known && !this.#endsSoon(this.#known, RENEW_MS)) return this.#known;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    try {
      return await this.#loading;
    } catch (cause) {
      // Those that end soon are good until then.
      if (this.#known && !this.#endsSoon(this.#known, 0)) return this.#known;
      throw cause;
    }
  }

  #endsSoon({ expiration }: LoadedCredentials, marginMs: number): boolean {
    return expiration !== undefined && expiration.getTime() - marginMs <= this.#clock.now();
  }

  async #load(): Promise<LoadedCredentials> {
    const limitSecs = this.#config.load_timeout_secs ?? LOAD_TIMEOUT_SECS;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = this.#clock.after(limitSecs * 1000, () => reject(new Error(`none were found within ${limitSecs} s`)));
    try {
      this.#provider ??= providerOf(this.#config, this.#region);
      const provider = await this.#provider;
      this.#known = await Promise.race([provider(), late]);
      return this.#known;
    } catch (cause) {
      // A provider may keep that it failed.
      this.#provider = undefined;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CredentialsError(`there are no credentials for AWS: ${reason}`, { cause });
    } finally {
      timer.cancel();
    }
  }
}

async function providerOf(config: AwsCredentialsConfig, region: string | undefined): Promise<CredentialsProvider> {
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, credentials_file: file } = config;
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const credentials = { accessKeyId, secretAccessKey, sessionToken: config.session_token };
    return inRole(config, region, async () => credentials);
  }
  if (file !== undefined) return fromFile(file, config.profile);
  const { connect_timeout_seconds: connect, read_timeout_seconds: read, max_attempts: attempts } = config.imds;
  const found = await wherever(region, { timeoutMs: Math.max(connect, read) * 1000, retries: attempts - 1 });
  return inRole(config, region, found);
}

async function inRole(
  config: AwsCredentialsConfig,
  region: string | undefined,
  from: CredentialsProvider,
): Promise<CredentialsProvider> {
  const { assume_role: arn, external_id: externalId, session_name: sessionName } = config;
  return arn === undefined ? from : ofRole({ arn, externalId, sessionName, region, from });
}

// Gets the values of all `SECRET[backend.key]` of a configuration, with one question to each backend.

import type { SecretAnswer } from '../component/secret_backend.ts';
import type { ConfigOf, Problem } from '../schema/schema.ts';
import { nearest } from '../std/suggest.ts';
import { type secretBackend, secretBackends } from './global_options.ts';
import type { Environment } from './interpolate.ts';
import type { SecretUse } from './substitute.ts';

export type SecretBackendConfig = NonNullable<ConfigOf<typeof secretBackend>>;

/** Values by backend and key. */
export type SecretValues = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface Retrieved {
  readonly values: SecretValues;
  readonly problems: readonly Problem[];
}

/**
 * @param backends configured backends by name; undefined for one whose options are wrong, which was reported
 */
export async function retrieveSecrets(
  uses: readonly SecretUse[],
  backends: ReadonlyMap<string, SecretBackendConfig | undefined>,
  env: Environment,
): Promise<Retrieved> {
  const values = new Map<string, ReadonlyMap<string, string>>();
  const problems: Problem[] = [];
  const groups = [...Map.groupBy(uses, ({ backend }) => backend)];
  await Promise.all(
    groups.map(async ([name, group]) => {
      if (!backends.has(name)) problems.push(unknownBackend(name, group[0]!, [...backends.keys()]));
      const config = backends.get(name);
      if (!config) return;
      const keys = [...new Set(group.map(({ key }) => key))];
      const answer = await ask(config, keys, env);
      if (typeof answer === 'string') problems.push({ severity: 'error', path: ['secret', name], message: answer });
      else {
        values.set(name, answer.values);
        problems.push(...missing(name, group, answer));
      }
    }),
  );
  return { values, problems };
}

function ask(config: SecretBackendConfig, keys: readonly string[], env: Environment): Promise<SecretAnswer | string> {
  if (config.type === 'exec') return secretBackends.exec.retrieve(config, keys, { env });
  if (config.type === 'file') return secretBackends.file.retrieve(config, keys, { env });
  return secretBackends.directory.retrieve(config, keys, { env });
}

function unknownBackend(name: string, { key, path }: SecretUse, known: readonly string[]): Problem {
  const guess = nearest(name, known);
  const hint =
    guess !== undefined
      ? `did you mean \`SECRET[${guess}.${key}]\`?`
      : `define it under \`secret\`${known.length > 0 ? `; there are ${known.map((one) => `\`${one}\``).join(', ')}` : ''}`;
  return { severity: 'error', path, message: `there is no secret backend \`${name}\``, hint };
}

/** One problem for each secret that has no value, where it is used first. */
function missing(backend: string, uses: readonly SecretUse[], { faults }: SecretAnswer): Problem[] {
  return [...faults].map(([key, reason]) => ({
    severity: 'error',
    path: uses.find((use) => use.key === key)!.path,
    message: `the secret \`${backend}.${key}\` has no value: ${reason}`,
  }));
}

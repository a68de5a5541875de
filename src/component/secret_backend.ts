// How a secret backend is defined: its options, and how it answers for keys. A value appears in its answer alone, never
// in a message.

import type { ConfigOf, Fields } from '../schema/schema.ts';

export interface SecretAnswer {
  /** Values by key. */
  readonly values: ReadonlyMap<string, string>;
  /** Why a key has no value, as a clause. Every key that was asked for is in one of the two. */
  readonly faults: ReadonlyMap<string, string>;
}

export interface SecretContext {
  /** The environment of programs that are started. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface SecretBackendDefinition<F extends Fields> {
  /** Vector's name. */
  readonly type: string;
  /** One sentence. */
  readonly summary: string;
  readonly options: F;
  /** Never rejects. Text says why there is no answer at all. */
  retrieve(config: ConfigOf<F>, keys: readonly string[], context: SecretContext): Promise<SecretAnswer | string>;
}

export function defineSecretBackend<const F extends Fields>(
  definition: SecretBackendDefinition<F>,
): SecretBackendDefinition<F> {
  return definition;
}

/** Larger files and answers of backends are refused. */
export const SECRETS_BYTES_MAX = 4 * 1024 * 1024;

/** An answer made of what is known of each key: a value, or a clause that says why there is none. */
export function answerOf(
  keys: readonly string[],
  look: (key: string) => { readonly value: string } | string,
): SecretAnswer {
  const values = new Map<string, string>();
  const faults = new Map<string, string>();
  for (const key of keys) {
    const found = look(key);
    if (typeof found === 'string') faults.set(key, found);
    else if (found.value === '') faults.set(key, 'it is empty');
    else values.set(key, found.value);
  }
  return { values, faults };
}

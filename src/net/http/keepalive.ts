// How long clients may keep a connection.

import { type ConfigOf, float, object, uint } from '../../schema/schema.ts';

/** The `keepalive` option of HTTP servers. */
export function keepalive() {
  return object('How long clients may keep a connection: the response after that time closes it.', {
    max_connection_age_secs: uint('The age from which on a connection is closed with the next response.', {
      default: 300,
      unit: 'seconds',
    }),
    max_connection_age_jitter_factor: float(
      'How far the age may vary at random, as a part of it, so that clients do not come back all at once.',
      { default: 0.1, validate: (value) => (value >= 0 && value <= 1 ? undefined : 'must be from 0 to 1') },
    ),
  });
}

export type Keepalive = ConfigOf<ReturnType<typeof keepalive>>;

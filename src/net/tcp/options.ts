// Options of TCP connections that several components share.

import { array, object, ParseProblem, parsed, string, uint } from '../../schema/schema.ts';
import { parseNetwork } from './permit_origin.ts';

/** `keepalive` of connections. */
export function keepalive() {
  return object(
    'TCP keepalive: probes that find out whether the other side is still there.',
    {
      time_secs: uint('How long a connection is idle before the first probe.', {
        optional: true,
        unit: 'seconds',
        examples: [60],
      }),
    },
    { optional: true },
  );
}

/** `permit_origin`: the networks that peers may come from. */
export function permitOrigin() {
  return array(
    parsed(
      string('A network in CIDR notation.', { examples: ['192.168.0.0/16', '127.0.0.1/32', '::1/128'] }),
      (text) => parseNetwork(text) ?? new ParseProblem(`\`${text}\` is no network in CIDR notation, as \`10.0.0.0/8\``),
    ),
    'The networks that peers may connect from; everyone may when this is not set.',
    { optional: true, examples: [['192.168.0.0/16', '::1/128']] },
  );
}

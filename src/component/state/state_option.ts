// The option `state` of transforms that remember something.

import { type ConfigOf, object, string, uint } from '../../schema/schema.ts';

/** `state` of a transform. */
export function keptState() {
  return object(
    'Keeps what the component remembers over restarts. Without it, a restart begins with nothing. `true` is short for all defaults.',
    {
      path: string('The file, in place of `<data_dir>/<id>/state`.', {
        optional: true,
        syntax: 'path',
        examples: ['/var/lib/sluice/dedupe.state'],
      }),
      interval_secs: uint(
        'How often it is saved, besides at a stop. After a crash, what is remembered is up to that old.',
        { default: 10, min: 1, unit: 'seconds' },
      ),
    },
    { optional: true, expand: (value) => (value === true ? {} : value) },
  );
}

export type KeptStateConfig = ConfigOf<ReturnType<typeof keptState>>;

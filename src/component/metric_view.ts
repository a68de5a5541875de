// Our own metrics as programs find them.

import type { Registry } from '../telemetry/registry.ts';
import { OWN_PREFIX, type Reading } from '../telemetry/telemetry.ts';
import type { Environment, MetricView } from '../vrl/vrl.ts';

/** Series of one name that a program is given at most. */
const FOUND_MAX = 1_000;

export function metricsOf(recorder: Pick<Registry, 'all'>): NonNullable<Environment['metrics']> {
  return {
    find: (name) =>
      recorder
        .all()
        .filter((one) => one.name === name)
        .slice(0, FOUND_MAX)
        .map(viewOf),
  };
}

function viewOf({ name, type, labels, value }: Reading): MetricView {
  return {
    name,
    namespace: name.startsWith(OWN_PREFIX) ? undefined : 'vector',
    tags: Object.fromEntries(Object.entries(labels).map(([label, text]) => [label, [text]])),
    kind: 'absolute',
    type,
    value: type === 'histogram' ? undefined : value,
  };
}

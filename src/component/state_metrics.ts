// What components with state count of it.

import { defineCounter } from '../telemetry/telemetry.ts';

export const stateEvictions = defineCounter({
  name: 'sluice_state_evictions_total',
  doc: 'Keys, groups and entries that a component let go of early because its state had reached a limit.',
});

export const staleEventsFlushed = defineCounter({
  name: 'stale_events_flushed_total',
  doc: 'Events made of what had waited long enough for more.',
});

// What the source counts beside the standard series.

import { defineCounter } from '../../telemetry/telemetry.ts';

export const containersWatched = defineCounter({
  name: 'containers_watched_total',
  doc: 'Containers whose logs began to be read.',
});
export const containersUnwatched = defineCounter({
  name: 'containers_unwatched_total',
  doc: 'Containers whose logs are over.',
});
export const containerEvents = defineCounter({
  name: 'container_processed_events_total',
  doc: 'Events of containers (started, died, …) that were looked at.',
});

// Gauges of what waits between components. Batches go from component to component without a queue, so what waits is at
// most one batch for each sender.

import { defineGauge } from '../telemetry/telemetry.ts';

const OUTPUT = [{ name: 'output' }] as const;

export const sourceBufferMaxSizeEvents = defineGauge({
  name: 'source_buffer_max_size_events',
  doc: 'Most events of one batch that a source sends.',
  labels: OUTPUT,
});
export const sourceBufferMaxEventSize = defineGauge({
  name: 'source_buffer_max_event_size',
  doc: 'The older name of `source_buffer_max_size_events`.',
  labels: OUTPUT,
});
export const sourceBufferLevel = defineGauge({
  name: 'source_buffer_utilization_level',
  doc: 'Events that the source sent and that wait to be taken.',
  labels: OUTPUT,
});
export const transformBufferMaxSizeEvents = defineGauge({
  name: 'transform_buffer_max_size_events',
  doc: 'Most events of one batch that a transform is given by a source.',
});
export const transformBufferMaxEventSize = defineGauge({
  name: 'transform_buffer_max_event_size',
  doc: 'The older name of `transform_buffer_max_size_events`.',
});
export const transformBufferLevel = defineGauge({
  name: 'transform_buffer_utilization_level',
  doc: 'Events that wait for the transform.',
});

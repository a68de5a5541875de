// What is counted of the conversation with the API server.

import { type Counter, defineCounter, defineGauge, type Gauge, type Recorder } from '../../telemetry/telemetry.ts';

const RESOURCE = { name: 'resource', values: ['pods', 'namespaces', 'nodes'] };

const requests = defineCounter({
  name: 'sluice_kubernetes_requests_total',
  doc: 'Requests to the Kubernetes API, by what they ask for and what came of them.',
  labels: [
    RESOURCE,
    { name: 'verb', values: ['list', 'watch'] },
    { name: 'outcome', values: ['ok', 'expired', 'refused', 'busy', 'failed', 'unreachable'] },
  ],
});
const events = defineCounter({
  name: 'sluice_kubernetes_watch_events_total',
  doc: 'Changes that the Kubernetes API told.',
  labels: [RESOURCE, { name: 'type', values: ['added', 'modified', 'deleted', 'bookmark', 'error'] }],
});
const objects = defineGauge({
  name: 'sluice_kubernetes_objects',
  doc: 'Objects of the Kubernetes API whose metadata is held.',
  labels: [RESOURCE],
});
const bytes = defineGauge({
  name: 'sluice_kubernetes_object_bytes',
  doc: 'Estimated bytes of the metadata that is held.',
  labels: [RESOURCE],
});
const cut = defineCounter({
  name: 'sluice_kubernetes_objects_cut_total',
  doc: 'Objects of which not all metadata is held, as it, or all of them together, are too large.',
  labels: [RESOURCE],
});

export type Outcome = 'ok' | 'expired' | 'refused' | 'busy' | 'failed' | 'unreachable';

export class KubernetesMetrics {
  readonly objects: Gauge;
  readonly bytes: Gauge;
  readonly cut: Counter;
  readonly #recorder: Recorder;
  readonly #resource: string;

  constructor(recorder: Recorder, resource: string) {
    this.#recorder = recorder;
    this.#resource = resource;
    this.objects = recorder.gauge(objects, { resource });
    this.bytes = recorder.gauge(bytes, { resource });
    this.cut = recorder.counter(cut, { resource });
  }

  requested(verb: 'list' | 'watch', outcome: Outcome): void {
    this.#recorder.counter(requests, { resource: this.#resource, verb, outcome }).add(1);
  }

  told(type: string): void {
    this.#recorder.counter(events, { resource: this.#resource, type: type.toLowerCase() }).add(1);
  }
}

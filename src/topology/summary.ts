// What each component has done so far, from the series it counts.

import type { ComponentContext } from '../component/context.ts';
import type { Registry } from '../telemetry/registry.ts';

export interface ComponentSummary {
  readonly id: string;
  readonly kind: ComponentContext['kind'];
  readonly type: string;
  readonly receivedEvents: number;
  readonly sentEvents: number;
  readonly droppedEvents: number;
  readonly errors: number;
}

export function summarize(contexts: readonly ComponentContext[], recorder: Registry): ComponentSummary[] {
  return contexts.map(({ id, kind, type }) => {
    const read = (name: string): number => recorder.read(name, { component_id: id, component_kind: kind });
    return {
      id,
      kind,
      type,
      receivedEvents: read('component_received_events_total'),
      sentEvents: read('component_sent_events_total'),
      droppedEvents: read('component_discarded_events_total'),
      errors: read('component_errors_total'),
    };
  });
}

// Tags that say where metrics come from.

import type { MetricEvent, Tags } from '../../event/metric.ts';

interface TagConfig {
  readonly instance_tag: string | undefined;
  readonly endpoint_tag: string | undefined;
  readonly honor_labels: boolean;
}

/** Puts the tags that are wanted on an event, as Prometheus' own `honor_labels` has it. */
export function tagger(config: TagConfig, instance: string, endpoint: string): (event: MetricEvent) => void {
  const { instance_tag: instanceTag, endpoint_tag: endpointTag, honor_labels: honor } = config;
  const wanted: (readonly [tag: string, value: string])[] = [];
  if (instanceTag !== undefined) wanted.push([instanceTag, instance]);
  if (endpointTag !== undefined) wanted.push([endpointTag, endpoint]);
  return (event) => {
    for (const [tag, value] of wanted) put((event.tags ??= new Map()), tag, value, honor);
  };
}

function put(tags: Tags, tag: string, value: string, honor: boolean): void {
  const known = tags.get(tag);
  if (known !== undefined && honor) return;
  if (known !== undefined) tags.set(`exported_${tag}`, known);
  tags.set(tag, value);
}

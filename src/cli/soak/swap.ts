// Leaves out parts of a configuration: components stand in the order of the flow, and from some point on sinks become
// blackholes, transforms pass everything through, and sources are not there. All that follows a transform comes after it
// in that order, so what its neighbours take need not fit any more: everything ends in blackholes.

import type { Config } from '../../config/config.ts';
import type { Document } from './rewrite.ts';

export interface Part {
  readonly id: string;
  readonly kind: 'source' | 'transform' | 'sink';
  readonly type: string;
}

/** All components: sources, transforms after what feeds them, sinks. */
export function partsOf(config: Config): Part[] {
  const part =
    (kind: Part['kind']) =>
    ([id, { definition }]: readonly [string, { definition: { type: string } }]) => ({
      id,
      kind,
      type: definition.type,
    });
  const transforms = new Map(config.transforms);
  const ordered: Part[] = [];
  while (transforms.size > 0) {
    const ready = [...transforms].filter(([, { inputs }]) => inputs.every((input) => !transforms.has(ownerOf(input))));
    for (const [id] of ready) transforms.delete(id);
    ordered.push(...ready.map(part('transform')));
  }
  return [...[...config.sources].map(part('source')), ...ordered, ...[...config.sinks].map(part('sink'))];
}

/** The configuration with the first `kept` parts as they are. */
export function keepFirst(document: Document, config: Config, parts: readonly Part[], kept: number): Document {
  const swapped = new Set(parts.slice(kept).map(({ id }) => id));
  const resolve = (outputs: readonly string[]): string[] => [
    ...new Set(outputs.flatMap((output) => resolved(ownerOf(output), output))),
  ];
  const resolved = (id: string, output: string): string[] => {
    if (!swapped.has(id)) return [output];
    return resolve(config.transforms.get(id)?.inputs ?? []);
  };
  const without = (section: 'sources' | 'transforms'): Record<string, unknown> =>
    Object.fromEntries(Object.entries((document[section] ?? {}) as object).filter(([id]) => !swapped.has(id)));
  const transforms = Object.fromEntries(
    Object.entries(without('transforms')).map(([id, options]) => [
      id,
      { ...(options as object), inputs: resolve(config.transforms.get(id)!.inputs) },
    ]),
  );
  const sinks = Object.entries((document['sinks'] ?? {}) as Record<string, object>).flatMap(([id, options]) => {
    const inputs = resolve(config.sinks.get(id)!.inputs);
    if (inputs.length === 0) return [];
    return [[id, swapped.has(id) ? { type: 'blackhole', inputs } : { ...options, inputs }]];
  });
  return { ...document, sources: without('sources'), transforms, sinks: Object.fromEntries(sinks) };
}

/** `router` of `router.errors`. */
function ownerOf(output: string): string {
  return output.split('.', 1)[0]!;
}

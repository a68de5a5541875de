// What a new configuration changes in a running topology.

import type { Config, SinkConfig, SourceConfig, TransformConfig } from '../config/config.ts';

type ComponentConfig = SourceConfig | TransformConfig | SinkConfig;

export interface Difference {
  readonly added: readonly string[];
  /** To be built again under the same id. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Left running; inputs may differ. */
  readonly unchanged: readonly string[];
}

/**
 * Compares by id. `isOver` says of a transform or sink of the running graph that it takes nothing any more, because all
 * its inputs ended: with new inputs it must be built again.
 */
export function difference(before: Config, after: Config, isOver: (id: string) => boolean): Difference {
  const old = components(before);
  const now = components(after);
  const added: string[] = [];
  const changed: string[] = [];
  const unchanged: string[] = [];
  for (const [id, component] of now) {
    const previous = old.get(id);
    if (!previous) added.push(id);
    else if (isSame(previous, component) && !(isOver(id) && isRewired(previous, component))) unchanged.push(id);
    else changed.push(id);
  }
  // Those whose inputs are all over are built again when one of the inputs is.
  for (let count = -1; count !== changed.length; ) {
    count = changed.length;
    for (const id of unchanged.filter((one) => isOver(one) && readsAny(now.get(one)!, [...added, ...changed]))) {
      unchanged.splice(unchanged.indexOf(id), 1);
      changed.push(id);
    }
  }
  return { added, changed, removed: [...old.keys()].filter((id) => !now.has(id)), unchanged };
}

function components({ sources, transforms, sinks }: Config): Map<string, ComponentConfig> {
  return new Map<string, ComponentConfig>([...sources, ...transforms, ...sinks]);
}

/** Whether the running component is what the new configuration asks for, apart from its inputs. */
function isSame(before: ComponentConfig, after: ComponentConfig): boolean {
  return (
    before.definition === after.definition &&
    before.fingerprint === after.fingerprint &&
    fixedBy(before) === fixedBy(after)
  );
}

/** What a component was built with and does not stand in its own configuration. */
function fixedBy(config: ComponentConfig): string {
  if ('acknowledgements' in config)
    return JSON.stringify([config.acknowledgements, config.logNamespace, config.outputs]);
  return 'outputs' in config ? JSON.stringify([config.inputTypes, config.outputs]) : '';
}

function isRewired(before: ComponentConfig, after: ComponentConfig): boolean {
  return 'inputs' in before && 'inputs' in after && before.inputs.join('\0') !== after.inputs.join('\0');
}

function readsAny(config: ComponentConfig, ids: readonly string[]): boolean {
  return (
    'inputs' in config && config.inputs.some((input) => ids.some((id) => input === id || input.startsWith(`${id}.`)))
  );
}

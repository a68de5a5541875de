// Who claims what only one component of the process may use.

import type { Resource } from '../component/define.ts';
import type { Config } from '../config/config.ts';
import type { TopologyProblem } from './runtime.ts';

interface Claimant {
  readonly id: string;
  readonly config: unknown;
  readonly definition: { readonly resources?: (config: unknown) => readonly Resource[] };
}

/** Port 0 is a different port for everyone who asks. */
const ANY_PORT = /^(?:tcp|udp):.*:0$/;

export function resourcesOf({ definition, config }: Claimant): readonly Resource[] {
  return (definition.resources?.(config) ?? []).filter((resource) => !ANY_PORT.test(resource));
}

/** One problem for each component that claims what another has. */
export function claimProblems(config: Config): readonly TopologyProblem[] {
  const owners = new Map<Resource, string>();
  const problems: TopologyProblem[] = [];
  for (const component of [...config.sources.values(), ...config.transforms.values(), ...config.sinks.values()]) {
    for (const resource of resourcesOf(component)) {
      const owner = owners.get(resource);
      if (owner === undefined) owners.set(resource, component.id);
      else if (owner !== component.id)
        problems.push({ component: component.id, message: `\`${owner}\` already uses ${resource}` });
    }
  }
  return problems;
}

// Which sources wait for delivery before they answer: those below which a sink, or above which the top level, asks for
// it. A source's own setting counts first, then the global one, then the sinks'.

import type { Problem } from '../schema/schema.ts';
import type { CheckedComponent } from './components.ts';

interface Setting {
  readonly acknowledgements?: { readonly enabled?: boolean };
}

const settingOf = (config: unknown): boolean | undefined => (config as Setting).acknowledgements?.enabled;

export interface Acknowledging {
  /** Ids of the sources that are to wait. */
  readonly sources: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/**
 * @param upstream ids of the components that feed a component
 * @param global the top-level setting
 */
export function acknowledging(
  components: readonly CheckedComponent[],
  upstream: (id: string) => readonly string[],
  global: boolean | undefined,
): Acknowledging {
  const asked = askedBySinks(components, upstream, global);
  const sources = new Set<string>();
  const problems: Problem[] = [];
  for (const { kind, id, path, config, definition } of components) {
    if (kind !== 'source' || config === undefined || !definition || !('acknowledges' in definition)) continue;
    const waits = settingOf(config) ?? global ?? asked.has(id);
    if (!waits) continue;
    if (definition.acknowledges) sources.add(id);
    else
      problems.push({
        severity: 'warning',
        path,
        message: `\`${id}\` cannot wait for acknowledgements: what is on its way when a sink fails may be lost`,
        hint: `sources of type \`${definition.type}\` have nobody to tell`,
        atKey: true,
        isAdvice: true,
      });
  }
  return { sources, problems };
}

/** Everything above a sink that has acknowledgements on. */
function askedBySinks(
  components: readonly CheckedComponent[],
  upstream: (id: string) => readonly string[],
  global: boolean | undefined,
): ReadonlySet<string> {
  const asking = components.filter(
    ({ kind, config }) => kind === 'sink' && config !== undefined && (settingOf(config) ?? global) === true,
  );
  const found = new Set<string>(asking.map(({ id }) => id));
  // A set hands out what is added to it while it is walked.
  for (const id of found) for (const above of upstream(id)) found.add(above);
  return found;
}

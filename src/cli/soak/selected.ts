// What a pod has to be like for a `kubernetes_logs` source to read its logs: the labels and fields that its selectors ask
// for, as they are written.

import {
  fieldRequirements,
  labelRequirements,
  parseLabelSelector,
  type Requirement,
} from '../../net/kubernetes/selector.ts';

type Texts = Readonly<Record<string, string>>;

/** What pods and their namespaces have, beside what any has. */
export interface Wanted {
  readonly labels: Texts;
  readonly namespaceLabels: Texts;
  /** As `metadata.name`. */
  readonly fields: Texts;
}

/** What the options of a source ask for. */
export function wantedOf(options: Readonly<Record<string, unknown>>): Wanted {
  const text = (name: string): string => String(options[name] ?? '');
  const fields = fieldRequirements(text('extra_field_selector'));
  return {
    labels: labelsFor(text('extra_label_selector')),
    namespaceLabels: labelsFor(text('extra_namespace_label_selector')),
    fields: typeof fields === 'string' ? {} : valuesOf(fields, 0),
  };
}

/** Labels that match, where there are any. */
export function labelsFor(selector: string): Texts {
  const requirements = labelRequirements(selector);
  const selects = parseLabelSelector(selector);
  if (typeof requirements === 'string' || typeof selects === 'string') return {};
  // A value of one list may be forbidden elsewhere: then it is the next one's turn.
  const turns = Math.max(1, ...requirements.map(({ values }) => values.length));
  const found = Array.from({ length: turns }, (_, turn) => valuesOf(requirements, turn));
  return found.find((labels) => selects(labels)) ?? found[0]!;
}

function valuesOf(requirements: readonly Requirement[], turn: number): Texts {
  const wanted = requirements.filter(({ operator }) => operator === 'in' || operator === 'exists');
  const named = wanted.map(({ name, values }): [string, string] => [name, values[turn % values.length] ?? 'soak']);
  // What has to have a value has it, whichever other requirement only wants it to be there.
  return Object.fromEntries(named.sort(([, a], [, b]) => Number(a !== 'soak') - Number(b !== 'soak')));
}

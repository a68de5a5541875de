// Label and field selectors as kubectl writes them, evaluated here: what is excluded is known to be excluded, and not
// merely unknown.
//
//   environment=production, tier!=frontend, partition in (a, b), zone notin (c), owner, !canary

export type Labels = Readonly<Record<string, string>>;

/** Whether labels, or fields, match. */
export type Selector = (labels: Labels) => boolean;

/** One condition of a selector. */
export interface Requirement {
  readonly name: string;
  /** `in` asks for one of `values`, `notin` for none of them or nothing at all. */
  readonly operator: 'in' | 'notin' | 'exists' | 'absent';
  readonly values: readonly string[];
}

const SELECTOR_MAX_LENGTH = 16_384;

const NAME = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)?$/;
const SET = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;

/** Reads a label selector; text that says what is wrong with it when it is none. */
export function parseLabelSelector(source: string): Selector | string {
  const requirements = labelRequirements(source);
  if (typeof requirements === 'string') return requirements;
  const tests = requirements.map(testOf);
  return (labels) => tests.every((test) => test(labels));
}

/** What a label selector asks for. */
export function labelRequirements(source: string): readonly Requirement[] | string {
  if (source.length > SELECTOR_MAX_LENGTH) return `the selector is longer than ${SELECTOR_MAX_LENGTH} characters`;
  const requirements: Requirement[] = [];
  for (const part of splitOutsideParentheses(source)) {
    const found = requirement(part.trim());
    if (typeof found === 'string') return found;
    requirements.push(found);
  }
  return requirements;
}

function splitOutsideParentheses(source: string): string[] {
  return source.trim() === '' ? [] : source.split(/,(?![^(]*\))/);
}

function requirement(text: string): Requirement | string {
  const set = SET.exec(text);
  const equality = /^([^=!\s]+)\s*(==?|!=)\s*(\S*)$/.exec(text);
  if (set || equality) {
    const [, name, operator, list] = (set ?? equality) as unknown as [string, string, string, string];
    const values = set ? list.split(',').map((value) => value.trim()) : [list];
    if (!NAME.test(name)) return `\`${name}\` is no name of a label`;
    for (const value of values) if (!VALUE.test(value)) return `\`${value}\` is no value of a label`;
    return { name, operator: operator === 'notin' || operator === '!=' ? 'notin' : 'in', values };
  }
  const [, not, name] = /^(!?)\s*(\S+)$/.exec(text) ?? [];
  if (name === undefined || !NAME.test(name)) return `\`${text}\` is no requirement of a label selector`;
  return { name, operator: not ? 'absent' : 'exists', values: [] };
}

function testOf({ name, operator, values }: Requirement): Selector {
  if (operator === 'exists') return (labels) => Object.hasOwn(labels, name);
  if (operator === 'absent') return (labels) => !Object.hasOwn(labels, name);
  const set = new Set(values);
  return (labels) => {
    const value = labelOf(labels, name);
    return (value !== undefined && set.has(value)) === (operator === 'in');
  };
}

function labelOf(labels: Labels, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}

/** The fields of pods that the API server selects by. */
export const POD_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'spec.hostNetwork',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'status.nominatedNodeName',
  'status.phase',
  'status.podIP',
] as const;

/** Reads a selector of fields of pods; text that says what is wrong with it when it is none. */
export function parseFieldSelector(source: string): Selector | string {
  const requirements = fieldRequirements(source);
  if (typeof requirements === 'string') return requirements;
  return (fields) =>
    requirements.every(({ name, operator, values: [value] }) =>
      operator === 'in' ? (labelOf(fields, name) ?? '') === value : (labelOf(fields, name) ?? '') !== value,
    );
}

/** What a selector of fields asks for: each has one value. */
export function fieldRequirements(source: string): readonly Requirement[] | string {
  if (source.length > SELECTOR_MAX_LENGTH) return `the selector is longer than ${SELECTOR_MAX_LENGTH} characters`;
  const requirements: Requirement[] = [];
  for (const part of source.trim() === '' ? [] : source.split(/(?<!\\),/)) {
    const match = /^\s*([\w.]+)(==?|!=)(.*)$/s.exec(part);
    if (!match) return `\`${part.trim()}\` is no requirement of a field selector`;
    const [, name, operator, written] = match as unknown as [string, string, string, string];
    if (!(POD_FIELDS as readonly string[]).includes(name)) return `\`${name}\` is no field that pods are selected by`;
    const value = written.trim().replace(/\\([,=\\])/g, '$1');
    requirements.push({ name, operator: operator === '!=' ? 'notin' : 'in', values: [value] });
  }
  return requirements;
}

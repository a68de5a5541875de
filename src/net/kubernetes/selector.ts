// Label and field selectors as kubectl writes them, evaluated here: what is excluded is known to be excluded, and not
// merely unknown.
//
//   environment=production, tier!=frontend, partition in (a, b), zone notin (c), owner, !canary

export type Labels = Readonly<Record<string, string>>;

/** Whether labels, or fields, match. */
export type Selector = (labels: Labels) => boolean;

const SELECTOR_MAX_LENGTH = 16_384;

const NAME = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)?$/;
const SET = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;

/** Reads a label selector; text that says what is wrong with it when it is none. */
export function parseLabelSelector(source: string): Selector | string {
  if (source.length > SELECTOR_MAX_LENGTH) return `the selector is longer than ${SELECTOR_MAX_LENGTH} characters`;
  const tests: Selector[] = [];
  for (const part of splitOutsideParentheses(source)) {
    const test = requirement(part.trim());
    if (typeof test === 'string') return test;
    tests.push(test);
  }
  return (labels) => tests.every((test) => test(labels));
}

function splitOutsideParentheses(source: string): string[] {
  return source.trim() === '' ? [] : source.split(/,(?![^(]*\))/);
}

function requirement(text: string): Selector | string {
  const set = SET.exec(text);
  if (set) return setRequirement(set[1]!, set[2] === 'in', set[3]!);
  const equality = /^([^=!\s]+)\s*(==?|!=)\s*(\S*)$/.exec(text);
  if (equality) {
    const [, name, operator, value] = equality as unknown as [string, string, string, string];
    if (!NAME.test(name)) return `\`${name}\` is no name of a label`;
    if (!VALUE.test(value)) return `\`${value}\` is no value of a label`;
    return operator === '!='
      ? (labels) => labelOf(labels, name) !== value
      : (labels) => labelOf(labels, name) === value;
  }
  const [, not, name] = /^(!?)\s*(\S+)$/.exec(text) ?? [];
  if (name === undefined || !NAME.test(name)) return `\`${text}\` is no requirement of a label selector`;
  return not ? (labels) => !Object.hasOwn(labels, name) : (labels) => Object.hasOwn(labels, name);
}

function setRequirement(name: string, isIn: boolean, list: string): Selector | string {
  if (!NAME.test(name)) return `\`${name}\` is no name of a label`;
  const values = new Set(list.split(',').map((value) => value.trim()));
  for (const value of values) if (!VALUE.test(value)) return `\`${value}\` is no value of a label`;
  return (labels) => {
    const value = labelOf(labels, name);
    return (value !== undefined && values.has(value)) === isIn;
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
  if (source.length > SELECTOR_MAX_LENGTH) return `the selector is longer than ${SELECTOR_MAX_LENGTH} characters`;
  const tests: Selector[] = [];
  for (const part of source.trim() === '' ? [] : source.split(/(?<!\\),/)) {
    const match = /^\s*([\w.]+)(==?|!=)(.*)$/s.exec(part);
    if (!match) return `\`${part.trim()}\` is no requirement of a field selector`;
    const [, name, operator, written] = match as unknown as [string, string, string, string];
    if (!(POD_FIELDS as readonly string[]).includes(name)) return `\`${name}\` is no field that pods are selected by`;
    const value = written.trim().replace(/\\([,=\\])/g, '$1');
    tests.push((fields) => ((labelOf(fields, name) ?? '') === value) === (operator !== '!='));
  }
  return (fields) => tests.every((test) => test(fields));
}

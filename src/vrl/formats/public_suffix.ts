// Public suffixes: under which names anyone can register one. The default list comes with a package (of which only the
// data is used, as its own look-up takes parents of wildcards for suffixes); programs may bring a list of their own.

import {
  edgeChild,
  edgeLength,
  edgeStart,
  exceptionsRoot,
  labelText,
  nodeFlags,
  rulesRoot,
} from 'tldts/dist/es6/src/data/trie.js';
import { domainToAscii } from './idna.ts';

export interface PublicSuffix {
  readonly text: string;
  /** Whether a rule of the list says so; what has no rule is its last label. */
  readonly isKnown: boolean;
}

/** The suffix of a domain; undefined when the domain is empty. */
export type SuffixList = (domain: string) => PublicSuffix | undefined;

interface Rule {
  readonly children: Map<string, Rule>;
  kind: 'none' | 'suffix' | 'exception';
}

function newRule(): Rule {
  return { children: new Map(), kind: 'none' };
}

let defaultRules: Rule | undefined;

/** The list that comes with the package, read when it is first used. */
export const defaultSuffixes: SuffixList = (domain) => {
  defaultRules ??= readDefaultRules();
  return suffixIn(defaultRules, domain);
};

/** Labels are compared as they are: those in capitals match only rules that are written so. */
function suffixIn(root: Rule, domain: string): PublicSuffix | undefined {
  if (domain === '') return undefined;
  const end = domain.endsWith('.') ? domain.length - 1 : domain.length;
  const lastDot = domain.lastIndexOf('.', end - 1);
  let start = end === 0 ? 0 : lastDot + 1;
  let best = start;
  let rule = root.children.get(domain.slice(start, end));
  let isKnown = rule?.kind === 'suffix';
  while (rule !== undefined && start > 0) {
    const dot: number = start < 2 ? -1 : domain.lastIndexOf('.', start - 2);
    const label = domain.slice(dot + 1, start - 1);
    rule = rule.children.get(label) ?? rule.children.get('*');
    if (rule === undefined) break;
    if (rule.kind !== 'none') isKnown = true;
    if (rule.kind === 'exception') {
      best = start;
      break;
    }
    start = dot + 1;
    if (rule.kind === 'suffix') best = start;
  }
  return best === domain.length ? undefined : { text: domain.slice(best), isKnown };
}

function readDefaultRules(): Rule {
  const offsets = new Uint32Array(edgeLength.length + 1);
  for (let edge = 0; edge < edgeLength.length; edge++) offsets[edge + 1] = offsets[edge]! + edgeLength[edge]!;
  const copy = (node: number, into: Rule, kind: 'suffix' | 'exception'): void => {
    for (let edge = edgeStart[node]!; edge < edgeStart[node + 1]!; edge++) {
      const label = labelText.slice(offsets[edge], offsets[edge + 1]);
      copy(edgeChild[edge]!, childOf(into, label), kind);
    }
    // The data marks parents of wildcards too, which are no rules in themselves.
    if (nodeFlags[node] !== 0 && !into.children.has('*')) into.kind = kind;
  };
  const root = newRule();
  copy(rulesRoot, root, 'suffix');
  copy(exceptionsRoot, root, 'exception');
  return root;
}

function childOf(rule: Rule, label: string): Rule {
  let child = rule.children.get(label);
  if (child === undefined) {
    child = newRule();
    rule.children.set(label, child);
  }
  return child;
}

/** Reads a list in the format of publicsuffix.org; undefined when it is none. */
export function parseSuffixList(text: string): SuffixList | undefined {
  const root = newRule();
  let isInside = false;
  for (const line of text.split('\n')) {
    if (line.includes('BEGIN ICANN DOMAINS') || line.includes('BEGIN PRIVATE DOMAINS')) isInside = true;
    if (!isInside || line.startsWith('//')) continue;
    const word = /\S+/.exec(line)?.[0];
    if (word !== undefined && !addRule(root, word)) return undefined;
  }
  if (root.children.size === 0) return undefined;
  return (domain) => suffixIn(root, domain);
}

/** Adds a rule as it is written and in Punycode; false when it is none. */
function addRule(root: Rule, line: string): boolean {
  const isException = line.startsWith('!');
  const name = isException ? line.slice(1) : line;
  if (isException && !name.includes('.')) return false;
  for (const form of new Set([name, domainToAscii(name) ?? ''])) {
    let rule = root;
    for (const label of form.split('.').reverse()) {
      if (label === '') return false;
      rule = childOf(rule, label);
    }
    rule.kind = isException ? 'exception' : 'suffix';
  }
  return true;
}

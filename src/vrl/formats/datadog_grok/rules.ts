// Compiles rules: placeholders name matchers, aliases or other patterns, and say which field takes the text and what
// filter is applied to it.

import type { Timestamp } from '../../../event/timestamp.ts';
import { OnigRegex } from '../onig/onig.ts';
import { dateMatcher } from './date.ts';
import { type ExpandedPattern, expandPattern } from './expand.ts';
import { type Filter, filterOf, integerFilter, numberFilter, wideIntegerFilter } from './filters.ts';
import { type GrokFunction, type Placeholder, parsePlaceholder } from './placeholder.ts';
import { invalidArguments, RuleProblem } from './problem.ts';

export interface Field {
  readonly path: readonly string[];
  /** Applied in order. */
  readonly filters: readonly Filter[];
}

export interface Rule {
  readonly pattern: ExpandedPattern;
  /** Fields by the names of their groups; a group that is not here is a field of its own name. */
  readonly fields: ReadonlyMap<string, Field>;
}

/** Longer rules, aliases written out, are refused. */
const RULE_MAX = 1_000_000;

/** Compiles all rules. Throws `RuleProblem`. */
export function compileRules(
  patterns: readonly string[],
  aliases: ReadonlyMap<string, string>,
  now: () => Timestamp,
): Rule[] {
  return patterns.filter((pattern) => pattern !== '').map((pattern) => new RuleCompiler(aliases, now).compile(pattern));
}

let placeholders: OnigRegex | undefined;

class RuleCompiler {
  readonly #aliases: ReadonlyMap<string, string>;
  readonly #now: () => Timestamp;
  readonly #fields = new Map<string, { readonly path: readonly string[]; readonly filters: Filter[] }>();
  readonly #open: string[] = [];
  #expression = '';

  constructor(aliases: ReadonlyMap<string, string>, now: () => Timestamp) {
    this.#aliases = aliases;
    this.#now = now;
  }

  compile(pattern: string): Rule {
    this.#rule(pattern);
    // A rule matches the whole text, and its dots match line breaks.
    const body = this.#expression.replaceAll('(?s)', '(?m)').replaceAll('(?-s)', '(?-m)');
    const whole = `(?m)\\A${body}\\z`;
    const expanded = expandPattern(whole);
    if (typeof expanded === 'string') throw new RuleProblem(`failed to parse grok expression '${whole}': ${expanded}`);
    return { pattern: expanded, fields: this.#fields };
  }

  #rule(text: string): void {
    placeholders ??= new OnigRegex('%\\{(?:[^"\\}]|(?<!\\\\)"(?:\\\\"|[^"])*(?<!\\\\)")+\\}');
    let from = 0;
    for (let found = placeholders.search(text, 0); found; found = placeholders.search(text, from)) {
      const [start, end] = [found[0]!, found[1]!];
      this.#append(text.slice(from, start));
      from = end;
      const source = text.slice(start, end);
      const placeholder = parsePlaceholder(source);
      if (typeof placeholder === 'string')
        throw new RuleProblem(`failed to parse grok expression '${source}': ${placeholder}`);
      this.#placeholder(placeholder);
    }
    this.#append(text.slice(from));
  }

  #append(text: string): void {
    this.#expression += text;
    if (this.#expression.length > RULE_MAX) throw new RuleProblem('the rule is too long');
  }

  #placeholder({ matcher, destination }: Placeholder): void {
    const group = destination && `grok${this.#fields.size}`;
    if (destination && group !== undefined) {
      const filters = destination.filter ? [filterOf(destination.filter)] : [];
      this.#fields.set(group, { path: destination.path, filters });
    }
    const alias = this.#aliases.get(matcher.name);
    if (alias !== undefined) {
      if (group !== undefined) this.#append(`(?<${group}>`);
      this.#alias(matcher.name, alias);
      if (group !== undefined) this.#append(')');
    } else if (matcher.name === 'regex' || matcher.name === 'date' || matcher.name === 'boolean') {
      this.#append(group === undefined ? '(?:' : `(?<${group}>`);
      this.#matcher(matcher, group);
      this.#append(')');
    } else {
      this.#append('%{');
      this.#matcher(matcher, group);
      this.#append(group === undefined ? '}' : `:${group}}`);
    }
  }

  #alias(name: string, definition: string): void {
    if (this.#open.includes(name)) throw new RuleProblem(`Circular dependency found in the alias '${this.#open[0]}'`);
    this.#open.push(name);
    this.#rule(definition);
    this.#open.pop();
  }

  #matcher(matcher: GrokFunction, group: string | undefined): void {
    const number = NUMBERS[matcher.name];
    if (number) {
      this.#implied(group, number.filter);
      this.#append(number.pattern);
    } else if (matcher.name === 'regex') this.#append(firstText(matcher));
    else if (matcher.name === 'date') this.#date(matcher, group);
    else this.#append(matcher.name);
  }

  #date(matcher: GrokFunction, group: string | undefined): void {
    if ((matcher.args?.length ?? 0) > 2) throw invalidArguments(matcher.name);
    const format = firstText(matcher);
    const second = matcher.args?.[1];
    const zone = second?.kind === 'value' && typeof second.value === 'string' ? second.value : undefined;
    const date = dateMatcher(format, zone, this.#now);
    if (!date) throw invalidArguments(matcher.name);
    this.#implied(group, date.filter);
    this.#append(date.pattern);
  }

  /** A filter that the matcher brings along comes before the one that is written. */
  #implied(group: string | undefined, filter: Filter): void {
    if (group !== undefined) this.#fields.get(group)!.filters.unshift(filter);
  }
}

const NUMBERS: Readonly<Record<string, { readonly pattern: string; readonly filter: Filter }>> = {
  integer: { pattern: 'integerStr', filter: integerFilter },
  integerExt: { pattern: 'integerExtStr', filter: wideIntegerFilter },
  number: { pattern: 'numberStr', filter: numberFilter },
  numberExt: { pattern: 'numberExtStr', filter: numberFilter },
};

function firstText({ name, args }: GrokFunction): string {
  const first = args?.[0];
  if (first?.kind !== 'value' || typeof first.value !== 'string') throw invalidArguments(name);
  return first.value;
}

// Grok patterns: regular expressions that name others, `%{IP:client} %{WORD:method}`.

import { setField } from '../../../event/object.ts';
import type { ObjectValue } from '../../../event/value.ts';
import { LimitReached, OnigProblem, OnigRegex } from '../onig/onig.ts';
import { COMMON_PATTERNS, LOGSTASH_PATTERNS } from './patterns.ts';
import { splitGrok } from './split.ts';

/** Placeholders within placeholders nest this deep at most. */
const NESTING_MAX = 1024;

/** Longer expressions are not compiled. */
const EXPRESSION_MAX = 1_000_000;

export class GrokPattern {
  readonly #regex: OnigRegex;
  /** Fields with the number of their capture. */
  readonly #fields: readonly (readonly [string, number])[];

  constructor(regex: OnigRegex, fields: readonly (readonly [string, number])[]) {
    this.#regex = regex;
    this.#fields = fields;
  }

  /** The fields of the first match that took part in it; undefined when there is none, or the search costs too much. */
  match(text: string): ObjectValue | undefined {
    try {
      const found = this.#regex.search(text);
      if (!found) return undefined;
      const result: ObjectValue = {};
      for (const [name, capture] of this.#fields) {
        const end = found[capture * 2 + 1]!;
        if (end !== -1) setField(result, name, text.slice(found[capture * 2], end));
      }
      return result;
    } catch (error) {
      if (error instanceof LimitReached) return undefined;
      throw error;
    }
  }
}

/** Compiles a pattern, or says what is wrong with it. */
export function compileGrok(pattern: string): GrokPattern | string {
  try {
    return new GrokCompiler().compile(pattern);
  } catch (error) {
    if (error instanceof GrokProblem) return error.message;
    throw error;
  }
}

class GrokProblem extends Error {}

let definitions: ReadonlyMap<string, string> | undefined;

function definitionOf(name: string): string | undefined {
  definitions ??= new Map([...Object.entries(COMMON_PATTERNS), ...Object.entries(LOGSTASH_PATTERNS)]);
  return definitions.get(name);
}

class GrokCompiler {
  #expression = '';
  /** Field names by the names of their groups. */
  readonly #aliases = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  compile(pattern: string): GrokPattern {
    this.#expand(pattern, 0);
    if (this.#expression === '')
      throw new GrokProblem(`The given pattern "${pattern}" ended up compiling into an empty regex`);
    const regex = this.#regex();
    const fields = new Map<string, number>();
    for (const [group, captures] of regex.names) {
      const field = this.#aliases.get(group) ?? group;
      fields.set(field, Math.max(fields.get(field) ?? 0, captures[0]!));
    }
    return new GrokPattern(regex, [...fields]);
  }

  #regex(): OnigRegex {
    try {
      return new OnigRegex(this.#expression);
    } catch (error) {
      if (!(error instanceof OnigProblem)) throw error;
      const reason = `Regex compilation failed: Error(OnigError(${error.code}), ${error.message}):\n${this.#expression}`;
      throw new GrokProblem(`The given regex "${reason}" failed compilation in the underlying engine`);
    }
  }

  #expand(pattern: string, depth: number): void {
    if (depth >= NESTING_MAX) throw new GrokProblem(`Recursion while compiling reached the limit of ${NESTING_MAX}`);
    const components = splitGrok(pattern);
    if (typeof components === 'string') throw generic(components);
    /** Definitions that placeholders bring along hold for the rest of the pattern they stand in. */
    const local = new Map<string, string>();
    for (const component of components) {
      if (component.kind === 'regex') {
        this.#append(component.text);
        continue;
      }
      const { name, alias, definition } = component;
      if (definition !== '') local.set(name, definition);
      const inner = local.get(name) ?? definitionOf(name);
      if (inner === undefined)
        throw new GrokProblem(`The given pattern definition name "${name}" could not be found in the definition map`);
      this.#append(alias === '' ? '(?:' : `(?<${this.#group(alias)}>`);
      this.#expand(inner, depth + 1);
      this.#append(')');
    }
  }

  #append(text: string): void {
    this.#expression += text;
    if (this.#expression.length > EXPRESSION_MAX) throw generic('PatternTooLong');
  }

  /** The name of the group for a field; a field that comes again gets a number, `port[1]`. */
  #group(alias: string): string {
    const group = `_n_${this.#aliases.size}`;
    const count = this.#counts.get(alias) ?? 0;
    this.#counts.set(alias, count + 1);
    const field = count === 0 ? alias : `${alias}[${count}]`;
    if (count > 0 && this.#counts.has(field)) throw generic(`Alias ${field} already exists`);
    this.#aliases.set(group, field);
    return group;
  }
}

function generic(text: string): GrokProblem {
  return new GrokProblem(`Something unexpected happened during the compilation phase: "${text}"`);
}

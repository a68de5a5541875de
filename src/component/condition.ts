// Conditions: a program that gives a boolean, a Datadog search, or the type of an event.

import type { Needs } from '../engine/segment/step.ts';
import type { Event, EventType, LogEvent } from '../event/event.ts';
import type { MetricEvent } from '../event/metric.ts';
import { type ConfigOf, either, type Option, type Problem, parsed, string, variants } from '../schema/schema.ts';
import { compileDatadogSearch, Failure, type Program, type Target } from '../vrl/vrl.ts';
import type { ComponentContext } from './context.ts';
import { EventSecrets } from './event_secrets.ts';
import { MetricTarget } from './metric_target.ts';
import { builtProgram, compileProgram, type ProgramSurroundings, programProblems } from './programs.ts';

const written = variants(
  'A condition of events.',
  'type',
  {
    vrl: { source: string('The program; it must give a boolean.', { program: true, syntax: 'vrl' }) },
    datadog_search: { source: string('The query.', { program: true }) },
    is_log: {},
    is_metric: {},
    is_trace: {},
  },
  { runtime: string('How the program is run.', { optional: true, hidden: true }) },
  { tagDoc: 'What the condition is.' },
);

export interface ConditionConfig {
  readonly type: 'vrl' | 'datadog_search' | 'is_log' | 'is_metric' | 'is_trace';
  /** The program or query; empty where there is none. */
  readonly source: string;
  /** Where the source stands below the option. */
  readonly at: readonly string[];
}

interface About {
  readonly optional?: true;
  readonly examples?: readonly unknown[];
}

type GivenCondition<A> = A extends { readonly optional: true } ? ConditionConfig | undefined : ConditionConfig;

/** An option that holds a condition: text is a VRL program. */
export function condition<const A extends About>(doc: string, about?: A): Option<GivenCondition<A>> {
  const text = string('A VRL program that gives a boolean.', { program: true, syntax: 'vrl' });
  const shape = about?.optional ? either(text, written, doc, { optional: true }) : either(text, written, doc);
  const any = parsed(shape as Option<string | ConfigOf<typeof written>>, asCondition);
  const { examples } = about ?? {};
  return {
    doc,
    schema: any.schema as Option<GivenCondition<A>>['schema'],
    info: { types: ['condition'], required: !about?.optional, ...(examples ? { examples } : {}) },
  };
}

function asCondition(value: string | ConfigOf<typeof written>): ConditionConfig {
  if (typeof value === 'string') return { type: 'vrl', source: value, at: [] };
  return { type: value.type, source: 'source' in value ? value.source : '', at: ['source'] };
}

/** What is wrong with a condition; `path` is where its option stands. */
export function conditionProblems(
  { type, source, at }: ConditionConfig,
  surroundings: ProgramSurroundings,
  path: Problem['path'],
): readonly Problem[] {
  const place = [...path, ...at];
  if (type === 'datadog_search') {
    const query = compileDatadogSearch(source);
    return typeof query === 'string' ? [{ severity: 'error', path: place, message: query }] : [];
  }
  if (type !== 'vrl') return [];
  const compiled = compileProgram(source, surroundings, { readOnly: 'all' });
  const problems = programProblems(compiled, { source }, place);
  if ('diagnostics' in compiled || compiled.program.type.kind.is('boolean')) return problems;
  return [...problems, notBoolean(compiled.program, place)];
}

function notBoolean({ type }: Program, path: Problem['path']): Problem {
  const kind = type.kind.toString();
  const hint = type.kind.contains('boolean')
    ? 'make sure of it, as in `… ?? false` or `bool!(…)`'
    : 'compare with something, as in `.status == 200`';
  return { severity: 'error', path, message: `VRL conditions must return a boolean, and this one gives ${kind}`, hint };
}

export interface Condition {
  /** The fields of an event that it looks at. */
  readonly needs: Needs;
  /** Whether it holds. A program that fails does not, and is counted. */
  check(type: EventType, event: Event): boolean;
  /** Why it does not hold; undefined when it does. */
  explain(type: EventType, event: Event): string | undefined;
}

/** A condition that is known to be right. */
export function buildCondition({ type, source }: ConditionConfig, context: ComponentContext): Condition {
  switch (type) {
    case 'vrl':
      return new VrlCondition(builtProgram(source, context, { readOnly: 'all' }), context);
    case 'datadog_search':
      return searchCondition(source);
    default:
      return typeCondition(type.slice('is_'.length) as EventType);
  }
}

const NOTHING: Needs = { reads: [], writes: [] };
const EVERYTHING: Needs = { reads: [{ target: 'event', segments: [] }], writes: [] };

function typeCondition(wanted: EventType): Condition {
  return {
    needs: NOTHING,
    check: (type) => type === wanted,
    explain: (type) => (type === wanted ? undefined : `the event is a ${type} and no ${wanted}`),
  };
}

function searchCondition(source: string): Condition {
  const search = compileDatadogSearch(source);
  if (typeof search === 'string') throw new Error(search);
  const check = (type: EventType, event: Event): boolean => type === 'log' && search((event as LogEvent).value);
  return {
    needs: EVERYTHING,
    check,
    explain: (type, event) => (check(type, event) ? undefined : `the query \`${source}\` does not match`),
  };
}

class VrlCondition implements Condition {
  readonly #program: Program;
  readonly #context: ComponentContext;
  readonly #secrets = new EventSecrets();
  readonly #target: Target;

  constructor(program: Program, context: ComponentContext) {
    this.#program = program;
    this.#context = context;
    this.#target = { value: null, metadata: null, secrets: this.#secrets };
  }

  get needs(): Needs {
    return this.#program;
  }

  check(type: EventType, event: Event): boolean {
    const result = this.#run(type, event);
    if (!(result instanceof Failure)) return result === true;
    this.#context.faults.error('VRL condition execution failed.', {
      type: 'script_failed',
      stage: 'processing',
      fields: { error: reasonOf(result) },
    });
    return false;
  }

  explain(type: EventType, event: Event): string | undefined {
    const result = this.#run(type, event);
    if (result === true) return undefined;
    if (!(result instanceof Failure)) return 'source execution resolved to false';
    return result.kind === 'abort'
      ? `source execution aborted: ${reasonOf(result)}`
      : `source execution failed: ${reasonOf(result)}`;
  }

  /** The program writes nothing, so it may look at events that others see. */
  #run(type: EventType, event: Event): ReturnType<Program['run']> {
    if (type === 'metric') return this.#program.runOnPaths(new MetricTarget(event as MetricEvent, false));
    const { value, metadata } = event as LogEvent;
    this.#target.value = value;
    this.#target.metadata = metadata.value;
    this.#secrets.reset(metadata.secrets);
    return this.#program.run(this.#target);
  }
}

/** What a failure of a program says. */
export function reasonOf({ kind, message }: Failure): string {
  return kind === 'abort' && message === '' ? 'aborted' : message;
}

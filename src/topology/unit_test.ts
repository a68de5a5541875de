// Unit tests of a configuration: events go into transforms, and what comes out is looked at. Nothing runs beside them:
// each test builds the transforms between its inputs and what it looks at, and hands events from one to the next.

import { buildCondition, type Condition, conditionProblems } from '../component/condition.ts';
import type { ComponentContext } from '../component/context.ts';
import type { Transform } from '../component/define.ts';
import type { Config, TransformConfig, UnitTest } from '../config/config.ts';
import { type Batch, cloneEvents, decode, decodedBatch, finish, logBatch, ownEvents, share } from '../event/batch.ts';
import type { Event, LogEvent, TypedEvent } from '../event/event.ts';
import { stringifyJson } from '../event/json.ts';
import { cloneMetric, type MetricEvent } from '../event/metric.ts';
import { stringifyMetric } from '../event/metric_json.ts';
import { componentContext, globalsOf, transformContext, withTables } from './contexts.ts';
import { type Runtime, reasonOf } from './runtime.ts';
import { inputEvent } from './unit_test_input.ts';

/** A test that can be run. */
export interface BuiltUnitTest {
  readonly name: string;
  /** What failed; nothing when the test passes. */
  run(): Promise<readonly string[]>;
}

export type BuiltUnitTests = { readonly tests: readonly BuiltUnitTest[] } | { readonly errors: readonly string[] };

/** Builds the tests of a configuration; when one cannot be built, none is. */
export function buildUnitTests(config: Config, given: Runtime): BuiltUnitTests {
  const runtime = withTables(config, globalsOf(config.globals, given), given);
  const tests: BuiltUnitTest[] = [];
  const errors: string[] = [];
  for (const definition of config.tests ?? []) {
    const built = buildOne(definition, config, runtime);
    if (!Array.isArray(built)) tests.push(built as BuiltUnitTest);
    else errors.push(`Failed to build test '${definition.name}':\n  ${built.join('\n').replaceAll('\n', '\n  ')}`);
  }
  return errors.length > 0 ? { errors } : { tests };
}

interface Check {
  readonly conditions: readonly Condition[];
  readonly count: number | undefined;
}

/** What is looked at: the events of these outputs together. */
interface Extract {
  readonly from: readonly string[];
  readonly checks: readonly Check[];
}

interface Input {
  readonly at: string;
  readonly event: TypedEvent;
}

type Errors = string[];

function buildOne(test: UnitTest, config: Config, runtime: Runtime): BuiltUnitTest | Errors {
  const missing = missingOutputs(test, config);
  if (missing.length > 0) return missing;
  const context = testContext(config, runtime);
  const inputs = inputsOf(test, config, context);
  if (isErrors(inputs)) return inputs;
  const extracts = extractsOf(test, context);
  if (isErrors(extracts)) return extracts;
  const graph = new Graph(config);
  const looked = new Set([...extracts.flatMap(({ from }) => from), ...test.no_outputs_from]);
  const cut = [...new Set(inputs.map(({ at }) => at))].filter((at) => !graph.leadsTo(at, looked));
  if (cut.length > 0)
    return cut.map((at) => `Unable to complete topology between input target '${at}' and output target(s)`);
  const run = (): Promise<readonly string[]> => runTest({ test, inputs, extracts, graph, config, runtime, looked });
  return { name: test.name, run };
}

function isErrors(value: readonly unknown[]): value is Errors {
  return value.some((one) => typeof one === 'string');
}

function missingOutputs(test: UnitTest, { transforms }: Config): Errors {
  const known = new Set([...transforms.values()].flatMap(outputIds));
  const missing = (kind: string, ids: readonly string[]): Errors =>
    ids
      .filter((id) => !known.has(id))
      .map((id) => `Invalid ${kind} target in test '${test.name}': '${id}' does not exist`);
  return [
    ...test.outputs.flatMap(({ extract_from: from }) => missing('extract_from', [from].flat())),
    ...missing('no_outputs_from', test.no_outputs_from),
  ];
}

function outputIds({ id, outputs }: TransformConfig): string[] {
  return outputs.map(({ port }) => (port === undefined ? id : `${id}.${port}`));
}

/** The context of conditions and programs that belong to a test. */
function testContext(config: Config, runtime: Runtime): ComponentContext {
  const component = { id: 'test', definition: { type: 'unit_test' } };
  const globals = globalsOf(config.globals, runtime);
  return componentContext('sink', component, globals, runtime, [globals.logNamespace]);
}

function inputsOf(test: UnitTest, { transforms }: Config, context: ComponentContext): readonly Input[] | Errors {
  const given = [...test.inputs, test.input].filter((one) => one !== undefined);
  if (given.length === 0) return ['must specify at least one input.'];
  const surroundings = { logSchema: context.globals.logSchema, environment: context.environment() };
  const errors: Errors = [];
  const inputs = given.flatMap((input, index): Input[] => {
    const at = input.insert_at;
    const event = transforms.has(at)
      ? inputEvent(input, surroundings)
      : `inputs[${index}]: unable to locate target transform '${at}'`;
    if (typeof event !== 'string') return [{ at, event }];
    errors.push(event);
    return [];
  });
  return errors.length > 0 ? errors : inputs;
}

function extractsOf(test: UnitTest, context: ComponentContext): readonly Extract[] | Errors {
  if (test.outputs.length === 0 && test.no_outputs_from.length === 0)
    return ['unit test must contain at least one of `outputs` or `no_outputs_from`.'];
  const errors: Errors = [];
  const byTarget = new Map<string, { from: readonly string[]; checks: Check[] }>();
  for (const { extract_from, conditions, expected_event_count: count } of test.outputs) {
    const from = [extract_from].flat();
    if (count === 0 && conditions.length > 0)
      errors.push(
        `an expected_event_count of 0 for ${quoted(from)} cannot stand beside conditions: no event would be there to meet them`,
      );
    const built = conditions.flatMap((condition, index) => {
      const problems = conditionProblems(condition, context, []).filter(({ severity }) => severity === 'error');
      if (problems.length === 0) return [buildCondition(condition, context)];
      const texts = problems.map(
        ({ message, picture }) =>
          picture?.({ text: undefined, at: (offset) => offset, name: '', colour: false }).trim() ?? message,
      );
      errors.push(`failed to create test condition '${index}': ${texts.join('\n')}`);
      return [];
    });
    const key = JSON.stringify(from);
    const extract = byTarget.get(key) ?? { from, checks: [] };
    extract.checks.push({ conditions: built, count });
    byTarget.set(key, extract);
  }
  return errors.length > 0 ? errors : [...byTarget.values()];
}

/** The transforms and what feeds what. */
class Graph {
  readonly order: readonly string[];
  readonly #consumers = new Map<string, string[]>();
  readonly #config: Config;

  constructor(config: Config) {
    this.#config = config;
    for (const { id, inputs } of config.transforms.values())
      for (const input of inputs) {
        const list = this.#consumers.get(input);
        if (list) list.push(id);
        else this.#consumers.set(input, [id]);
      }
    this.order = this.#sorted();
  }

  consumers(output: string): readonly string[] {
    return this.#consumers.get(output) ?? [];
  }

  /** Transforms that `start` feeds, itself first. */
  below(start: string): Set<string> {
    const found = new Set<string>();
    const waiting = [start];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (found.has(id)) continue;
      found.add(id);
      for (const output of outputIds(this.#config.transforms.get(id)!)) waiting.push(...this.consumers(output));
    }
    return found;
  }

  leadsTo(start: string, outputs: ReadonlySet<string>): boolean {
    return [...this.below(start)].some((id) =>
      outputIds(this.#config.transforms.get(id)!).some((output) => outputs.has(output)),
    );
  }

  /** Each transform after those that feed it. */
  #sorted(): string[] {
    const order: string[] = [];
    const state = new Set<string>();
    const visit = (id: string): void => {
      if (state.has(id)) return;
      state.add(id);
      for (const output of outputIds(this.#config.transforms.get(id)!))
        for (const next of this.consumers(output)) visit(next);
      order.unshift(id);
    };
    for (const id of this.#config.transforms.keys()) visit(id);
    return order;
  }
}

interface Running {
  readonly test: UnitTest;
  readonly inputs: readonly Input[];
  readonly extracts: readonly Extract[];
  readonly graph: Graph;
  readonly config: Config;
  readonly runtime: Runtime;
  readonly looked: ReadonlySet<string>;
}

async function runTest(running: Running): Promise<readonly string[]> {
  let events: ReadonlyMap<string, readonly TypedEvent[]>;
  try {
    events = await flow(running);
  } catch (error) {
    return [`the test could not be run: ${reasonOf(error)}`];
  }
  const { extracts, test } = running;
  return [
    ...extracts.flatMap((extract) => extractErrors(extract, events)),
    ...test.no_outputs_from.flatMap((id) => silenceErrors(id, events.get(id) ?? [])),
  ];
}

/** Hands events through the transforms; the events of each output that is looked at. */
async function flow({
  inputs,
  graph,
  config,
  runtime,
  looked,
}: Running): Promise<ReadonlyMap<string, readonly TypedEvent[]>> {
  const wanted = new Set(inputs.flatMap(({ at }) => [...graph.below(at)]));
  const built = new Map<string, { readonly transform: Transform; readonly config: TransformConfig }>();
  const globals = globalsOf(config.globals, runtime);
  for (const id of graph.order.filter((one) => wanted.has(one))) {
    const one = config.transforms.get(id)!;
    const context = transformContext(one, globals, runtime);
    built.set(id, { transform: await one.definition.build(withoutState(one.config), context), config: one });
  }
  const found = new Map<string, TypedEvent[]>([...looked].map((id) => [id, []]));
  const line: { readonly id: string; readonly batch: Batch }[] = [];
  const emitter = (id: string) => (batch: Batch, port?: string) => {
    const output = port === undefined ? id : `${id}.${port}`;
    const decoded = decode(batch);
    for (const event of decoded.events) found.get(output)?.push(copyOf(decoded.type, event));
    for (const next of graph.consumers(output)) line.push({ id: next, batch: share(decoded) });
    finish(decoded);
  };
  const drain = (): void => {
    for (let next = line.shift(); next; next = line.shift()) process(next.id, next.batch);
  };
  const process = (id: string, batch: Batch): void => {
    const { transform, config: one } = built.get(id)!;
    if (!one.definition.inputs(one.config).includes(batch.type)) finish(batch);
    else transform.process(one.definition.writes ? ownEvents(batch) : batch, emitter(id));
  };
  for (const [id, { transform }] of built) transform.start?.(emitter(id));
  for (const { at, event } of inputs) {
    process(at, decodedBatch(event.type, [copyOf(event.type, event.event).event]));
    drain();
  }
  for (const [id, { transform }] of built) {
    transform.end?.(emitter(id));
    drain();
  }
  return found;
}

/** A test neither finds what a component has kept from before nor leaves something of its own. */
function withoutState(config: unknown): unknown {
  return typeof config === 'object' && config !== null && 'state' in config ? { ...config, state: undefined } : config;
}

function copyOf(type: TypedEvent['type'], event: Event): TypedEvent {
  const copy = type === 'metric' ? cloneMetric(event as MetricEvent) : cloneEvents(logBatch([event as LogEvent]))[0]!;
  return { type, event: copy } as TypedEvent;
}

function extractErrors({ from, checks }: Extract, events: ReadonlyMap<string, readonly TypedEvent[]>): string[] {
  const received = from.flatMap((id) => events.get(id) ?? []);
  const wantsNone = checks.every(({ count }) => count === 0);
  if (received.length === 0 && !wantsNone)
    return [
      `checks for transforms ${quoted(from)} failed: no events received. Topology may be disconnected or transform is missing inputs.`,
    ];
  const errors = checks.flatMap((check, index) => checkErrors(check, index, from, received));
  if (errors.length > 0 && received.length > 0)
    errors.push(`output payloads from ${quoted(from)} (events encoded as JSON):\n${received.map(shown).join('\n')}`);
  return errors;
}

function checkErrors(
  { conditions, count }: Check,
  index: number,
  from: readonly string[],
  events: readonly TypedEvent[],
): string[] {
  if (count !== undefined && count !== events.length)
    return [
      `check[${index}] for transforms ${quoted(from)} failed: expected ${count} events, but received ${events.length}`,
    ];
  const errors = conditions.flatMap((condition, number) => {
    const reasons: string[] = [];
    for (const event of events) {
      const reason = condition.explain(event.type, event.event);
      if (reason === undefined) return [];
      reasons.push(`  condition[${number}]: ${reason}`);
    }
    return reasons;
  });
  if (errors.length > 0) errors.unshift(`check[${index}] for transforms ${quoted(from)} failed conditions:`);
  return errors;
}

function silenceErrors(id: string, events: readonly TypedEvent[]): string[] {
  if (events.length === 0) return [];
  return [
    `check for transform ${JSON.stringify(id)} failed: expected no outputs, but received ${events.length}:\n${events.map(shown).join('\n')}`,
  ];
}

function quoted(ids: readonly string[]): string {
  return `[${ids.map((id) => JSON.stringify(id)).join(', ')}]`;
}

/** An event as it is shown to whoever wrote the test. */
function shown({ type, event }: TypedEvent): string {
  return `  ${type === 'metric' ? stringifyMetric(event, 'full') : stringifyJson(event.value)}`;
}

// `sluice vrl --batch`: runs programs for tools that compare implementations, a request and a reply a line. No state
// passes from one to the next, and nothing that happens inside one ends the process.

import { once } from 'node:events';
import { EventSecrets } from '../component/event_secrets.ts';
import { programEnvironment, programFunctions } from '../component/program_environment.ts';
import { type Path, parsePath } from '../event/path.ts';
import type { Value } from '../event/value.ts';
import { isPlainObject } from '../schema/schema.ts';
import {
  type CompileOptions,
  compile,
  type Diagnostic,
  type EnrichmentTables,
  type Environment,
  Failure,
  type FunctionDefinition,
  type MetricView,
  type Program,
  renderDiagnostics,
  type Target,
} from '../vrl/vrl.ts';
import { EXIT } from './exit_codes.ts';
import type { Surroundings } from './program.ts';
import { fromTagged, toTagged } from './tagged.ts';

export async function vrlBatch({ stdout }: Pick<Surroundings, 'stdout'>): Promise<number> {
  for await (const line of linesOf(process.stdin)) {
    if (line.trim() === '') continue;
    if (!stdout.write(`${JSON.stringify(vrlReply(line))}\n`)) await once(stdout, 'drain');
  }
  return EXIT.ok;
}

/** Lines end at `\n` and nowhere else: requests may hold what else ends lines in Unicode. */
async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of input) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** The reply to one request; one that is none is answered as well. */
export function vrlReply(line: string): unknown {
  try {
    const request: unknown = JSON.parse(line);
    return isPlainObject(request) ? replyTo(request, programFunctions) : { id: null, crash: 'a request is an object' };
  } catch (error) {
    return { id: null, crash: crashOf(error) };
  }
}

/** The same for a request that is read already, and programs that may call these functions. */
export function replyTo(
  request: Readonly<Record<string, unknown>>,
  functions: readonly FunctionDefinition[],
): { readonly id: unknown; readonly [field: string]: unknown } {
  const id = request['id'] ?? null;
  try {
    return { id, ...answer(request, functions) };
  } catch (error) {
    return { id, crash: crashOf(error) };
  }
}

function crashOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function answer(
  request: Readonly<Record<string, unknown>>,
  functions: readonly FunctionDefinition[],
): Record<string, unknown> {
  const source = request['source'];
  if (typeof source !== 'string') throw new Error('a request has a `source`');
  const compiled = compile(source, {
    functions,
    environment: environmentOf(request),
    ...readOnlyOf(request['read_only']),
  });
  if ('diagnostics' in compiled) return { compile_error: errorsOf(source, compiled.diagnostics) };
  const { program, warnings } = compiled;
  const warned = warnings.length > 0 ? { warnings: warningsOf(source, warnings) } : {};
  if (request['compile_only'] === true) return { ok: null, ...warned };
  return { ...run(program, request), ...warned };
}

function run(program: Program, request: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const target: Target = {
    value: 'event' in request ? fromTagged(request['event']) : {},
    metadata: {},
    secrets: new EventSecrets(
      new Map(isPlainObject(request['secrets']) ? (Object.entries(request['secrets']) as [string, string][]) : []),
    ),
  };
  const result = program.run(target);
  const event = toTagged(target.value);
  const metadata = toTagged(target.metadata);
  const after = isPlainObject(metadata) && Object.keys(metadata).length === 0 ? { event } : { event, metadata };
  if (!(result instanceof Failure)) return { ok: toTagged(result), ...after };
  if (result.kind === 'abort') return { abort: { message: result.value }, ...after };
  return { runtime_error: result.message, ...after };
}

function errorsOf(source: string, diagnostics: readonly Diagnostic[]): Record<string, unknown> {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return {
    codes: errors.map(({ code }) => code),
    text: renderDiagnostics(diagnostics, source, { color: false }),
    inner_codes: errors.map(({ innerCode }) => innerCode ?? null),
    labels: labelsOf(diagnostics),
  };
}

function warningsOf(source: string, warnings: readonly Diagnostic[]): Record<string, unknown> {
  return {
    codes: warnings.map(({ code }) => code),
    messages: warnings.map(({ message }) => message),
    text: renderDiagnostics(warnings, source, { color: false }),
    labels: labelsOf(warnings),
  };
}

function labelsOf(diagnostics: readonly Diagnostic[]): unknown {
  return diagnostics.map(({ labels }) => labels.map(({ span, primary }) => [span.start, span.end, primary]));
}

function readOnlyOf(given: unknown): Pick<CompileOptions, 'readOnly'> {
  if (!Array.isArray(given) || given.length === 0) return {};
  return {
    readOnly: given.map((one: { readonly target?: string; readonly path: string; readonly recursive?: boolean }) => {
      const path = parsePath(one.path === '' ? '.' : one.path);
      if (typeof path === 'string') throw new Error(path);
      const whole: Path = { target: one.target === 'metadata' ? 'metadata' : path.target, segments: path.segments };
      return { path: whole, recursive: one.recursive === true };
    }),
  };
}

function environmentOf(request: Readonly<Record<string, unknown>>): Environment {
  const { timezone, stub } = request;
  return programEnvironment({
    timezone: typeof timezone === 'string' ? timezone : 'UTC',
    now: Date.now,
    random: Math.random,
    log: () => {},
    ...(stub === 'enrichment' ? { enrichment: STUB_TABLES } : {}),
    ...(stub === 'metrics'
      ? { metrics: { find: (name: string) => STUB_METRICS.filter((one) => one.name === name) } }
      : {}),
  });
}

const STUB_ROWS: readonly { readonly [key: string]: Value }[] = [
  { id: 1, firstname: 'Bob', surname: 'Smith' },
  { id: 2, firstname: 'Fred', surname: 'Smith' },
];

/** One table that pays no heed to conditions: two rows where all are wanted, the first where one is. */
const STUB_TABLES: EnrichmentTables = {
  names: ['test'],
  prepareIndex: () => ({ index: 0 }),
  find: (_table, _conditions, { limit }) => (limit <= 2 ? STUB_ROWS.slice(0, 1) : STUB_ROWS.slice(0, limit)),
};

const STUB_METRICS: readonly MetricView[] = [
  {
    name: 'utilization',
    namespace: 'vector',
    tags: { component_id: ['test'] },
    kind: 'absolute',
    type: 'gauge',
    value: 0.5,
  },
];

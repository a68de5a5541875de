// The language's door: source text in, a program or diagnostics out.

import type { Path } from '../event/path.ts';
import { Timestamp } from '../event/timestamp.ts';
import { UTC } from '../event/timezone.ts';
import type { Value } from '../event/value.ts';
import { parse } from './1_parse/parser.ts';
import { type CheckResult, check } from './2_check/check.ts';
import { Kind } from './2_check/kind.ts';
import { type TypeDef, typeDef } from './2_check/type_def.ts';
import { unusedWarnings } from './2_check/unused.ts';
import { LineTable, statementsOf } from './3_generate/coverage.ts';
import { type Generated, type GenerateOptions, generate } from './3_generate/generate.ts';
import { Failure } from './4_run/failure.ts';
import { CODES, type Code } from './diagnostics/codes.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import type { Environment, FunctionDefinition, RunContext, Secrets } from './function.ts';
import { stdlib } from './stdlib.gen.ts';

export { displayValue } from './4_run/display.ts';
export { fail } from './4_run/failure.ts';
export { kindsText } from './4_run/kind_text.ts';
export type { Span } from './diagnostics/diagnostic.ts';
export { renderDiagnostics } from './diagnostics/render.ts';
export { compileDatadogSearch } from './formats/datadog_search/match.ts';
export { jsonError } from './formats/json_error.ts';
export type { ByteMatcher } from './formats/regex/byte_matcher.ts';
export { byteMatcherOf, keptPatternBytes } from './formats/regex.ts';
export { keptFormatBytes } from './formats/time_format.ts';
export { parseYamlText } from './formats/yaml/parse.ts';
export * from './function.ts';
export { type Opening, openingOf } from './opening.ts';
export type { Diagnostic, TypeDef };
export { CODES, Failure, Kind, stdlib };

export interface CompileOptions {
  /** The functions that programs may call; the standard library when left out. */
  readonly functions?: readonly FunctionDefinition[];
  readonly environment?: Partial<Environment>;
  /** Paths that the program may not write; `all` for conditions. */
  readonly readOnly?: 'all' | readonly { readonly path: Path; readonly recursive: boolean }[];
  /** What is known of `.` and `%`; objects of anything when left out. */
  readonly eventKind?: Kind;
  readonly metadataKind?: Kind;
  /** Variables that are there before the program starts; their values are given to `run`. */
  readonly variables?: ReadonlyMap<string, TypeDef>;
  /** Whether unused results are warned of; true when left out. */
  readonly unusedWarnings?: boolean;
  /** Count how often each expression at the start of a line ran, see `Program.coverage`. */
  readonly coverage?: boolean;
  /** What the program is called in profiles and stack traces. */
  readonly name?: string;
}

export type Compiled =
  | { readonly program: Program; readonly warnings: readonly Diagnostic[] }
  /** Errors, and the warnings found beside them. */
  | { readonly diagnostics: readonly Diagnostic[] };

/** The event a program runs on, when that is a value: the program changes it in place and may replace the roots. */
export interface Target {
  value: Value;
  metadata: Value;
  readonly secrets: Secrets;
}

/** The event a program runs on, when not all paths can be written (metrics). Paths are of the event or metadata. */
export interface PathTarget {
  get(path: Path): Value | undefined;
  /** False when this path cannot hold the value. */
  insert(path: Path, value: Value): boolean;
  remove(path: Path, compact: boolean): Value | undefined;
  readonly secrets: Secrets;
}

export interface Program {
  readonly source: string;
  /** The type of what the program gives. */
  readonly type: TypeDef;
  /** What is known of the event and metadata when it has ended. */
  readonly eventKindAfter: Kind;
  readonly metadataKindAfter: Kind;
  /** The types of the variables that are there at the end. */
  readonly variablesAfter: ReadonlyMap<string, TypeDef>;
  /** Paths of event and metadata that it may read, and that it may write or delete. */
  readonly reads: readonly Path[];
  readonly writes: readonly Path[];
  /** Whether it may abort, and whether it may fail at run time. */
  readonly abortable: boolean;
  readonly fallible: boolean;
  /** Runs on an event whose value nobody else can see. A `Failure` of kind `error` or `abort`, never `return`. */
  run(target: Target): Value | Failure;
  /** The same, with the values of the option `variables`, which get what the program leaves in its variables. */
  runWith(target: Target, variables: Map<string, Value>): Value | Failure;
  runOnPaths(target: PathTarget): Value | Failure;
  /** The generated JavaScript, to look at. */
  readonly javascript: string;
  /** With the option `coverage`: lines (from 1) that hold expressions, and how often each ran. */
  readonly coverage: ReadonlyMap<number, number> | undefined;
}

export function compile(source: string, options: CompileOptions = {}): Compiled {
  try {
    return compileNested(source, options);
  } catch (error) {
    // The parser bounds the depth of programs, but not what the caller has left of the stack.
    if (error instanceof RangeError) return { diagnostics: [tooDeep(source)] };
    throw error;
  }
}

function tooDeep(source: string): Diagnostic {
  const end = new TextEncoder().encode(source).length;
  return {
    severity: 'error',
    code: 210,
    message: 'the program is nested too deeply',
    labels: [{ message: 'there is not enough memory to look into this', primary: true, span: { start: 0, end } }],
    notes: [],
  };
}

function compileNested(source: string, options: CompileOptions): Compiled {
  const parsed = parse(source);
  if ('diagnostic' in parsed) return { diagnostics: [parsed.diagnostic] };
  const environment: Environment = { ...BARE_ENVIRONMENT, ...options.environment };
  const checked = check(parsed.program, {
    functions: byName(options.functions ?? stdlib),
    environment,
    readOnly: options.readOnly ?? [],
    state: {
      locals: new Map([...(options.variables ?? [])].map(([name, type]) => [name, { type, value: undefined }])),
      event: { type: typeDef(options.eventKind ?? Kind.of('object')), value: undefined },
      metadata: options.metadataKind ?? Kind.of('object'),
    },
  });
  const errors = checked.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return { diagnostics: errors };
  const unused = options.unusedWarnings === false ? [] : unusedWarnings(parsed.program);
  const program = new CompiledProgram(source, checked, environment, options);
  return { program, warnings: [...checked.diagnostics, ...unused] };
}

const functionMaps = new WeakMap<readonly FunctionDefinition[], ReadonlyMap<string, FunctionDefinition>>();

function byName(functions: readonly FunctionDefinition[]): ReadonlyMap<string, FunctionDefinition> {
  let map = functionMaps.get(functions);
  if (!map) {
    map = new Map(functions.map((definition) => [definition.name, definition]));
    functionMaps.set(functions, map);
  }
  return map;
}

/** What a program may use when nobody gives it more: a clock and chance, no files, tables or metrics. */
const BARE_ENVIRONMENT: Environment = {
  timezone: { name: 'UTC', zone: UTC },
  now: () => Timestamp.fromMs(Date.now()),
  random: Math.random,
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  log: () => {},
  enrichment: undefined,
  metrics: undefined,
  readFile: () => 'programs can read no files here',
};

class CompiledProgram implements Program {
  readonly source: string;
  readonly type: TypeDef;
  readonly eventKindAfter: Kind;
  readonly metadataKindAfter: Kind;
  readonly variablesAfter: ReadonlyMap<string, TypeDef>;
  readonly reads: readonly Path[];
  readonly writes: readonly Path[];
  readonly abortable: boolean;
  readonly fallible: boolean;
  readonly #checked: CheckResult;
  readonly #context: ContextOfTarget;
  readonly #contextOfPaths: ContextOfPaths;
  readonly #coverage: GenerateOptions['coverage'];
  readonly #name: string;
  readonly #onValues: Generated;
  #onPaths: Generated | undefined;

  constructor(source: string, checked: CheckResult, environment: Environment, options: CompileOptions) {
    this.source = source;
    this.type = checked.root.type;
    this.eventKindAfter = checked.after.event.type.kind;
    this.metadataKindAfter = checked.after.metadata;
    this.variablesAfter = new Map([...checked.after.locals].map(([name, { type }]) => [name, type]));
    this.reads = checked.reads;
    this.writes = checked.writes;
    this.abortable = checked.abortable;
    this.#checked = checked;
    this.#context = new ContextOfTarget(environment);
    this.#contextOfPaths = new ContextOfPaths(environment);
    if (options.coverage === true) {
      const lines = new LineTable(source);
      this.#coverage = { counts: new Float64Array(lines.count + 1), lineOf: (offset) => lines.lineOf(offset) };
    }
    this.#name = options.name ?? 'program';
    const keepsVariables = options.variables !== undefined;
    const { root } = checked;
    this.#onValues = generate(root, { mode: 'value', keepsVariables, name: this.#name, coverage: this.#coverage });
    this.fallible = checked.fallible || this.#onValues.canFail;
  }

  run(target: Target): Value | Failure {
    this.#context.target = target;
    return this.#onValues.run(target, this.#context);
  }

  runWith(target: Target, variables: Map<string, Value>): Value | Failure {
    this.#context.target = target;
    return this.#onValues.run(target, this.#context, variables);
  }

  runOnPaths(target: PathTarget): Value | Failure {
    this.#onPaths ??= generate(this.#checked.root, {
      mode: 'paths',
      keepsVariables: false,
      name: this.#name,
      coverage: this.#coverage,
    });
    this.#contextOfPaths.target = target;
    return this.#onPaths.run(target, this.#contextOfPaths);
  }

  get coverage(): ReadonlyMap<number, number> | undefined {
    if (!this.#coverage) return undefined;
    const { counts, lineOf } = this.#coverage;
    const lines = new Map<number, number>();
    for (const { start } of statementsOf(this.#checked.root)) lines.set(lineOf(start), counts[lineOf(start)]!);
    return lines;
  }

  /** The generated JavaScript, to look at. */
  get javascript(): string {
    return this.#onValues.source;
  }
}

class ContextOfTarget implements RunContext {
  readonly environment: Environment;
  target: Target = NO_TARGET;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  get event(): Value {
    return this.target.value;
  }

  get metadata(): Value {
    return this.target.metadata;
  }

  get secrets(): Secrets {
    return this.target.secrets;
  }
}

class ContextOfPaths implements RunContext {
  readonly environment: Environment;
  target: PathTarget | undefined;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  get event(): Value {
    return this.target?.get({ target: 'event', segments: [] }) ?? null;
  }

  get metadata(): Value {
    return this.target?.get({ target: 'metadata', segments: [] }) ?? null;
  }

  get secrets(): Secrets {
    return this.target?.secrets ?? NO_SECRETS;
  }
}

const NO_SECRETS: Secrets = { get: () => undefined, set: () => {}, remove: () => {} };
const NO_TARGET: Target = { value: null, metadata: null, secrets: NO_SECRETS };

/** What a code of a diagnostic means and what to do about it; undefined for a number that is none. */
export function explainCode(code: number): string | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as Code].explanation : undefined;
}

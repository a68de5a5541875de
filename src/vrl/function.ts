// How a function of the language is declared. The checker, the generator, the reference page and the test of examples
// read this declaration.
//
// A function is compiled in two steps. `prepare`, once per call in a program, sees the types and constants of the
// arguments, does what can be done once (compiles the regex, finds the time zone) and may refuse the call; it returns
// the implementation. The implementation runs per event, gets one value per declared parameter in their order, and
// returns a value or, when it fails, a `Failure`; it never throws and never changes an argument. Functions that need
// nothing at compile time give the implementation directly, as `run`.

import type { Path, Segment } from '../event/path.ts';
import type { Timestamp } from '../event/timestamp.ts';
import type { Zone } from '../event/timezone.ts';
import type { ObjectValue, Regex, Value } from '../event/value.ts';
import type { Random } from '../std/random.ts';
import type { Kind } from './2_check/kind.ts';
import type { TypeDef } from './2_check/type_def.ts';
import type { Failure } from './4_run/failure.ts';
import type { Code } from './diagnostics/codes.ts';
import type { Span } from './diagnostics/diagnostic.ts';

/** Names of kinds in declarations. */
export type KindName =
  | 'bytes'
  | 'integer'
  | 'float'
  | 'boolean'
  | 'timestamp'
  | 'regex'
  | 'null'
  | 'array'
  | 'object'
  | 'any';

export interface Parameter {
  readonly name: string;
  readonly kinds: readonly KindName[];
  readonly required: boolean;
  readonly doc: string;
  /** What the implementation gets when the argument is not given; without it, `undefined`. */
  readonly default?: Value;
  /** The values that are accepted, for the documentation and completion; `prepare` checks them by `call.oneOf`. */
  readonly values?: Readonly<Record<string, string>>;
  /**
   * The argument is looked at while compiling and not passed as a value. For arguments whose expression matters (paths)
   * and those that `prepare` has used up. The implementation gets `undefined` in its place, or the value that the path
   * starts at when that is a variable, a call or a container.
   */
  readonly compileTime?: boolean;
}

type More = Partial<Pick<Parameter, 'default' | 'values' | 'compileTime'>>;

export function required(name: string, kinds: KindName | readonly KindName[], doc: string, more?: More): Parameter {
  return { name, kinds: typeof kinds === 'string' ? [kinds] : kinds, required: true, doc, ...more };
}

export function optional(name: string, kinds: KindName | readonly KindName[], doc: string, more?: More): Parameter {
  return { name, kinds: typeof kinds === 'string' ? [kinds] : kinds, required: false, doc, ...more };
}

export interface Example {
  readonly title: string;
  readonly source: string;
  /** The event; an empty object when left out. Values as in `event/value.ts`. */
  readonly event?: Value;
  /** What the program gives. */
  readonly result?: Value;
  /** The message it fails with at run time. */
  readonly error?: string;
  /** The result differs from run to run: only its kind is compared with `result`. */
  readonly varies?: boolean;
  /** Only compiled, as it needs the world. */
  readonly compileOnly?: boolean;
}

/** A closure at run time: the arguments in order; a value, or a failure of its block. */
export type Closure = (first: Value, second?: Value) => Value | Failure;

// biome-ignore lint/suspicious/noExplicitAny: each implementation names the kinds its parameters declare; the generator checks them.
export type Implementation = (...args: any[]) => Value | Failure;

/** What a closure's parameter is: of a fixed kind, the closure's target itself, or the target's items or keys. */
export type ClosureParameter = Kind | KindName | 'target' | 'inner_value' | 'inner_key';

export interface ClosureDefinition {
  /** Each way to use it, tried in order: the argument it goes over must be known to be of these kinds. */
  readonly inputs: readonly {
    readonly parameter: string;
    readonly kinds: readonly KindName[];
    readonly variables: readonly ClosureParameter[];
    /** What the block must give. */
    readonly output: readonly KindName[];
    readonly example: string;
  }[];
  readonly isIterator: boolean;
}

export interface FunctionDefinition {
  readonly name: string;
  readonly category: string;
  /** Markdown: the first sentence stands alone. */
  readonly doc: string;
  readonly parameters: readonly Parameter[];
  /** Reasons to fail at run time, for the documentation. */
  readonly failures?: readonly string[];
  readonly notices?: readonly string[];
  /** False when it has an effect or gives something else each time. */
  readonly pure?: false;
  readonly closure?: ClosureDefinition;
  readonly returns: {
    readonly kinds: readonly KindName[];
    /** Whether the call can fail although all arguments are of the declared kinds. */
    readonly fallible: boolean;
  };
  /**
   * Results may be of kinds that the type leaves out, as it is Vector's: groups that took no part are null, members are
   * missing, an array comes where an object was taken for granted. Generated code then trusts no type of the program.
   */
  readonly hasLooseType?: true;
  readonly examples: readonly Example[];
  /** The exact type of a call, where it says more than `returns` (which it replaces, purity included). */
  readonly type?: (call: Call) => TypeDef;
  /**
   * Compile-time work; throws `CallProblem` to refuse the call. When it is there, `run` is not used.
   */
  readonly prepare?: (call: Call) => Implementation;
  readonly run?: Implementation;
  /**
   * The implementation gets the `RunContext` before the arguments (and the closure, if any, after them).
   * Without it: arguments, then the closure.
   */
  readonly context?: true;
  /**
   * Arguments of other kinds than declared reach the implementation, which then makes the error itself. Otherwise the
   * call fails before with `expected string, got integer`, the arguments checked in the order of the parameters.
   */
  readonly unchecked?: true;
  /**
   * Parameters in the order their kinds are checked, where that is not their own order. Those that are not named are
   * left to the implementation.
   */
  readonly checkOrder?: readonly string[];
  /** Parameters in the order they are evaluated, where that is not their own order. All are named. */
  readonly evaluationOrder?: readonly string[];
}

export function defineFunction(definition: FunctionDefinition): FunctionDefinition {
  return definition;
}

/** A query `.a.b[0]`, `%x`, `variable.c`, `call().d`, as an argument. */
export interface Query {
  readonly target: 'event' | 'metadata' | 'variable' | 'call' | 'container';
  /** The variable's name. */
  readonly name?: string;
  readonly segments: readonly Segment[];
  /** What is known of the value that the path starts at. */
  readonly rootKind: Kind;
}

/** An argument of a call as the compiler knows it. */
export interface Argument {
  /** What sort of expression it is, in the words of messages. */
  readonly shape:
    | 'literal'
    | 'group'
    | 'block'
    | 'array'
    | 'object'
    | 'if-statement'
    | 'operation'
    | 'assignment'
    | 'query'
    | 'function call'
    | 'variable call'
    | 'unary operation'
    | 'abort operation'
    | 'return';
  readonly span: Span;
  readonly type: TypeDef;
  /** Its value, where it is known while compiling: literals, variables that hold one, arrays and objects of those. */
  readonly constant: Value | undefined;
  readonly query: Query | undefined;
  /** The items of an array written out. */
  readonly items: readonly Argument[] | undefined;
  /** The members of an object written out. */
  readonly members: ReadonlyMap<string, Argument> | undefined;
}

/** A call while it is compiled. */
export interface Call {
  readonly span: Span;
  /** The argument for a parameter; undefined when not given. */
  argument(name: string): Argument | undefined;
  /** The value of an argument that must be known at compile time; undefined when not given. Throws E400 otherwise. */
  literal(name: string): Value | undefined;
  /** The same, and it must be one of `values` (E401). */
  oneOf(name: string, values: readonly string[]): string | undefined;
  /** The constant regex of an argument; undefined when it is not given or not constant. */
  regex(name: string): Regex | undefined;
  /** The query that an argument must be (E400). */
  query(name: string): Query | undefined;
  /** The expressions of an array that must be written out (E400). */
  array(name: string): readonly Argument[] | undefined;
  /** The expressions of an object that must be written out (E400). */
  object(name: string): ReadonlyMap<string, Argument> | undefined;
  /** The type of the closure's block. */
  readonly closureType: TypeDef | undefined;
  /** Whether the program may not write this path of the event or metadata. */
  isReadOnly(path: Path): boolean;
  /** What is known of `.` or `%` before the call. */
  targetKind(target: 'event' | 'metadata'): Kind;
  readonly environment: Environment;
}

/** A complaint about a call, shown under E610 with its own code. */
export class CallProblem extends Error {
  /** 0 for a complaint without a code of its own. */
  readonly code: Code | 0;
  /** The first is the primary one. */
  readonly labels: readonly string[];
  readonly notes: readonly string[];

  constructor(code: Code | 0, message: string, labels: readonly string[] = [], notes: readonly string[] = []) {
    super(message);
    this.name = 'CallProblem';
    this.code = code;
    this.labels = labels;
    this.notes = notes;
  }
}

/** E403: an argument's constant value is not one that the function can use. */
export function invalidArgument(name: string, value: string, error: string): CallProblem {
  return new CallProblem(403, 'invalid argument', [
    `invalid argument "${name}"`,
    `received: ${value}`,
    `error: ${error}`,
  ]);
}

/** E402: an argument must be a static expression. */
export function expectedStatic(name: string, argument: Argument | undefined): CallProblem {
  return new CallProblem(402, 'this argument must be a static expression', [
    `expected static expression for argument "${name}"`,
    `received: ${argument?.shape ?? 'nothing'}`,
  ]);
}

/** Tables of `get_enrichment_table_record` and `find_enrichment_table_records`. */
export interface EnrichmentTables {
  readonly names: readonly string[];
  /**
   * Rows of a table that meet all conditions, at most `limit`; text says why it could not look.
   * @param index what `prepareIndex` returned
   */
  find(
    table: string,
    conditions: readonly EnrichmentCondition[],
    options: {
      readonly caseSensitive: boolean;
      readonly select?: readonly string[];
      readonly wildcard?: Value;
      readonly limit: number;
      readonly index: unknown;
    },
  ): readonly ObjectValue[] | string;
  /** Called while compiling, so that a table can build the index it will need; text says why it can not. */
  prepareIndex(table: string, fields: readonly string[], caseSensitive: boolean): { readonly index: unknown } | string;
}

export type EnrichmentCondition =
  | { readonly type: 'equals'; readonly field: string; readonly value: Value }
  | { readonly type: 'between'; readonly field: string; readonly from: Timestamp; readonly to: Timestamp }
  | { readonly type: 'from'; readonly field: string; readonly from: Timestamp }
  | { readonly type: 'to'; readonly field: string; readonly to: Timestamp };

/** An internal metric as `get_vector_metric` and its kin see it. */
export interface MetricView {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly tags: Readonly<Record<string, readonly string[]>>;
  readonly kind: 'absolute' | 'incremental';
  readonly type: 'counter' | 'gauge' | 'histogram' | 'distribution' | 'summary' | 'set' | 'sketch';
  /** Of a counter or gauge. */
  readonly value: number | undefined;
}

/** What a program may use of the world; everything else is out of reach. */
export interface Environment {
  /** The default time zone of programs. */
  readonly timezone: { readonly name: string; readonly zone: Zone };
  /** Wall clock. */
  now(): Timestamp;
  readonly random: Random;
  /** Fills an array with random bytes fit for keys. */
  randomBytes(length: number): Uint8Array;
  /** Where `log` writes: at most once in `rateLimitSecs` per place (the span of the call), the host sees to that. */
  log(level: 'trace' | 'debug' | 'info' | 'warn' | 'error', message: string, place: Span, rateLimitSecs: number): void;
  readonly enrichment: EnrichmentTables | undefined;
  readonly metrics: { find(name: string): readonly MetricView[] } | undefined;
  /** Reads a file that a program names at compile time (descriptors, schemas, aliases); text says why it can not. */
  readFile(path: string): Uint8Array | string;
}

/** Secrets of an event, by key. */
export interface Secrets {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
}

/** What an implementation with `context` gets: the event it runs on, and the world. */
export interface RunContext {
  /** The whole event. Read-only for functions. */
  readonly event: Value;
  readonly metadata: Value;
  readonly secrets: Secrets;
  readonly environment: Environment;
}

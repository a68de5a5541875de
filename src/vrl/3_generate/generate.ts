// The generator: from the checked program to one JavaScript function.
//
// Expressions become statements that leave their value in a variable, so that failures are plain `break`s out of
// labelled blocks and nothing is allocated but the values themselves. Closures become functions beside the main one.
// What the types say is used to leave out checks only where they hold at run time (`scan.typesHold`).
//
// Values have no identity in the language, but the code writes in place. So each value knows its `sources`: the places
// whose arrays and objects it may still contain. Storing such a value copies it, except where the place it comes from is
// the one that is overwritten (`.tags = push(.tags, "x")`).

import type { Segment } from '../../event/path.ts';
import { Float, type Value } from '../../event/value.ts';
import { makeFunction } from '../../std/make_function.ts';
import type { Checked, CheckedCall, CheckedClosure, CheckedTarget } from '../2_check/checked.ts';
import { isFallible } from '../2_check/type_def.ts';
import type { Failure } from '../4_run/failure.ts';
import { kindsText } from '../4_run/kind_text.ts';
import { type Core, core } from '../4_run/run.ts';
import type { FunctionDefinition, Parameter } from '../function.ts';
import { isPlainlyReadable, isPlainlyWritable } from './field_names.ts';
import { kindTest } from './kind_test.ts';
import { quote } from './quote.ts';
import { type Root, type Scan, scan } from './scan.ts';
import { isIdentity, isRoot, isSurelyBoolean, reading } from './shortcuts.ts';
import { comesFromItself, isMoving, MOVING, mayContain, type Source, takesContainers, UNKNOWN } from './sources.ts';
import { Code, Constants, type Handler, leaving } from './writer.ts';

/** What the main function is given: the event, and where it may reach from there. */
export type Run = (target: unknown, context: unknown, variables?: Map<string, Value>) => Value | Failure;

export interface Generated {
  readonly run: Run;
  /** The JavaScript, for those who want to look. */
  readonly source: string;
  /** Whether the program can end with a failure that is no `abort`. */
  readonly canFail: boolean;
}

export interface GenerateOptions {
  /** Events that are values are written in place; others through `get`, `insert` and `remove` of their paths. */
  readonly mode: 'value' | 'paths';
  /** Whether variables come from outside and go back there, as between the lines of a dialogue. */
  readonly keepsVariables: boolean;
  /** What the program is called in profiles and stack traces. */
  readonly name: string;
  /** Counts the statements by line, where wanted. */
  readonly coverage: { readonly counts: Float64Array; lineOf(offset: number): number } | undefined;
}

export function generate(root: Checked, options: GenerateOptions): Generated {
  const generator = new Generator(root, options);
  const source = generator.module();
  const make = makeFunction(['K', 'R'], source, options.name) as (constants: readonly unknown[], core: Core) => Run;
  return { run: make(generator.constants.values, core), source, canFail: generator.canFail };
}

/** The value of an expression: JavaScript without effects, and where its arrays and objects may still be reached. */
interface Val {
  readonly code: string;
  readonly sources: readonly Source[];
  /** Whether `code` is a variable of the program, which a later expression may change. */
  readonly isVariable?: boolean;
}

const NULL: Val = { code: 'null', sources: [] };

const COMPARISON = { '>': 'greater', '>=': 'greaterOrEqual', '<': 'less', '<=': 'lessOrEqual' } as const;
const ARITHMETIC = { '+': 'add', '-': 'subtract', '*': 'multiply', '/': 'divide', '|': 'merge' } as const;

class Generator {
  readonly constants = new Constants();
  canFail = false;
  readonly #root: Checked;
  readonly #options: GenerateOptions;
  readonly #scan: Scan;
  readonly #functions: string[] = [];
  readonly #counter = { next: 0 };
  /** A failure that nobody handles is what the program gives. */
  readonly #unhandled: Handler = {
    wantsMessage: true,
    fail: (code, failure) => {
      this.canFail = true;
      code.emit(`return ${failure};`);
    },
  };
  #code: Code;

  constructor(root: Checked, options: GenerateOptions) {
    this.#root = root;
    this.#options = options;
    this.#scan = scan(root);
    this.#code = new Code(this.#unhandled, this.#counter);
  }

  get #typesHold(): boolean {
    return this.#scan.typesHold && this.#options.mode === 'value';
  }

  module(): string {
    const result = this.#value(this.#root);
    this.#code.emit(`return ${result.code};`);
    this.#declareLocals(this.#code, null);
    const shared = this.#scan.variables.filter(({ isShared }) => isShared).map(({ js }) => js);
    // What closures see as well is declared outside, and emptied at the end.
    const outside = this.#scan.closures.length > 0 ? ['T', 'X', 'E', 'M', 'O', ...shared] : [];
    const inside = outside.length > 0 ? [] : ['T', 'X', 'E', 'M', 'O'];
    const kept = this.#options.keepsVariables ? [...this.#scan.outer] : [];
    const { locals, lines } = this.#code;
    return [
      '"use strict";',
      'const { Failure, Timestamp, Regex } = R;',
      this.constants.declarations(),
      declaration(outside),
      ...this.#functions,
      'return function run(target, context, variables) {',
      declaration(inside),
      'T = target; X = context;',
      this.#options.mode === 'value' ? 'E = T.value; M = T.metadata; O = R.isObject(E);' : '',
      declaration(locals),
      ...kept.map(([name, { js }]) => `${js} = variables.get(${quote(name)}) ?? null;`),
      'try {',
      ...lines,
      '} catch (error) {',
      'return R.caught(error);',
      '} finally {',
      ...kept.map(([name, { js }]) => `variables.set(${quote(name)}, ${js});`),
      outside.length > 0 ? `${outside.join(' = ')} = null;` : '',
      '}',
      '};',
    ].join('\n');
  }

  #declareLocals(code: Code, unit: CheckedClosure | null): void {
    for (const variable of this.#scan.variables) {
      if (variable.isShared || !variable.units.has(unit)) continue;
      if (unit && this.#scan.parametersOf(unit).includes(variable)) continue;
      code.locals.push(`${variable.js} = null`);
    }
  }

  // Values.

  /** Writes the statements of an expression; the result is its value. */
  #value(node: Checked): Val {
    switch (node.op) {
      case 'literal':
        return { code: this.#literal(node.value), sources: [] };
      case 'variable': {
        const variable = this.#scan.variableOf(node);
        return { code: variable.js, sources: this.#from(node, variable, []), isVariable: true };
      }
      case 'array':
        return this.#array(node);
      case 'object':
        return this.#object(node);
      case 'block':
        return this.#block(node);
      case 'if':
        return this.#if(node, true);
      case 'binary':
        return this.#binary(node);
      case 'not': {
        const inner = this.#condition(node.inner);
        return { code: this.#code.keep(`!${inner}`), sources: [] };
      }
      case 'assign':
        return this.#assign(node, true);
      case 'query':
        return this.#query(node);
      case 'call':
        return this.#call(node);
      case 'abort':
        return this.#abort(node);
      case 'return':
        return this.#return(node);
    }
  }

  /** Writes an expression whose value nobody wants. */
  #effect(node: Checked): void {
    if (node.op === 'if') this.#if(node, false);
    else if (node.op === 'assign') this.#assign(node, false);
    else this.#value(node);
  }

  /** Where the arrays and objects of the value may still be reached, given a place it is read from. */
  #from(node: Checked, root: Root | 'unknown', segments: readonly Segment[]): readonly Source[] {
    if (this.#typesHold && !mayContain(node.type.kind)) return [];
    return [{ root, segments }];
  }

  #literal(value: Value): string {
    switch (typeof value) {
      case 'string':
        return quote(value);
      case 'bigint':
        return `${value}n`;
      case 'number':
      case 'boolean':
        return String(value);
    }
    return value === null ? 'null' : this.constants.name(value);
  }

  /** The values of expressions that are evaluated one after the other and used together. */
  #operands(nodes: readonly Checked[]): Val[] {
    const laterWrites = nodes.map((_, index) =>
      nodes.slice(index + 1).some((node) => this.#scan.writesOf(node).size > 0),
    );
    return nodes.map((node, index) => {
      const value = this.#value(node);
      if (!laterWrites[index]) return value;
      if (value.sources.length > 0) return { code: this.#code.keep(`R.own(${value.code})`), sources: [] };
      return value.isVariable ? { code: this.#code.keep(value.code), sources: [] } : value;
    });
  }

  /** A value that can be stored in a new array or object. */
  #owned({ code, sources }: Val): string {
    return sources.length === 0 ? code : `R.own(${code})`;
  }

  #array(node: Extract<Checked, { op: 'array' }>): Val {
    const items = this.#operands(node.items).map((value) => this.#owned(value));
    return { code: this.#code.keep(`[${items.join(', ')}]`), sources: [] };
  }

  #object(node: Extract<Checked, { op: 'object' }>): Val {
    const values = this.#operands(node.members.map(([, value]) => value)).map((value) => this.#owned(value));
    const members = node.members.map(([key], index) => `[${quote(key)}]: ${values[index]}`);
    const plain = node.members.every(([key]) => isPlainlyWritable(key));
    const text = plain ? node.members.map(([key], index) => `${quote(key)}: ${values[index]}`) : members;
    return { code: this.#code.keep(`{ ${text.join(', ')} }`), sources: [] };
  }

  #block(node: Extract<Checked, { op: 'block' }>): Val {
    const last = node.expressions.length - 1;
    for (const expression of node.expressions.slice(0, last)) {
      this.#count(expression);
      this.#effect(expression);
    }
    const final = node.expressions[last]!;
    this.#count(final);
    return this.#value(final);
  }

  #count(node: Checked): void {
    const { coverage } = this.#options;
    if (coverage) this.#code.emit(`${this.constants.name(coverage.counts)}[${coverage.lineOf(node.span.start)}]++;`);
  }

  #if(node: Extract<Checked, { op: 'if' }>, wanted: boolean): Val {
    const code = this.#code;
    const condition = this.#condition(node.predicate);
    const result = wanted ? code.temporary() : '';
    const sources: Source[] = [];
    const branch = (block: Checked | undefined): void => {
      if (!wanted) {
        if (block) this.#effects(block);
        return;
      }
      const value = block ? this.#value(block) : NULL;
      sources.push(...value.sources);
      code.emit(`${result} = ${value.code};`);
    };
    code.emit(`if (${condition}) {`);
    branch(node.then);
    if (node.otherwise || wanted) {
      code.emit('} else {');
      branch(node.otherwise);
    }
    code.emit('}');
    return { code: result, sources };
  }

  /** A block whose value nobody wants. */
  #effects(node: Checked): void {
    for (const expression of node.op === 'block' ? node.expressions : [node]) {
      this.#count(expression);
      this.#effect(expression);
    }
  }

  /** JavaScript that is true or false. */
  #condition(node: Checked): string {
    const { code } = this.#value(node);
    if (isSurelyBoolean(node)) return code;
    const name = this.#code.keep(code);
    this.#code.emit(`if (typeof ${name} !== 'boolean') {`);
    this.#code.fail(`R.expected('boolean', ${name})`);
    this.#code.emit('}');
    return name;
  }

  // Operators.

  #binary(node: Extract<Checked, { op: 'binary' }>): Val {
    switch (node.operator) {
      case '??':
        return this.#coalesce(node.left, node.right);
      case '||':
        return this.#or(node.left, node.right);
      case '&&':
        return this.#and(node.left, node.right);
      case '==':
      case '!=':
        return this.#equality(node.operator, node.left, node.right);
      case '<':
      case '<=':
      case '>':
      case '>=':
        return this.#comparison(node.operator, node);
      default:
        return this.#arithmetic(node.operator, node);
    }
  }

  #coalesce(left: Checked, right: Checked): Val {
    const code = this.#code;
    const [done, failed] = [code.label(), code.label()];
    const result = code.temporary();
    const sources: Source[] = [];
    code.emit(`${done}: {`);
    code.emit(`${failed}: {`);
    code.handledBy(leaving(failed, undefined), () => {
      const value = this.#value(left);
      sources.push(...value.sources);
      code.emit(`${result} = ${value.code};`);
    });
    code.emit(`break ${done};`);
    code.emit('}');
    const value = this.#value(right);
    code.emit(`${result} = ${value.code};`);
    code.emit('}');
    return { code: result, sources: [...sources, ...value.sources] };
  }

  #or(left: Checked, right: Checked): Val {
    const code = this.#code;
    const first = this.#value(left);
    const result = code.keep(first.code);
    const outer = code.handler;
    const handler: Handler = {
      wantsMessage: outer.wantsMessage,
      fail: (inner, failure) => outer.fail(inner, outer.wantsMessage ? `R.orFailure(${failure})` : failure),
    };
    const sources = [...first.sources];
    code.emit(`if (${result} === null || ${result} === false) {`);
    code.handledBy(handler, () => {
      const value = this.#value(right);
      sources.push(...value.sources);
      code.emit(`${result} = ${value.code};`);
    });
    code.emit('}');
    return { code: result, sources };
  }

  #and(left: Checked, right: Checked): Val {
    const code = this.#code;
    const result = code.keep(this.#value(left).code);
    code.emit(`if (${result} === null || ${result} === false) {`);
    code.emit(`${result} = false;`);
    code.emit('} else {');
    const second = this.#value(right);
    if (isSurelyBoolean(left) && isSurelyBoolean(right)) code.emit(`${result} = ${second.code};`);
    else {
      code.emit(`${result} = R.and(${result}, ${second.code});`);
      code.check(result);
    }
    code.emit('}');
    return { code: result, sources: [] };
  }

  #equality(operator: '==' | '!=', left: Checked, right: Checked): Val {
    const [a, b] = this.#operands([left, right]).map(({ code }) => code);
    const same = isIdentity(left) || isIdentity(right) ? `${a} === ${b}` : `${a} === ${b} || R.equals(${a}, ${b})`;
    return { code: this.#code.keep(operator === '==' ? same : `!(${same})`), sources: [] };
  }

  #comparison(operator: keyof typeof COMPARISON, node: Extract<Checked, { op: 'binary' }>): Val {
    const [a, b] = this.#operands([node.left, node.right]).map(({ code }) => code);
    const numbers = [node.left, node.right].filter(
      ({ op, constant }) => op !== 'literal' || typeof constant !== 'number',
    );
    const tests = numbers.map((side) => `typeof ${side === node.left ? a : b} === 'number'`);
    const shortcut = tests.length > 0 ? `${tests.join(' && ')} ? ${a} ${operator} ${b} : ` : '';
    const result = this.#code.keep(`${shortcut}R.${COMPARISON[operator]}(${a}, ${b})`);
    if (!this.#typesHold || isFallible(node.type)) this.#code.check(result);
    return { code: result, sources: [] };
  }

  #arithmetic(operator: keyof typeof ARITHMETIC, node: Extract<Checked, { op: 'binary' }>): Val {
    const [left, right] = this.#operands([node.left, node.right]) as [Val, Val];
    const result = this.#code.keep(`R.${ARITHMETIC[operator]}(${left.code}, ${right.code})`);
    const isSafe =
      this.#typesHold &&
      !isRoot(node.left) &&
      !isRoot(node.right) &&
      !isFallible(node.type) &&
      (operator === '|' || node.type.kind.is('integer'));
    if (!isSafe) this.#code.check(result);
    return { code: result, sources: operator === '|' ? [...left.sources, ...right.sources] : [] };
  }

  // Reading.

  #query(node: Extract<Checked, { op: 'query' }>): Val {
    const { root, segments } = node;
    if (root.kind === 'variable') {
      const variable = this.#scan.variableOf(node);
      return this.#read(variable.js, segments, this.#from(node, variable, segments), true);
    }
    if (root.kind === 'expression') {
      const value = this.#value(root.node);
      const sources = value.sources.map((source) => ({ root: source.root, segments: [] }));
      return this.#read(value.code, segments, sources, value.isVariable ?? false);
    }
    const sources = this.#from(node, root.kind, segments);
    if (this.#options.mode === 'paths') {
      const path = this.constants.name({ target: root.kind, segments });
      return { code: this.#code.keep(`T.get(${path}) ?? null`), sources: [] };
    }
    return this.#read(root.kind === 'event' ? 'E' : 'M', segments, sources, true);
  }

  #read(base: string, segments: readonly Segment[], sources: readonly Source[], isVariable: boolean): Val {
    if (segments.length === 0) return { code: base, sources, isVariable };
    return { code: this.#code.keep(`${reading(base, segments)} ?? null`), sources };
  }

  // Writing.

  #assign(node: Extract<Checked, { op: 'assign' }>, wanted: boolean): Val {
    return node.error ? this.#assignEither(node, node.error, wanted) : this.#assignOne(node, wanted);
  }

  #assignOne(node: Extract<Checked, { op: 'assign' }>, wanted: boolean): Val {
    const value = this.#value(node.value);
    if (node.target.kind === 'noop') return value;
    const root = this.#rootOf(node.target);
    const isMoved = isMoving(node.value) && comesFromItself(value.sources, root, node.target.segments);
    const stored = this.#code.keep(isMoved ? value.code : this.#owned(value));
    this.#store(node.target, stored);
    return { code: stored, sources: wanted ? this.#from(node, root, node.target.segments) : [] };
  }

  #assignEither(
    node: Extract<Checked, { op: 'assign' }>,
    error: { readonly target: CheckedTarget; readonly fallback: Value },
    wanted: boolean,
  ): Val {
    const code = this.#code;
    const [done, failed] = [code.label(), code.label()];
    const [result, failure] = [code.temporary(), code.temporary()];
    code.emit(`${done}: {`);
    code.emit(`${failed}: {`);
    code.handledBy(leaving(failed, failure), () => {
      const value = this.#value(node.value);
      code.emit(`${result} = ${this.#owned(value)};`);
    });
    // The error may go inside what was just stored; the value of the expression is what was there before.
    const isInside = wanted && this.#isSameRoot(node.target, error.target);
    this.#store(node.target, isInside ? code.keep(`R.own(${result})`) : result);
    this.#store(error.target, 'null');
    code.emit(`break ${done};`);
    code.emit('}');
    this.#store(node.target, this.#fallback(error.fallback));
    code.emit(`${result} = R.errorText(${failure});`);
    this.#store(error.target, result);
    code.emit('}');
    return {
      code: result,
      sources: this.#from(node, node.target.kind === 'noop' ? 'unknown' : this.#rootOf(node.target), []),
    };
  }

  #isSameRoot(a: CheckedTarget, b: CheckedTarget): boolean {
    return a.kind !== 'noop' && b.kind !== 'noop' && this.#rootOf(a) === this.#rootOf(b);
  }

  #fallback(value: Value): string {
    if (Array.isArray(value)) return '[]';
    if (typeof value === 'object' && value !== null && !(value instanceof Float)) {
      return value.constructor === Object ? '{}' : this.constants.name(value);
    }
    return this.#literal(value);
  }

  #rootOf(target: Exclude<CheckedTarget, { kind: 'noop' }>): Root {
    return target.kind === 'variable' ? this.#scan.variableOf(target) : target.kind;
  }

  /** Puts the value of a JavaScript variable or literal at the target. */
  #store(target: CheckedTarget, value: string): void {
    if (target.kind === 'noop') return;
    if (target.kind === 'variable') {
      const { js } = this.#scan.variableOf(target);
      if (target.segments.length === 0) this.#code.emit(`${js} = ${value};`);
      else this.#storeInside(js, target.segments, value, `R.isObject(${js})`, (root) => `${js} = ${root};`);
      return;
    }
    if (this.#options.mode === 'paths') {
      this.#code.emit(
        `T.insert(${this.constants.name({ target: target.kind, segments: target.segments })}, ${value});`,
      );
      return;
    }
    const isEvent = target.kind === 'event';
    const setRoot = (root: string): string =>
      isEvent ? `T.value = E = ${root}; O = R.isObject(E);` : `T.metadata = M = ${root};`;
    if (target.segments.length === 0) this.#code.emit(setRoot(value));
    else this.#storeInside(isEvent ? 'E' : 'M', target.segments, value, isEvent ? 'O' : 'R.isObject(M)', setRoot);
  }

  #storeInside(
    base: string,
    segments: readonly Segment[],
    value: string,
    isObject: string,
    setRoot: (root: string) => string,
  ): void {
    const slow = setRoot(`R.insert(${base}, ${this.constants.name(segments)}, ${value})`);
    if (segments.length > 3 || !segments.every((name) => typeof name === 'string' && isPlainlyReadable(name))) {
      this.#code.emit(slow);
      return;
    }
    let holder = base;
    const tests = [isObject];
    for (const name of segments.slice(0, -1)) {
      const inner = this.#code.temporary();
      tests.push(`R.isObject(${inner} = ${holder}[${quote(name as string)}])`);
      holder = inner;
    }
    const last = segments[segments.length - 1] as string;
    this.#code.emit(`if (${tests.join(' && ')}) ${holder}[${quote(last)}] = ${value}; else { ${slow} }`);
  }

  // Calls.

  /** All that fails inside a call, its arguments included, leaves it in the frame of the call. */
  #call(node: CheckedCall): Val {
    let value = NULL;
    this.#code.handledBy(framing(node, this.#code.handler), () => {
      if (node.definition.name === 'del') value = this.#delete(node);
      else if (node.definition.name === 'exists') value = this.#exists(node);
      else value = this.#callFunction(node);
    });
    return value;
  }

  #callFunction(node: CheckedCall): Val {
    const { definition } = node;
    const given = definition.parameters.map((parameter, index) =>
      parameter.compileTime ? undefined : node.arguments[index],
    );
    const nodes = orderOf(definition, definition.evaluationOrder)
      .map((index) => given[index])
      .filter((argument) => argument !== undefined);
    const values = this.#operands(nodes);
    const byNode = new Map(nodes.map((argument, index) => [argument, values[index]!]));
    const args = definition.parameters.map((parameter, index) => {
      const argument = given[index];
      if (parameter.compileTime) return this.#startOfPath(node.arguments[index]);
      if (!argument) return { code: this.#absent(parameter), sources: [] };
      const value = this.#protectFromClosure(byNode.get(argument)!, node);
      return takesContainers(parameter) ? value : { ...value, sources: [] };
    });
    this.#checkKinds(node, given, args);
    const closure = node.closure ? this.#closure(node.closure) : undefined;
    const list = [
      ...(definition.context ? ['X'] : []),
      ...args.map(({ code }) => code),
      ...(closure ? [closure.name] : []),
    ];
    const result = this.#code.keep(`${this.constants.name(node.implementation)}(${list.join(', ')})`);
    this.#code.check(result);
    return { code: result, sources: this.#sourcesOfCall(node, args, closure?.sources ?? []) };
  }

  /** What a path that is looked at while compiling starts at, when that is no part of the event. */
  #startOfPath(argument: Checked | undefined): Val {
    if (argument?.op !== 'query') return { code: 'undefined', sources: [] };
    const { root } = argument;
    if (root.kind === 'expression') return this.#value(root.node);
    if (root.kind !== 'variable') return { code: 'undefined', sources: [] };
    const variable = this.#scan.variableOf(argument);
    return { code: variable.js, sources: [{ root: variable, segments: [] }] };
  }

  #absent({ default: value }: Parameter): string {
    if (value === undefined) return 'undefined';
    return typeof value === 'object' && value !== null ? this.constants.name(value) : this.#literal(value);
  }

  /** The closure may change the place that the argument is read from. */
  #protectFromClosure(value: Val, node: CheckedCall): Val {
    if (!node.closure || value.sources.length === 0) return value;
    const writes = this.#scan.writesOf(node.closure.block);
    const isChanged = value.sources.some(({ root }) => root === 'unknown' || writes.has(root));
    return isChanged && writes.size > 0 ? { code: this.#code.keep(`R.own(${value.code})`), sources: [] } : value;
  }

  #checkKinds(node: CheckedCall, given: readonly (Checked | undefined)[], args: Val[]): void {
    const { definition } = node;
    if (definition.unchecked) return;
    for (const index of orderOf(definition, definition.checkOrder)) {
      const parameter = definition.parameters[index]!;
      const argument = given[index];
      if (!argument || parameter.compileTime || parameter.kinds.includes('any')) continue;
      if (this.#isSurely(argument, parameter)) continue;
      const { code } = args[index]!;
      this.#code.emit(`if (!(${kindTest(code, parameter.kinds)})) {`);
      this.#code.fail(`R.expected(${quote(kindsText(parameter.kinds))}, ${code})`);
      this.#code.emit('}');
    }
  }

  /** Whether the argument is of the parameter's kinds without looking. */
  #isSurely(argument: Checked, { kinds }: Parameter): boolean {
    const { names } = argument.type.kind;
    const fits = names.every((name) => (kinds as readonly string[]).includes(name));
    if (!fits) return false;
    const isMade = argument.op === 'literal' || argument.op === 'array' || argument.op === 'object';
    if (isMade) return true;
    if (argument.op === 'call') return !argument.definition.hasLooseType;
    return this.#typesHold && !isRoot(argument);
  }

  #sourcesOfCall(node: CheckedCall, args: readonly Val[], closureSources: readonly Source[]): readonly Source[] {
    if (!mayContain(node.type.kind)) return [];
    const sources = args.flatMap(({ sources: one }) => one);
    if (node.definition.context) return UNKNOWN;
    if (closureSources.length > 0) return UNKNOWN;
    if (sources.length === 0) return sources;
    return MOVING.has(node.definition.name) ? sources : UNKNOWN;
  }

  #closure(closure: CheckedClosure): { readonly name: string; readonly sources: readonly Source[] } {
    const outer = this.#code;
    const parameters = this.#scan.parametersOf(closure);
    const handler: Handler = { wantsMessage: true, fail: (code, failure) => code.emit(`return ${failure};`) };
    const code = new Code(handler, this.#counter);
    this.#code = code;
    const names = parameters.map((variable, index) => {
      if (!variable) return `_${index}`;
      const name = variable.isShared ? `p${index}` : variable.js;
      if (variable.isShared) code.emit(`${variable.js} = ${variable.isChangedInside ? `R.own(${name})` : name};`);
      else if (variable.isChangedInside) code.emit(`${name} = R.own(${name});`);
      return name;
    });
    const result = this.#value(closure.block);
    code.emit(`return ${result.code};`);
    this.#declareLocals(code, closure);
    const name = `c${this.#counter.next++}`;
    this.#functions.push(code.text(`function ${name}(${names.join(', ')})`));
    this.#code = outer;
    return { name, sources: result.sources };
  }

  #delete(node: CheckedCall): Val {
    const target = node.arguments[0] as Extract<Checked, { op: 'query' }>;
    const compact = node.arguments[1] ? this.#compact(node.arguments[1]) : 'false';
    const { root, segments } = target;
    if (root.kind === 'expression') return this.#query(target);
    if (root.kind === 'variable')
      return this.#deleteFrom(this.#scan.variableOf(target).js, segments, compact, (to) => to);
    if (this.#options.mode === 'paths') {
      const path = this.constants.name({ target: root.kind, segments });
      return { code: this.#code.keep(`T.remove(${path}, ${compact}) ?? null`), sources: [] };
    }
    if (root.kind === 'event') return this.#deleteFrom('E', segments, compact, (to) => `T.value = ${to}`);
    return this.#deleteFrom('M', segments, compact, (to) => `T.metadata = ${to}`);
  }

  #compact(argument: Checked): string {
    const { code } = this.#value(argument);
    if (argument.op === 'literal') return code;
    this.#code.emit(`if (typeof ${code} !== 'boolean') {`);
    this.#code.fail(`R.expected('boolean', ${code})`);
    this.#code.emit('}');
    return code;
  }

  /** What is deleted is reachable from nowhere else any more. */
  #deleteFrom(base: string, segments: readonly Segment[], compact: string, setRoot: (code: string) => string): Val {
    const code = this.#code;
    if (segments.length === 0) {
      const removed = code.keep(base);
      code.emit(`${setRoot(`${base} = R.emptied(${base})`)};`);
      return { code: removed, sources: [] };
    }
    const [name] = segments;
    if (segments.length === 1 && typeof name === 'string' && isPlainlyReadable(name)) {
      // A copy without the member: `delete` turns the object into a dictionary, and whatever comes after it is slower.
      const removed = code.keep(`${base}?.[${quote(name)}]`);
      const rest = code.temporary();
      const without = `({ ${quote(name)}: ${removed}, ...${rest} } = ${base}); ${setRoot(`${base} = ${rest}`)};`;
      code.emit(`if (${removed} === undefined) ${removed} = null; else { ${without} }`);
      return { code: removed, sources: [] };
    }
    return { code: code.keep(`R.remove(${base}, ${this.constants.name(segments)}, ${compact})`), sources: [] };
  }

  #exists(node: CheckedCall): Val {
    const target = node.arguments[0] as Extract<Checked, { op: 'query' }>;
    const { root, segments } = target;
    if (this.#options.mode === 'paths' && (root.kind === 'event' || root.kind === 'metadata')) {
      const path = this.constants.name({ target: root.kind, segments });
      return { code: this.#code.keep(`T.get(${path}) !== undefined`), sources: [] };
    }
    const base =
      root.kind === 'expression'
        ? this.#value(root.node).code
        : root.kind === 'variable'
          ? this.#scan.variableOf(target).js
          : root.kind === 'event'
            ? 'E'
            : 'M';
    return { code: this.#code.keep(`${reading(base, segments)} !== undefined`), sources: [] };
  }

  // Ends.

  #abort(node: Extract<Checked, { op: 'abort' }>): Val {
    const message = node.message ? this.#value(node.message).code : 'null';
    this.#leave(`R.aborted(${message})`);
    return NULL;
  }

  #return(node: Extract<Checked, { op: 'return' }>): Val {
    const { code } = this.#value(node.value);
    if (this.#code.handler === this.#unhandled) this.#code.emit(`return ${code};`);
    else this.#leave(`R.returned(${code})`);
    return NULL;
  }

  /** An end that is no error does not make the program one that can fail. */
  #leave(failure: string): void {
    const before = this.canFail;
    this.#code.fail(failure);
    this.canFail = before;
  }
}

/** The places of the parameters with these names; of all, when there is no list. */
function orderOf({ parameters }: FunctionDefinition, names: readonly string[] | undefined): readonly number[] {
  if (names === undefined) return [...parameters.keys()];
  return names.map((name) => parameters.findIndex((one) => one.name === name));
}

/** Failures inside a call, as they leave it. */
function framing({ definition, span }: CheckedCall, outer: Handler): Handler {
  const site = `${quote(definition.name)}, ${span.start}, ${span.end}`;
  return {
    wantsMessage: outer.wantsMessage,
    fail: (code, failure) => outer.fail(code, outer.wantsMessage ? `R.frame(${failure}, ${site})` : failure),
  };
}

/** Declares variables, if there are any. */
function declaration(names: readonly string[]): string {
  return names.length > 0 ? `let ${names.join(', ')};` : '';
}

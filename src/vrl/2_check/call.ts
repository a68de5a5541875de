// Calls: which function, which argument is which parameter, whether the kinds fit, what the closure is, and the
// compile-time work of the function itself.

import { Regex, type Value } from '../../event/value.ts';
import type { CallNode, ClosureNode } from '../1_parse/ast.ts';
import { equalsExact } from '../4_run/compare.ts';
import { displayValue } from '../4_run/display.ts';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import {
  type Argument,
  type Call,
  CallProblem,
  type ClosureDefinition,
  type FunctionDefinition,
  type Parameter,
} from '../function.ts';
import {
  closureArity,
  closureResult,
  closureTarget,
  fallibleArgument,
  missingArgument,
  missingClosure,
  needlessAbort,
  refusedCall,
  tooMany,
  undefinedFunction,
  unexpectedClosure,
  unexpectedExpression,
  unknownKeyword,
  wrongArgument,
} from './call_problems.ts';
import type { Checker } from './check.ts';
import type { Checked, CheckedCall, CheckedClosure } from './checked.ts';
import { Kind } from './kind.ts';
import { type Given, parameterKind } from './parameter.ts';
import type { Snapshot } from './state.ts';
import { fallible, impure, isFallible, type TypeDef, typeDef } from './type_def.ts';

/** A call's arguments, matched with the parameters. */
interface Matched {
  readonly byName: ReadonlyMap<string, Given>;
  /** The first argument that may be of a wrong kind, and may be of a right one. */
  readonly unsure: Given | undefined;
}

/** Functions that reach the event by other ways than the paths they are given. */
const READS_ALL: ReadonlySet<string> = new Set(['get', 'unnest']);

type ClosureInput = ClosureDefinition['inputs'][number];

/** @param warns whether a needless `!` is told; where a path starts at the call, Vector says nothing either. */
export function checkCall(checker: Checker, node: CallNode, warns: boolean): CheckedCall | undefined {
  const before = checker.state.snapshot();
  if (node.abortOnError) checker.fallible = true;
  if (READS_ALL.has(node.name)) checker.reads.push({ target: 'event', segments: [] });
  const pendingBefore = checker.pending.length;
  const prepared = prepareCall(checker, node);
  checker.handled(pendingBefore);
  if (!prepared) return undefined;
  const { definition, matched, input, afterArguments } = prepared;
  const closure = node.closure && input ? checkClosure(checker, node.closure, input, afterArguments) : undefined;
  if (node.closure && !closure) return undefined;
  const compiled = compileCall(checker, node, definition, matched, closure, before);
  if (!compiled) return undefined;
  if (warns && compiled.isNeedless) checker.diagnostics.push(needlessAbort(node));
  // What a closure does to variables and the event is not carried on, as Vector does not either.
  checker.state.restore(afterArguments);
  if (definition.name === 'del') applyDeletion(checker, matched);
  return compiled;
}

interface Prepared {
  readonly definition: FunctionDefinition;
  readonly matched: Matched;
  readonly input: ClosureInput | undefined;
  readonly afterArguments: Snapshot;
}

function prepareCall(checker: Checker, node: CallNode): Prepared | undefined {
  const values: Checked[] = [];
  for (const argument of node.arguments) {
    const value = checker.expression(argument.value);
    if (!value) return undefined;
    values.push(value);
  }
  const afterArguments = checker.state.snapshot();
  const definition = checker.options.functions.get(node.name);
  if (!definition) return checker.report(undefinedFunction(node, checker.options.functions.keys()));
  const matched = matchArguments(definition, node, values);
  if ('code' in matched) return checker.report(matched);
  const input = closureInput(definition, node, matched);
  if (input && 'code' in input) return checker.report(input);
  if (input && node.closure) bindParameters(checker, node.closure, input, matched);
  return { definition, matched, input, afterArguments };
}

function matchArguments(
  definition: FunctionDefinition,
  node: CallNode,
  values: readonly Checked[],
): Matched | Diagnostic {
  const { parameters } = definition;
  if (node.arguments.length > parameters.length) return tooMany(node, parameters.length);
  const byName = new Map<string, Given>();
  let unsure: Given | undefined;
  let index = 0;
  for (const [position, argument] of node.arguments.entries()) {
    const value = values[position]!;
    let parameter: Parameter | undefined;
    if (argument.keyword === undefined) parameter = parameters[index++];
    else {
      const at = parameters.findIndex(({ name }) => name === argument.keyword);
      if (at === index) index++;
      parameter = parameters[at];
    }
    if (!parameter) return unknownKeyword(definition, node, argument);
    const given = { parameter, node: argument, value };
    const accepted = parameterKind(parameter);
    if (!accepted.intersects(value.type.kind)) return wrongArgument(definition, node, given);
    if (!accepted.isSuperset(value.type.kind)) unsure ??= given;
    if (isFallible(value.type)) return fallibleArgument(argument.value.span);
    byName.set(parameter.name, given);
  }
  const missing = parameters.findIndex((parameter) => parameter.required && !byName.has(parameter.name));
  return missing < 0 ? { byName, unsure } : missingArgument(definition, node.span, missing);
}

function closureInput(
  definition: FunctionDefinition,
  node: CallNode,
  matched: Matched,
): ClosureInput | Diagnostic | undefined {
  const { closure } = definition;
  if (!closure) return node.closure && unexpectedClosure(node, node.closure);
  if (!node.closure) return missingClosure(definition, node.span);
  let found: Kind | undefined;
  for (const input of closure.inputs) {
    const given = matched.byName.get(input.parameter);
    if (!given) continue;
    if (!parameterKind(input).isSuperset(given.value.type.kind)) {
      found = given.value.type.kind;
      continue;
    }
    const written = node.closure.parameters.length;
    return input.variables.length === written ? input : closureArity(node, node.closure, input.variables.length);
  }
  return closureTarget(node, found ?? Kind.any());
}

/** The closure's parameters become variables. */
function bindParameters(checker: Checker, closure: ClosureNode, input: ClosureInput, matched: Matched): void {
  const target = matched.byName.get(input.parameter)!.value;
  for (const [index, { name }] of closure.parameters.entries()) {
    const variable = input.variables[index]!;
    const details =
      variable === 'target'
        ? { type: target.type, value: target.constant }
        : { type: typeDef(variableKind(variable, target.type.kind)), value: undefined };
    checker.state.setVariable(name, details);
  }
}

function variableKind(variable: Exclude<ClosureInput['variables'][number], 'target'>, target: Kind): Kind {
  if (variable === 'inner_value') {
    return target.objectMembers?.reducedKind() ?? target.arrayItems?.reducedKind() ?? Kind.any();
  }
  if (typeof variable !== 'string') return variable;
  if (variable !== 'inner_key') return Kind.of(variable);
  if (!target.isCollection()) return Kind.any();
  let kind = Kind.never();
  if (target.is('object')) kind = kind.with('bytes');
  if (target.is('array')) kind = kind.with('integer');
  return kind;
}

function checkClosure(
  checker: Checker,
  node: ClosureNode,
  input: ClosureInput,
  afterArguments: Snapshot,
): CheckedClosure | undefined {
  const block = checker.block(node.block);
  if (!block) return undefined;
  for (const { name } of node.parameters) {
    const shadowed = afterArguments.locals.get(name);
    if (shadowed) checker.state.setVariable(name, shadowed);
    else checker.state.removeVariable(name);
  }
  const expected = parameterKind({ kinds: input.output });
  const found = block.type.kind.union(block.type.returns);
  if (!expected.isSuperset(found)) return checker.report(closureResult(node.block.span, expected, found));
  return { parameters: node.parameters.map(({ name }) => name), block };
}

function compileCall(
  checker: Checker,
  node: CallNode,
  definition: FunctionDefinition,
  matched: Matched,
  closure: CheckedClosure | undefined,
  before: Snapshot,
): CheckedCall | undefined {
  const call = new CallView(checker, node, definition, matched, closure, before);
  let implementation = definition.run;
  let type: TypeDef;
  try {
    if (definition.prepare) implementation = definition.prepare(call);
    type = definition.type ? definition.type(call) : declaredType(definition);
  } catch (problem) {
    if (problem instanceof CallProblem) return checker.report(refusedCall(node, problem));
    throw problem;
  }
  const isNeedless = node.abortOnError && !matched.unsure && !isFallible(type);
  if (matched.unsure || (closure && isFallible(closure.block.type))) type = fallible(type);
  if (node.abortOnError) type = fallible(type, false);
  if (matched.unsure && !node.abortOnError) checker.pending.push(wrongArgument(definition, node, matched.unsure));
  return {
    op: 'call',
    definition,
    implementation: implementation!,
    arguments: definition.parameters.map(({ name }) => matched.byName.get(name)?.value),
    closure,
    isNeedless,
    span: node.span,
    type,
    constant: undefined,
    shape: 'function call',
  };
}

function declaredType({ returns, pure }: FunctionDefinition): TypeDef {
  const type = typeDef(Kind.of(...returns.kinds), returns.fallible);
  return pure === false ? impure(type) : type;
}

/** After `del(.a)` the field is not there; unless `compact` is known, its parents may be gone as well. */
function applyDeletion(checker: Checker, { byName }: Matched): void {
  const query = queryOf(byName.get('target')!.value);
  if (!query || (query.target !== 'event' && query.target !== 'metadata')) return;
  const compact = byName.get('compact');
  const known = compact?.value.constant;
  const { state } = checker;
  const kind = state.targetKind(query.target);
  const without = (compacted: boolean): Kind => kind.remove(query.segments, compacted).kind;
  const after = typeof known === 'boolean' ? without(known) : without(false).union(without(true));
  checker.writes.push({ target: query.target, segments: query.segments });
  if (known !== false && compact && query.segments.length > 1) {
    // Its parents, up to the first, may be deleted for being empty.
    const parents = { target: query.target, segments: query.segments.slice(0, 1) };
    checker.reads.push(parents);
    checker.writes.push(parents);
  }
  if (query.target === 'metadata') state.metadata = after;
  else state.event = { type: { ...state.event.type, kind: after }, value: undefined };
}

class CallView implements Call {
  readonly span: Span;
  readonly closureType: TypeDef | undefined;
  readonly #checker: Checker;
  readonly #matched: Matched;
  readonly #before: Snapshot;

  constructor(
    checker: Checker,
    node: CallNode,
    _definition: FunctionDefinition,
    matched: Matched,
    closure: CheckedClosure | undefined,
    before: Snapshot,
  ) {
    this.span = node.span;
    this.#checker = checker;
    this.#matched = matched;
    this.#before = before;
    this.closureType = closure?.block.type;
  }

  get environment(): Call['environment'] {
    return this.#checker.options.environment;
  }

  argument(name: string): Argument | undefined {
    const given = this.#matched.byName.get(name);
    return given && argumentOf(given.value);
  }

  literal(name: string): Value | undefined {
    const argument = this.argument(name);
    if (!argument) return undefined;
    if (argument.constant !== undefined) return argument.constant;
    throw unexpectedExpression(name, argument, 'literal');
  }

  oneOf(name: string, values: readonly string[]): string | undefined {
    const value = this.literal(name);
    if (value === undefined) return undefined;
    const found = values.find((one) => equalsExact(one, value));
    if (found !== undefined) return found;
    throw new CallProblem(401, 'invalid enum variant', [
      `the argument \`${name}\` does not know ${displayValue(value)}`,
      `expected one of ${values.map((one) => `"${one}"`).join(', ')}`,
    ]);
  }

  regex(name: string): Regex | undefined {
    const constant = this.argument(name)?.constant;
    return constant instanceof Regex ? constant : undefined;
  }

  query(name: string): Argument['query'] {
    const argument = this.argument(name);
    if (!argument || argument.query) return argument?.query;
    throw unexpectedExpression(name, argument, 'query');
  }

  array(name: string): Argument['items'] {
    const argument = this.argument(name);
    if (!argument || argument.items) return argument?.items;
    throw unexpectedExpression(name, argument, 'array');
  }

  object(name: string): Argument['members'] {
    const argument = this.argument(name);
    if (!argument || argument.members) return argument?.members;
    throw unexpectedExpression(name, argument, 'object');
  }

  isReadOnly(path: Parameters<Call['isReadOnly']>[0]): boolean {
    return this.#checker.isReadOnly(path);
  }

  targetKind(target: 'event' | 'metadata'): Kind {
    return target === 'event' ? this.#before.event.type.kind : this.#before.metadata;
  }
}

function argumentOf(node: Checked): Argument {
  const written = node.shape;
  return {
    shape: written === 'noop' ? 'literal' : written,
    span: node.span,
    type: node.type,
    constant: node.constant,
    query: queryOf(node),
    items: node.op === 'array' && written === 'array' ? node.items.map(argumentOf) : undefined,
    members:
      node.op === 'object' && written === 'object'
        ? new Map(node.members.map(([key, value]) => [key, argumentOf(value)]))
        : undefined,
  };
}

function queryOf(node: Checked): Argument['query'] {
  if (node.op !== 'query' || node.shape !== 'query') return undefined;
  const { root, segments, rootKind } = node;
  if (root.kind === 'variable') return { target: 'variable', name: root.name, segments, rootKind };
  if (root.kind === 'expression') {
    return { target: root.node.op === 'call' ? 'call' : 'container', segments, rootKind };
  }
  return { target: root.kind, segments, rootKind };
}

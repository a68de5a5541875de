// The checker: from the program as written to the program with types, or to diagnostics.
//
// One pass in the order of evaluation carries a `TypeState` along. Errors that a surrounding expression may still
// handle wait in `pending`: a fallible expression puts one there, `??`, `ok, err =` and a call's `!` take it away, and
// what is left at the end of a root expression is reported.

import type { Path } from '../../event/path.ts';
import { compileStrptime } from '../../event/strptime.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { float, Regex, type Value } from '../../event/value.ts';
import { nearest } from '../../std/suggest.ts';
import type {
  AbortNode,
  ArrayNode,
  BlockNode,
  Expression,
  GroupNode,
  IfNode,
  LiteralNode,
  NotNode,
  ObjectMember,
  ObjectNode,
  OpNode,
  Predicate,
  Program,
  QueryNode,
  ReturnNode,
  TemplateNode,
  VariableNode,
} from '../1_parse/ast.ts';
import { getPath } from '../4_run/paths.ts';
import { context, type Diagnostic, primary, type Span } from '../diagnostics/diagnostic.ts';
import { compileRegex } from '../formats/regex.ts';
import type { Environment, FunctionDefinition } from '../function.ts';
import { checkAssignment } from './assignment.ts';
import { checkCall } from './call.ts';
import type { Checked, CheckedCall, QueryRoot } from './checked.ts';
import { Kind } from './kind.ts';
import { constantOperation, refuseOperator, typeOfOperator } from './operators.ts';
import { leaveScope, mergeStates, type Snapshot, TypeState, targetKey } from './state.ts';
import { atPath, isFallible, type TypeDef, typeDef, unionOf, withReturns } from './type_def.ts';

export interface CheckOptions {
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  readonly environment: Environment;
  readonly readOnly: 'all' | readonly { readonly path: Path; readonly recursive: boolean }[];
  readonly state: Snapshot;
}

export interface CheckResult {
  readonly root: Checked;
  readonly diagnostics: readonly Diagnostic[];
  readonly reads: readonly Path[];
  readonly writes: readonly Path[];
  /** Whether a call with `!` is in it, and whether an `abort`. */
  readonly fallible: boolean;
  readonly abortable: boolean;
  readonly after: Snapshot;
}

/** More errors than these help nobody. */
const ERRORS_MAX = 200;

export function check(program: Program, options: CheckOptions): CheckResult {
  const checker = new Checker(options);
  const expressions: Checked[] = [];
  for (const expression of program.expressions) {
    if (checker.diagnostics.length >= ERRORS_MAX) break;
    if (expression.type === 'error') {
      checker.diagnostics.push(expression.diagnostic);
      continue;
    }
    checker.pending.length = 0;
    const checked = checker.expression(expression);
    checker.diagnostics.push(...checker.pending);
    checker.pending.length = 0;
    if (checked) expressions.push(checked);
  }
  if (expressions.length === 0) expressions.push(noop());
  const root = sequence(expressions, { start: 0, end: 0 }, 'block');
  const { diagnostics, reads, writes, fallible, abortable, state } = checker;
  return { root, diagnostics, reads, writes, fallible, abortable, after: state.snapshot() };
}

function noop(): Checked {
  return {
    op: 'literal',
    value: null,
    span: { start: 0, end: 0 },
    type: typeDef(Kind.of('null')),
    constant: undefined,
    shape: 'noop',
  };
}

/** Expressions one after the other; the last gives the value. What comes after one that never ends can not fail. */
export function sequence(expressions: readonly Checked[], span: Span, shape: Checked['shape']): Checked {
  let fallible = false;
  let returns = Kind.never();
  let unreachable = false;
  let type: TypeDef = typeDef(Kind.of('null'));
  for (const expression of expressions) {
    type = expression.type;
    if (!unreachable && isFallible(type)) fallible = true;
    if (type.kind.isNever()) unreachable = true;
    returns = returns.union(type.returns);
  }
  type = { ...type, fallibility: fallible ? 'maybe' : 'never', returns };
  return { op: 'block', expressions, span, type, constant: undefined, shape };
}

export class Checker {
  readonly options: CheckOptions;
  readonly state: TypeState;
  readonly diagnostics: Diagnostic[] = [];
  readonly pending: Diagnostic[] = [];
  readonly reads: Path[] = [];
  readonly writes: Path[] = [];
  /** Targets whose assignment did not compile: that they are unknown is no news. */
  readonly #missing = new Set<string>();
  fallible = false;
  abortable = false;

  constructor(options: CheckOptions) {
    this.options = options;
    this.state = new TypeState(options.state);
  }

  report(diagnostic: Diagnostic): undefined {
    this.diagnostics.push(diagnostic);
    return undefined;
  }

  /** Takes back what became pending since. */
  handled(pendingBefore: number): void {
    if (this.pending.length > pendingBefore) this.pending.length = pendingBefore;
  }

  isReadOnly(path: Path): boolean {
    const { readOnly } = this.options;
    if (readOnly === 'all') return true;
    return readOnly.some(({ path: fixed, recursive }) => {
      if (fixed.target !== path.target) return false;
      if (startsWith(fixed, path)) return true;
      return recursive ? startsWith(path, fixed) : false;
    });
  }

  /** The undefined result means that an error was reported. */
  expression(node: Expression): Checked | undefined {
    const pendingBefore = this.pending.length;
    const checked = this.#expression(node);
    if (checked && isFallible(checked.type) && this.pending.length === pendingBefore) {
      this.pending.push(unhandledError(node.span));
    }
    return checked;
  }

  #expression(node: Expression): Checked | undefined {
    switch (node.type) {
      case 'literal':
        return this.#literal(node);
      case 'template':
        return this.#template(node);
      case 'group':
        return this.#group(node);
      case 'block':
        return this.block(node);
      case 'array':
        return this.#array(node);
      case 'object':
        return this.#object(node);
      case 'if':
        return this.#if(node);
      case 'op':
        return this.operation(node);
      case 'not':
        return this.#not(node);
      case 'assignment':
        return checkAssignment(this, node);
      case 'query':
        return this.#query(node);
      case 'call':
        return this.call(node);
      case 'variable':
        return this.variable(node);
      case 'abort':
        return this.#abort(node);
      case 'return':
        return this.#return(node);
    }
  }

  call(node: Extract<Expression, { type: 'call' }>): CheckedCall | undefined {
    return checkCall(this, node, true);
  }

  #literal({ literal, span }: LiteralNode): Checked | undefined {
    const value = this.#literalValue(literal, span);
    if (value === undefined) return undefined;
    const kind = Kind.of(LITERAL_KINDS[literal.kind]);
    return { op: 'literal', value, span, type: typeDef(kind), constant: value, shape: 'literal' };
  }

  #literalValue(literal: LiteralNode['literal'], span: Span): Value | undefined {
    switch (literal.kind) {
      case 'null':
        return null;
      case 'float':
        return float(literal.value);
      case 'regex': {
        const compiled = compileRegex(literal.value);
        if (typeof compiled !== 'string') return new Regex(literal.value);
        return this.report({
          severity: 'error',
          code: 101,
          message: 'invalid regular expression',
          labels: [primary(compiled, span)],
          notes: [],
        });
      }
      case 'timestamp': {
        // Trailing spaces are taken here, and by no format.
        const timestamp = RFC3339.readZoned(literal.value.trimEnd());
        if (timestamp instanceof Timestamp) return timestamp;
        return this.report({
          severity: 'error',
          code: 601,
          message: 'invalid timestamp',
          labels: [primary('this is not an RFC 3339 time', span)],
          notes: ["hint: write it like t'2024-05-17T13:45:00Z' or t'2024-05-17T13:45:00.123+02:00'"],
        });
      }
      default:
        return literal.value;
    }
  }

  /** A template is the concatenation of its parts. */
  #template(node: TemplateNode): Checked | undefined {
    let whole: Expression | undefined;
    for (const part of node.parts) {
      const next: Expression =
        part.type === 'text'
          ? { type: 'literal', span: part.span, literal: { kind: 'raw_string', value: part.value } }
          : { type: 'variable', span: part.span, name: part.name };
      const span = { start: whole?.span.start ?? 0, end: part.span.end };
      whole =
        whole === undefined
          ? next
          : { type: 'op', span, left: whole, operator: '+', operatorSpan: part.span, right: next };
    }
    return this.expression(whole!.type === 'op' ? { ...whole!, span: node.span } : whole!);
  }

  #group(node: GroupNode): Checked | undefined {
    const inner = this.expression(node.inner);
    return inner && { ...inner, shape: 'group' };
  }

  block(node: BlockNode): Checked | undefined {
    const { locals } = this.state;
    const expressions = this.#all(node.expressions);
    if (!expressions) return undefined;
    this.state.locals = leaveScope(locals, this.state.locals);
    return sequence(expressions, node.span, 'block');
  }

  #all(nodes: readonly Expression[]): Checked[] | undefined {
    const checked: Checked[] = [];
    for (const node of nodes) {
      const one = this.expression(node);
      if (!one) return undefined;
      checked.push(one);
    }
    return checked;
  }

  #array(node: ArrayNode): Checked | undefined {
    const items = this.#all(node.items);
    if (!items) return undefined;
    const constants = items.map(({ constant }) => constant);
    return {
      op: 'array',
      items,
      span: node.span,
      type: typeOfContainer(items, (kinds) => Kind.arrayOf(kinds)),
      constant: constants.includes(undefined) ? undefined : (constants as Value[]),
      shape: 'array',
    };
  }

  /** Members are checked as written and evaluated in the order of their names; of a name written twice the last counts. */
  #object(node: ObjectNode): Checked | undefined {
    const written = node.written.map((member) => [member, this.expression(member.value)] as const);
    if (written.some(([, value]) => value === undefined)) return undefined;
    const byMember = new Map(written as (readonly [ObjectMember, Checked])[]);
    const members = node.members.map((member) => [member.key, byMember.get(member)!] as const);
    const constant = members.some(([, value]) => value.constant === undefined)
      ? undefined
      : Object.fromEntries(members.map(([key, value]) => [key, value.constant!]));
    const values = members.map(([, value]) => value);
    const type = typeOfContainer(values, (kinds) =>
      Kind.objectOf(Object.fromEntries(members.map(([key], index) => [key, kinds[index]!]))),
    );
    return { op: 'object', members, span: node.span, type, constant, shape: 'object' };
  }

  #if(node: IfNode): Checked | undefined {
    const predicate = this.#predicate(node.predicate);
    if (!predicate) return undefined;
    const afterPredicate = this.state.snapshot();
    const then = this.block(node.then);
    if (!then) return undefined;
    const afterThen = this.state.snapshot();
    let otherwise: Checked | undefined;
    let afterOtherwise = afterPredicate;
    if (node.otherwise) {
      this.state.restore(afterPredicate);
      otherwise = this.block(node.otherwise);
      if (!otherwise) return undefined;
      afterOtherwise = this.state.snapshot();
    }
    this.state.restore(mergeStates(afterThen, afterOtherwise));
    const both = otherwise ? unionOf(then.type, otherwise.type) : { ...then.type, kind: then.type.kind.with('null') };
    const type = withReturns(both, both.returns.union(predicate.type.returns));
    return { op: 'if', predicate, then, otherwise, span: node.span, type, constant: undefined, shape: 'if-statement' };
  }

  #predicate({ span, expressions }: Predicate): Checked | undefined {
    const pendingBefore = this.pending.length;
    const checked = this.#all(expressions);
    const unhandled = this.pending[pendingBefore];
    this.handled(pendingBefore);
    if (!checked) return undefined;
    if (unhandled) return this.report({ ...unhandled, message: 'fallible predicate: the condition can fail' });
    const block = sequence(checked, span, 'block');
    if (block.type.kind.is('boolean')) return block;
    return this.report({
      severity: 'error',
      code: 102,
      message: 'non-boolean predicate',
      labels: [primary('this must be a boolean', span), context(`it is ${block.type.kind}`, span)],
      notes: ['hint: compare it (`.a != null`, `.a == "x"`), or coerce it with `bool!(…)` or `to_bool(…)`'],
    });
  }

  operation(node: OpNode): Checked | undefined {
    const pendingBefore = this.pending.length;
    const left = this.expression(node.left);
    if (!left) return undefined;
    if (node.operator === '??') this.handled(pendingBefore);
    const afterLeft = this.state.snapshot();
    const right = this.expression(node.right);
    if (!right) return undefined;
    const refused = refuseOperator(node, left, right);
    if (refused) {
      this.handled(pendingBefore);
      return this.report(refused);
    }
    const type = typeOfOperator(left, node.operator, right, afterLeft, this.state);
    if (!isFallible(type)) this.handled(pendingBefore);
    const constant = constantOperation(node.operator, left.constant, right.constant);
    return { op: 'binary', operator: node.operator, left, right, span: node.span, type, constant, shape: 'operation' };
  }

  #not(node: NotNode): Checked | undefined {
    const inner = this.expression(node.inner);
    if (!inner) return undefined;
    if (!inner.type.kind.is('boolean')) {
      return this.report({
        severity: 'error',
        code: 660,
        message: 'non-boolean negation',
        labels: [
          primary('this negates', node.bangSpan),
          context(`a value that is ${inner.type.kind}`, node.inner.span),
        ],
        notes: ['hint: coerce it with `bool!(…)` or `to_bool(…)`, or compare it'],
      });
    }
    const type = withReturns(typeDef(Kind.of('boolean'), isFallible(inner.type)), inner.type.returns);
    return { op: 'not', inner, span: node.span, type, constant: undefined, shape: 'unary operation' };
  }

  #query(node: QueryNode): Checked | undefined {
    const { target, segments, span } = node;
    if (target.type === 'event' || target.type === 'metadata') {
      if (this.#missing.has(targetKey(target.type, undefined, segments))) return undefined;
      this.reads.push({ target: target.type, segments });
      const rootKind = this.state.targetKind(target.type);
      const type = typeDef(rootKind.atPath(segments));
      const root = { kind: target.type };
      return { op: 'query', root, rootKind, segments, span, type, constant: undefined, shape: 'query' };
    }
    const found = this.#queryRoot(node);
    if (!found) return undefined;
    const { root, checked } = found;
    const type = atPath(checked.type, segments);
    const isVariable = root.kind === 'variable' && checked.constant !== undefined;
    const constant = isVariable ? getPath(checked.constant!, segments) : undefined;
    return { op: 'query', root, rootKind: checked.type.kind, segments, span, type, constant, shape: 'query' };
  }

  #queryRoot({ target, segments }: QueryNode): { readonly root: QueryRoot; readonly checked: Checked } | undefined {
    if (target.type === 'variable') {
      if (this.#missing.has(targetKey('variable', target.name, segments))) return undefined;
      const checked = this.variable({ type: 'variable', span: target.span, name: target.name });
      return checked && { root: { kind: 'variable', name: target.name }, checked };
    }
    const checked =
      target.type === 'call'
        ? checkCall(this, target.call, false)
        : target.type === 'container'
          ? this.#container(target.container)
          : undefined;
    return checked && { root: { kind: 'expression', node: checked }, checked };
  }

  #container(node: GroupNode | BlockNode | ArrayNode | ObjectNode): Checked | undefined {
    return this.#expression(node);
  }

  variable(node: VariableNode): Checked | undefined {
    if (this.#missing.has(targetKey('variable', node.name, []))) return undefined;
    const details = this.state.locals.get(node.name);
    if (details) {
      const { type, value } = details;
      return { op: 'variable', name: node.name, span: node.span, type, constant: value, shape: 'variable call' };
    }
    const guess = nearest(node.name, [...this.state.locals.keys(), 'null', 'true', 'false']);
    return this.report({
      severity: 'error',
      code: 701,
      message: `call to undefined variable \`${node.name}\``,
      labels: [
        primary('undefined variable', node.span),
        ...(guess === undefined ? [] : [context(`did you mean \`${guess}\`?`, node.span)]),
      ],
      notes: [`hint: a field of the event is written with a dot: \`.${node.name}\``],
    });
  }

  #abort(node: AbortNode): Checked | undefined {
    this.abortable = true;
    const pendingBefore = this.pending.length;
    const message = node.message && this.expression(node.message);
    this.handled(pendingBefore);
    if (node.message && !message) return undefined;
    if (message && isFallible(message.type)) return this.report(fallibleIn('abort', node.message!.span));
    if (message && !message.type.kind.is('bytes')) {
      return this.report({
        severity: 'error',
        code: 113,
        message: 'non-string abort message',
        labels: [primary(`this is ${message.type.kind}`, node.message!.span)],
        notes: ['hint: coerce it with `to_string(…)` or `string!(…)`'],
      });
    }
    const returns = message?.type.returns ?? Kind.never();
    const type = withReturns(typeDef(Kind.never()), returns);
    return { op: 'abort', message, span: node.span, type, constant: undefined, shape: 'abort operation' };
  }

  #return(node: ReturnNode): Checked | undefined {
    const pendingBefore = this.pending.length;
    const value = this.expression(node.value);
    this.handled(pendingBefore);
    if (!value) return undefined;
    if (isFallible(value.type)) {
      const { start } = node.span;
      return this.report(fallibleIn('return', { start, end: start + 'return'.length }));
    }
    const type = withReturns(typeDef(Kind.never()), value.type.kind);
    return { op: 'return', value, span: node.span, type, constant: undefined, shape: 'return' };
  }

  /** The value of an assignment to this target did not compile. */
  missing(key: string): void {
    this.#missing.add(key);
  }
}

function startsWith(path: Path, prefix: Path): boolean {
  return (
    path.target === prefix.target &&
    prefix.segments.length <= path.segments.length &&
    prefix.segments.every((segment, index) => segment === path.segments[index])
  );
}

const RFC3339 = compileStrptime('%+');

const LITERAL_KINDS = {
  string: 'bytes',
  raw_string: 'bytes',
  integer: 'integer',
  float: 'float',
  boolean: 'boolean',
  null: 'null',
  regex: 'regex',
  timestamp: 'timestamp',
} as const;

/** The type of an array or object written out: fallible when an item is, and never when an item never ends. */
function typeOfContainer(items: readonly Checked[], kindOf: (kinds: readonly Kind[]) => Kind): TypeDef {
  let fallible = false;
  let returns = Kind.never();
  const kinds: Kind[] = [];
  for (const { type } of items) {
    returns = returns.union(type.returns);
    fallible ||= isFallible(type);
    if (type.kind.isNever()) return withReturns(typeDef(Kind.never(), fallible), returns);
    kinds.push(type.kind.upgradeUndefined());
  }
  return withReturns(typeDef(kindOf(kinds), fallible), returns);
}

function unhandledError(span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 100,
    message: 'unhandled error',
    labels: [primary('this expression can fail at run time', span), context('say what happens then', span)],
    notes: ['hint: give a default with `… ?? default`, take the error with `result, err = …`, or stop with `f!(…)`'],
  };
}

function fallibleIn(what: 'abort' | 'return', span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 631,
    message: `unhandled fallible expression after \`${what}\``,
    labels: [
      primary('this expression can fail at run time', span),
      context(`handle its error before \`${what}\` uses it`, span),
    ],
    notes: ['hint: give a default with `… ?? default`, or stop with `f!(…)`'],
  };
}

// The types of operators, and their complaints.

import { toNumber, type Value } from '../../event/value.ts';
import type { Operator, OpNode } from '../1_parse/ast.ts';
import { Failure } from '../4_run/failure.ts';
import { add, divide, multiply, subtract } from '../4_run/operators.ts';
import { context, type Diagnostic, primary } from '../diagnostics/diagnostic.ts';
import type { Checked } from './checked.ts';
import { Kind } from './kind.ts';
import { mergeStates, type Snapshot, type TypeState } from './state.ts';
import { fallible, fallibleUnless, isFallible, mergeOf, type TypeDef, typeDef, unionOf, withKind } from './type_def.ts';

const COMPARISONS: ReadonlySet<Operator> = new Set<Operator>(['==', '!=', '<', '<=', '>', '>=']);
const NUMBER = Kind.of('integer', 'float');
const BOOLEAN = Kind.of('boolean');
const BOOLEAN_OR_NULL = Kind.of('boolean', 'null');
const TEXT_OR_NULL = Kind.of('bytes', 'null');

/** What is wrong with using the operator on these operands at all. */
export function refuseOperator(node: OpNode, left: Checked, right: Checked): Diagnostic | undefined {
  const { operator, operatorSpan } = node;
  if (
    COMPARISONS.has(operator) &&
    left.op === 'binary' &&
    left.shape === 'operation' &&
    COMPARISONS.has(left.operator)
  ) {
    return {
      severity: 'error',
      code: 650,
      message: "comparison operators can't be chained together",
      labels: [primary('this compares the result of another comparison', operatorSpan)],
      notes: ['hint: say both: `a < b && b < c`; or put one comparison in parentheses'],
    };
  }
  if (operator === '??' && !isFallible(left.type)) {
    return {
      severity: 'error',
      code: 651,
      message: 'unnecessary error coalescing operation',
      labels: [
        primary('this expression can not fail', node.left.span),
        context('so this is never used', node.right.span),
        context('remove this operator and what follows it', operatorSpan),
      ],
      notes: ['hint: `??` handles errors; to replace `null`, use `||`'],
    };
  }
  if (operator === '|') {
    const sides = [
      { type: left.type, span: node.left.span },
      { type: right.type, span: node.right.span },
    ];
    const wrong = sides.filter(({ type }) => !type.kind.is('object'));
    if (wrong.length > 0) {
      return {
        severity: 'error',
        code: 652,
        message: 'only objects can be merged',
        labels: wrong.map(({ span, type }) => primary(`this must be an object, and is ${type.kind}`, span)),
        notes: ['hint: `object!(…)` makes sure at run time'],
      };
    }
  }
  return undefined;
}

/** The constant of an arithmetic operation on constant numbers. */
export function constantOperation(
  operator: Operator,
  left: Value | undefined,
  right: Value | undefined,
): Value | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (toNumber(left) === undefined || toNumber(right) === undefined) return undefined;
  const result = calculate(operator, left, right);
  return result === undefined || result instanceof Failure ? undefined : result;
}

function calculate(operator: Operator, left: Value, right: Value): Value | Failure | undefined {
  switch (operator) {
    case '+':
      return add(left, right);
    case '-':
      return subtract(left, right);
    case '*':
      return multiply(left, right);
    case '/':
      return divide(left, right);
    default:
      return undefined;
  }
}

function givesNan(operator: Operator, left: Value | undefined, right: Value | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  if (toNumber(left) === undefined || toNumber(right) === undefined) return false;
  const result = calculate(operator, left, right);
  return result instanceof Failure && result.message.includes('NaN');
}

/**
 * The type of `left operator right`. The state is the one after both; where the right side may not run, it becomes what
 * is known either way.
 */
export function typeOfOperator(
  left: Checked,
  operator: Operator,
  right: Checked,
  afterLeft: Snapshot,
  state: TypeState,
): TypeDef {
  const maybeRight = (): TypeDef => {
    state.restore(mergeStates(afterLeft, state.snapshot()));
    return right.type;
  };
  switch (operator) {
    case '??': {
      const both = isFallible(left.type) && isFallible(right.type);
      return fallible(unionOf(left.type, maybeRight()), both);
    }
    case '||':
      return typeOfOr(left, right, afterLeft, state, maybeRight);
    case '&&':
      return typeOfAnd(left, right, afterLeft, state, maybeRight);
    case '|':
      return mergeOf(left.type, right.type);
    case '==':
    case '!=':
      return withKind(unionOf(left.type, right.type), BOOLEAN);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return typeOfComparison(left.type, right.type);
    case '/':
      return typeOfDivision(left.type, right.constant);
    default:
      return typeOfArithmetic(operator, left, right);
  }
}

function typeOfOr(
  left: Checked,
  right: Checked,
  afterLeft: Snapshot,
  state: TypeState,
  maybeRight: () => TypeDef,
): TypeDef {
  const { kind } = left.type;
  if (kind.is('null') || left.constant === false) return right.type;
  if (!(kind.contains('null') || kind.contains('boolean')) || left.constant === true) {
    state.restore(afterLeft);
    return left.type;
  }
  return unionOf(withKind(left.type, kind.without('null')), maybeRight());
}

function typeOfAnd(
  left: Checked,
  right: Checked,
  afterLeft: Snapshot,
  state: TypeState,
  maybeRight: () => TypeDef,
): TypeDef {
  if (left.type.kind.is('null') || left.constant === false) {
    state.restore(afterLeft);
    return typeDef(BOOLEAN);
  }
  if (left.constant === true) return withKind(right.type, BOOLEAN);
  const both = unionOf(fallibleUnless(left.type, BOOLEAN_OR_NULL), fallibleUnless(maybeRight(), BOOLEAN_OR_NULL));
  return withKind(both, BOOLEAN);
}

function typeOfComparison(left: TypeDef, right: TypeDef): TypeDef {
  const alike =
    (left.kind.is('bytes') && right.kind.is('bytes')) || (left.kind.is('timestamp') && right.kind.is('timestamp'));
  const both = alike ? unionOf(left, right) : unionOf(fallibleUnless(left, NUMBER), fallibleUnless(right, NUMBER));
  return withKind(both, BOOLEAN);
}

/** Division can not fail by a constant that is a normal number, of a number that is certainly one kind. */
function typeOfDivision(left: TypeDef, divisor: Value | undefined): TypeDef {
  const value = divisor === undefined ? undefined : toNumber(divisor);
  const safe = value !== undefined && (left.kind.is('float') || left.kind.is('integer')) && isNormal(divisor!, value);
  return typeDef(Kind.of('float'), !safe);
}

const SMALLEST_NORMAL = 2.2250738585072014e-308;

function isNormal(divisor: Value, value: number): boolean {
  if (typeof divisor === 'bigint') return true;
  if (typeof divisor === 'number' && Number.isInteger(divisor)) return divisor !== 0;
  return Number.isFinite(value) && Math.abs(value) >= SMALLEST_NORMAL;
}

function typeOfArithmetic(operator: Operator, left: Checked, right: Checked): TypeDef {
  const a = left.type;
  const b = right.type;
  const either = (name: 'bytes' | 'float'): boolean => a.kind.is(name) || b.kind.is(name);
  if (operator === '+' && either('bytes')) {
    return withKind(unionOf(fallibleUnless(a, TEXT_OR_NULL), fallibleUnless(b, TEXT_OR_NULL)), Kind.of('bytes'));
  }
  if (either('float')) {
    const type = withKind(unionOf(fallibleUnless(a, NUMBER), fallibleUnless(b, NUMBER)), Kind.of('float'));
    return givesNan(operator, left.constant, right.constant) ? fallible(type) : type;
  }
  if (a.kind.is('integer') && b.kind.is('integer')) return withKind(unionOf(a, b), Kind.of('integer'));
  const repeats = (text: TypeDef, times: TypeDef): boolean => text.kind.is('bytes') && times.kind.is('integer');
  if (operator === '*' && (repeats(a, b) || repeats(b, a))) return withKind(unionOf(a, b), Kind.of('bytes'));
  const kind = operator === '-' ? NUMBER : Kind.of('bytes', 'integer', 'float');
  return withKind(fallible(unionOf(a, b)), kind);
}

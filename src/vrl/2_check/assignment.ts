// Assignments: what they do to what is known, and their complaints.

import type { Segment } from '../../event/path.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { float, Regex, type Value } from '../../event/value.ts';
import type { AssignmentNode, AssignmentTarget, Expression, OpNode } from '../1_parse/ast.ts';
import { formatExpression, formatTarget } from '../1_parse/format.ts';
import { context, type Diagnostic, primary, type Span } from '../diagnostics/diagnostic.ts';
import type { Checker } from './check.ts';
import type { Checked, CheckedTarget } from './checked.ts';
import { Kind } from './kind.ts';
import { targetKey } from './state.ts';
import { fallible, impure, isFallible, type TypeDef, typeDef, unionOf, withInserted } from './type_def.ts';

const TEXT_OR_NULL = Kind.of('bytes', 'null');

/** `target = value`, `target |= value` and both with an error target. */
export function checkAssignment(checker: Checker, node: AssignmentNode): Checked | undefined {
  const pendingBefore = checker.pending.length;
  const value = node.operator === '|=' ? merged(checker, node) : checker.expression(node.value);
  if (!value) {
    if (node.operator === '=') for (const target of [node.target, node.errorTarget]) markMissing(checker, target);
    return undefined;
  }
  const unhandled = checker.pending[pendingBefore];
  checker.handled(pendingBefore);
  return node.errorTarget
    ? assignEither(checker, node, node.errorTarget, value)
    : assignOne(checker, node, value, unhandled);
}

/** `t |= e` means `t = t | e`. */
function merged(checker: Checker, node: AssignmentNode): Checked | undefined {
  const { span } = node.value;
  const operation: OpNode = {
    type: 'op',
    span,
    left: asExpression(node.target, span),
    operator: '|',
    operatorSpan: span,
    right: node.value,
  };
  return checker.operation(operation);
}

/** The target as it is read; of a variable that is not there, the value's span tells. */
function asExpression(target: AssignmentTarget, valueSpan: Span): Expression {
  const { span } = target;
  if (target.type === 'noop') return { type: 'literal', span, literal: { kind: 'null' } };
  if (target.type === 'variable') {
    const root = { type: 'variable', span: valueSpan, name: target.name } as const;
    return { type: 'query', span, target: root, segments: [], pathSpan: valueSpan };
  }
  return { ...target.query, span };
}

function markMissing(checker: Checker, target: AssignmentTarget | undefined): void {
  if (target?.type === 'variable') checker.missing(targetKey('variable', target.name, []));
  if (target?.type !== 'query') return;
  const { query } = target;
  const name = query.target.type === 'variable' ? query.target.name : undefined;
  checker.missing(targetKey(query.target.type, name, query.segments));
}

function assignOne(
  checker: Checker,
  node: AssignmentNode,
  value: Checked,
  unhandled: Diagnostic | undefined,
): Checked | undefined {
  const written = node.target;
  const valueSpan = node.value.span;
  const span = { start: written.span.start, end: Math.max(written.span.start, valueSpan.start - 1) };
  if (unhandled) return checker.report(fallibleAssignment(node, span, unhandled));
  if (written.type === 'noop') return checker.report(uselessAssignment(written.span, valueSpan, span));
  const target = resolveTarget(checker, written);
  if (!target) return undefined;
  const wrong = refuseTarget(checker, target, written, node, span);
  if (wrong) return checker.report(wrong);
  const type = impure(value.type);
  recordWrite(checker, target);
  putType(checker, target, type, value.constant);
  return {
    op: 'assign',
    target,
    error: undefined,
    value,
    span: node.span,
    type,
    constant: undefined,
    shape: 'assignment',
  };
}

function assignEither(
  checker: Checker,
  node: AssignmentNode,
  errorTarget: AssignmentTarget,
  value: Checked,
): Checked | undefined {
  const written = node.target;
  const span = { start: written.span.start, end: errorTarget.span.end };
  if (!isFallible(value.type)) return checker.report(needlessError(node, errorTarget));
  if (written.type === 'noop' && errorTarget.type === 'noop') {
    return checker.report(uselessAssignment(written.span, node.value.span, span));
  }
  const ok = resolveTarget(checker, written);
  if (!ok) return undefined;
  const wrongOk = refuseTarget(checker, ok, written, node, written.span);
  if (wrongOk) return checker.report(wrongOk);
  const error = resolveTarget(checker, errorTarget);
  if (!error) return undefined;
  const wrongError = refuseTarget(checker, error, errorTarget, node, errorTarget.span);
  if (wrongError) return checker.report(wrongError);
  const fallback = defaultOf(value.type.kind);
  recordWrite(checker, ok);
  recordWrite(checker, error);
  putType(checker, ok, fallible(unionOf(value.type, typeDef(Kind.fromValue(fallback))), false), value.constant);
  putType(checker, error, typeDef(TEXT_OR_NULL), undefined);
  const infallible = impure(fallible(value.type, false));
  const type = { ...infallible, kind: infallible.kind.with('bytes') };
  return {
    op: 'assign',
    target: ok,
    error: { target: error, fallback },
    value,
    span: node.span,
    type,
    constant: undefined,
    shape: 'assignment',
  };
}

function resolveTarget(checker: Checker, written: AssignmentTarget): CheckedTarget | undefined {
  if (written.type === 'noop') return { kind: 'noop' };
  if (written.type === 'variable') return { kind: 'variable', name: written.name, segments: [] };
  const { target, segments, pathSpan } = written.query;
  if (target.type === 'variable') return { kind: 'variable', name: target.name, segments };
  if (target.type === 'event' || target.type === 'metadata') return { kind: target.type, segments };
  return checker.report({
    severity: 'error',
    code: 641,
    message: 'invalid assignment target',
    labels: [primary('not a variable or a path', { start: target.span.start, end: pathSpan.end })],
    notes: ['hint: assign to a variable first'],
  });
}

/** What is known of the target once a value of that type is in it. */
function putType(checker: Checker, target: CheckedTarget, type: TypeDef, value: Value | undefined): void {
  const { state } = checker;
  if (target.kind === 'variable') {
    const known = state.locals.get(target.name)?.type ?? typeDef(Kind.never());
    state.setVariable(target.name, { type: withInserted(known, target.segments, type), value });
  } else if (target.kind === 'event') {
    state.event = { type: withInserted(state.event.type, target.segments, type), value };
  } else if (target.kind === 'metadata') {
    state.metadata = state.metadata.insert(target.segments, type.kind);
  }
}

function recordWrite(checker: Checker, target: CheckedTarget): void {
  if (target.kind === 'event' || target.kind === 'metadata') {
    checker.writes.push({ target: target.kind, segments: target.segments });
  }
}

/** What is wrong with writing there: it is read-only, or a part of the path can not be an object or array. */
function refuseTarget(
  checker: Checker,
  target: CheckedTarget,
  written: AssignmentTarget,
  node: AssignmentNode,
  readOnlySpan: Span,
): Diagnostic | undefined {
  if (target.kind === 'noop') return undefined;
  if (target.kind !== 'variable' && checker.isReadOnly({ target: target.kind, segments: target.segments })) {
    return {
      severity: 'error',
      code: 315,
      message: 'mutation of read-only value',
      labels: [primary(`\`${formatTarget(written)}\` can not be changed here`, readOnlySpan)],
      notes: [],
    };
  }
  return refuseParent(checker, target, written.span, node);
}

function refuseParent(
  checker: Checker,
  target: Extract<CheckedTarget, { segments: unknown }>,
  span: Span,
  node: AssignmentNode,
): Diagnostic | undefined {
  const root =
    target.kind === 'variable'
      ? (checker.state.locals.get(target.name)?.type.kind ?? Kind.any())
      : checker.state.event.type.kind;
  let parentEnd = span.end;
  for (let length = target.segments.length - 1; length >= 0; length--) {
    const segment = target.segments[length]!;
    const parent = root.atPath(target.segments.slice(0, length));
    const isField = typeof segment === 'string';
    const start = Math.max(0, parentEnd - byteLength(isField ? formatPathSegment(segment) : `[${segment}]`));
    const segmentSpan = { start, end: parentEnd };
    parentEnd = isField ? Math.max(0, start - 1) : start;
    if (isField ? parent.contains('object') : parent.contains('array')) continue;
    return badParent(target, length, parent, { start: span.start, end: parentEnd }, segmentSpan, node);
  }
  return undefined;
}

function badParent(
  target: Extract<CheckedTarget, { segments: unknown }>,
  length: number,
  parent: Kind,
  parentSpan: Span,
  segmentSpan: Span,
  node: AssignmentNode,
): Diagnostic {
  const isField = typeof target.segments[length] === 'string';
  const before = writtenPath(target, target.segments.slice(0, length));
  const whole = writtenPath(target, target.segments);
  return {
    severity: 'error',
    code: 642,
    message: 'parent path segment rejects this mutation',
    labels: [
      primary(
        isField ? 'a field of something that is no object' : 'an item of something that is no array',
        segmentSpan,
      ),
      context(`this is ${parent}`, parentSpan),
    ],
    notes: [
      `hint: make it ${isField ? 'an object' : 'an array'} first:`,
      `    ${before} = ${isField ? '{}' : '[]'}`,
      `    ${whole} = ${formatExpression(node.value)}`,
    ],
  };
}

function writtenPath(target: Extract<CheckedTarget, { segments: unknown }>, segments: readonly Segment[]): string {
  const root = target.kind === 'variable' ? target.name : target.kind === 'event' ? '.' : '%';
  let text = root;
  for (const segment of segments) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else text += `${text === '.' || text === '%' ? '' : '.'}${formatPathSegment(segment)}`;
  }
  return text;
}

const BARE_FIELD = /^[A-Za-z0-9_@]+$/;

/** A field name as a path shows it. */
function formatPathSegment(name: string): string {
  return BARE_FIELD.test(name) ? name : JSON.stringify(name);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** What the `ok` of `ok, err = …` becomes on an error. */
function defaultOf(kind: Kind): Value {
  if (kind.is('bytes')) return '';
  if (kind.is('integer')) return 0;
  if (kind.is('float')) return float(0);
  if (kind.is('boolean')) return false;
  if (kind.is('timestamp')) return new Timestamp(0, 0);
  if (kind.is('regex')) return new Regex('');
  if (kind.is('array')) return [];
  return kind.is('object') ? {} : null;
}

function fallibleAssignment(node: AssignmentNode, span: Span, unhandled: Diagnostic): Diagnostic {
  const value = formatExpression(node.value);
  const target = formatTarget(node.target);
  const why = unhandled.code === 110 ? unhandled.labels.map(({ message }) => message).join(', ') : undefined;
  return {
    severity: 'error',
    code: 103,
    message: 'unhandled fallible assignment',
    labels: [
      primary(why === undefined ? 'this expression can fail at run time' : `this can fail: ${why}`, node.value.span),
      context(`take the error as well: \`${target}, err = ${value}\``, span),
    ],
    notes: [
      `hint: or give a default: \`${target} = ${value} ?? …\``,
      ...(node.value.type === 'call' && !node.value.abortOnError
        ? [`hint: or stop on the error: \`${target} = ${value.replace('(', '!(')}\``]
        : []),
    ],
  };
}

function uselessAssignment(target: Span, value: Span, assignment: Span): Diagnostic {
  return {
    severity: 'error',
    code: 640,
    message: 'unnecessary no-op assignment',
    labels: [
      primary('the value goes nowhere', value),
      context('assign to a variable or a path', target),
      context('or remove the assignment', assignment),
    ],
    notes: [],
  };
}

function needlessError(node: AssignmentNode, errorTarget: AssignmentTarget): Diagnostic {
  return {
    severity: 'error',
    code: 104,
    message: 'unnecessary error assignment',
    labels: [
      primary('this is never set', errorTarget.span),
      context('because this expression can not fail', node.value.span),
      context(`write \`${formatTarget(node.target)} = ${formatExpression(node.value)}\``, node.target.span),
    ],
    notes: [],
  };
}

// What is said about calls that can not be.

import { nearest } from '../../std/suggest.ts';
import type { ArgumentNode, CallNode, ClosureNode } from '../1_parse/ast.ts';
import { formatExpression } from '../1_parse/format.ts';
import { context, type Diagnostic, primary, type Span } from '../diagnostics/diagnostic.ts';
import { type Argument, CallProblem, type FunctionDefinition } from '../function.ts';
import type { Kind } from './kind.ts';
import { type Given, parameterKind } from './parameter.ts';

export function undefinedFunction(node: CallNode, names: Iterable<string>): Diagnostic {
  const guess = nearest(node.name, names);
  return {
    severity: 'error',
    code: 105,
    message: `call to undefined function \`${node.name}\``,
    labels: [
      primary('undefined function', node.nameSpan),
      ...(guess === undefined ? [] : [context(`did you mean \`${guess}\`?`, node.nameSpan)]),
    ],
    notes: [],
  };
}

export function tooMany(node: CallNode, most: number): Diagnostic {
  const span = { start: node.arguments[0]!.span.start, end: node.arguments.at(-1)!.span.end };
  return {
    severity: 'error',
    code: 106,
    message: 'wrong number of function arguments',
    labels: [primary(`\`${node.name}\` takes ${most === 0 ? 'none' : `at most ${most}`}`, span)],
    notes: [],
  };
}

export function unknownKeyword({ parameters }: FunctionDefinition, node: CallNode, argument: ArgumentNode): Diagnostic {
  const names = parameters.map((parameter) => parameter.name);
  const guess = nearest(argument.keyword ?? '', names);
  return {
    severity: 'error',
    code: 108,
    message: `unknown function argument keyword \`${argument.keyword}\``,
    labels: [
      primary(
        guess === undefined ? 'unknown parameter' : `did you mean \`${guess}\`?`,
        argument.keywordSpan ?? argument.span,
      ),
      context(
        names.length > 0 ? `it takes ${names.map((one) => `\`${one}\``).join(', ')}` : 'it takes none',
        node.nameSpan,
      ),
    ],
    notes: [],
  };
}

export function missingArgument({ name, parameters }: FunctionDefinition, span: Span, position: number): Diagnostic {
  const parameter = parameters[position]!;
  return {
    severity: 'error',
    code: 107,
    message: 'missing function argument',
    labels: [primary(`\`${name}\` needs \`${parameter.name}\` (argument ${position + 1})`, span)],
    notes: [`\`${parameter.name}\`: ${parameter.doc}`],
  };
}

function describeKind(kind: Kind): string {
  if (kind.isAny()) return 'anything';
  return kind.isExact() ? `${kind}` : `one of ${kind}`;
}

const GUARDS = ['bytes', 'integer', 'float', 'boolean', 'object', 'array', 'timestamp'] as const;
const GUARD_NAMES = {
  bytes: 'string',
  integer: 'int',
  float: 'float',
  boolean: 'bool',
  object: 'object',
  array: 'array',
  timestamp: 'timestamp',
};
const COERCIONS: Readonly<Record<string, string>> = {
  bytes: 'to_string',
  integer: 'to_int',
  float: 'to_float',
  boolean: 'to_bool',
};

export function wrongArgument(
  definition: FunctionDefinition,
  node: CallNode,
  { parameter, node: argument, value }: Given,
): Diagnostic {
  const expected = parameterKind(parameter);
  const written = formatExpression(argument.value);
  const guard = GUARDS.find((name) => expected.is(name));
  const couldBe = expected.intersects(value.type.kind);
  const notes: string[] = [];
  if (guard !== undefined) {
    if (couldBe) notes.push(`hint: make sure of the kind at run time: \`${GUARD_NAMES[guard]}!(${written})\``);
    const coercion = COERCIONS[guard];
    if (coercion !== undefined) notes.push(`hint: or coerce it: \`${coercion}(${written}) ?? …\``);
  }
  if (couldBe && !node.abortOnError) notes.push(`hint: or stop when it is of another kind: \`${definition.name}!(…)\``);
  return {
    severity: 'error',
    code: 110,
    message: couldBe ? 'possibly invalid argument type' : 'invalid argument type',
    labels: [
      primary(`this is ${describeKind(value.type.kind)}`, argument.value.span),
      context(`\`${parameter.name}\` must be ${describeKind(expected)}`, argument.keywordSpan ?? argument.value.span),
    ],
    notes,
  };
}

export function fallibleArgument(span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 630,
    message: 'fallible argument',
    labels: [
      primary('this expression can fail at run time', span),
      context('handle its error before passing it on', span),
    ],
    notes: ['hint: give a default with `… ?? default`, or stop with `f!(…)`'],
  };
}

export function unexpectedClosure(node: CallNode, closure: ClosureNode): Diagnostic {
  return {
    severity: 'error',
    code: 109,
    message: `unexpected closure of \`${node.name}\``,
    labels: [primary('unexpected closure', closure.span), context('this function calls nothing back', node.span)],
    notes: [],
  };
}

export function missingClosure(definition: FunctionDefinition, span: Span): Diagnostic {
  const example = definition.closure!.inputs[0]?.example;
  return {
    severity: 'error',
    code: 111,
    message: `missing closure of \`${definition.name}\``,
    labels: [primary('what is to be done with each item is missing', span)],
    notes: example === undefined ? [] : [`example: ${example}`],
  };
}

export function closureArity(node: CallNode, closure: ClosureNode, expected: number): Diagnostic {
  const { parameters } = closure;
  const span =
    parameters.length === 0 ? node.span : { start: parameters[0]!.span.start, end: parameters.at(-1)!.span.end };
  return {
    severity: 'error',
    code: 120,
    message: 'invalid closure arity',
    labels: [
      primary(`the closure of \`${node.name}\` takes ${expected}`, node.nameSpan),
      context(`this one takes ${parameters.length}`, span),
    ],
    notes: ['hint: name a parameter `_` when it is not used'],
  };
}

export function closureTarget(node: CallNode, found: Kind): Diagnostic {
  return {
    severity: 'error',
    code: 121,
    message: 'type mismatch in closure parameter',
    labels: [
      primary('what the closure goes over must be known to be an object or array', node.span),
      context(`it is ${found}`, node.span),
    ],
    notes: ['hint: make sure of the kind with `object!(…)` or `array!(…)`'],
  };
}

export function closureResult(span: Span, expected: Kind, found: Kind): Diagnostic {
  return {
    severity: 'error',
    code: 122,
    message: 'type mismatch in closure return type',
    labels: [primary(`the last expression must be ${expected}`, span), context(`it is ${found}`, span)],
    notes: [],
  };
}

export function unexpectedExpression(name: string, argument: Argument, expected: string): CallProblem {
  const wanted = expected === 'literal' ? 'a value known while compiling' : expected === 'query' ? 'a path' : expected;
  return new CallProblem(400, 'unexpected expression type', [
    `the argument \`${name}\` is a ${argument.shape}`,
    `expected: ${wanted}`,
  ]);
}

export function refusedCall(node: CallNode, problem: CallProblem): Diagnostic {
  const labels = problem.labels.map((message, index) => ({ message, primary: index === 0, span: node.span }));
  return {
    severity: 'error',
    code: 610,
    message: `function compilation error: error[E${problem.code}] ${problem.message}`,
    labels: labels.length > 0 ? labels : [primary(problem.message, node.span)],
    notes: problem.notes,
    innerCode: problem.code,
  };
}

export function needlessAbort(node: CallNode): Diagnostic {
  const { end } = node.nameSpan;
  return {
    severity: 'warning',
    code: 620,
    message: `can't abort infallible function \`${node.name}\``,
    labels: [
      primary('this call never fails', node.nameSpan),
      context('so this `!` does nothing: remove it', { start: end, end: end + 1 }),
    ],
    notes: [],
  };
}

// The stable codes of diagnostics: 1xx expressions and calls, 2xx reading a program, 3xx values, 4xx arguments of
// functions, 6xx the other checks, 7xx variables, 8xx and 9xx warnings. A code is never used for something else.

import type { Severity } from './diagnostic.ts';

export interface CodeInfo {
  readonly name: string;
  readonly severity: Severity;
  /** What is wrong, and what to do. */
  readonly explanation: string;
}

function error(name: string, explanation: string) {
  return { name, severity: 'error', explanation } as const;
}

function warning(name: string, explanation: string) {
  return { name, severity: 'warning', explanation } as const;
}

export type Code = keyof typeof TABLE;

const TABLE = {
  100: error(
    'FallibleExpression',
    'An expression can fail and nothing handles it. Give a fallback (`f(x) ?? "none"`), take the error (`y, err = f(x)`), or end the program on failure (`f!(x)`).',
  ),
  101: error(
    'InvalidRegex',
    "A regular expression r'…' cannot be read. The syntax is that of Rust's `regex`: no look-around and no back-references.",
  ),
  102: error(
    'NonBooleanPredicate',
    'The condition of an `if` must be a boolean. Compare it with something, or make sure of its kind with `bool!`.',
  ),
  103: error(
    'FallibleAssignment',
    'The right side of an assignment can fail. Take the error as well (`x, err = f(y)`), give a fallback (`x = f(y) ?? 0`), or end the program on failure (`x = f!(y)`).',
  ),
  104: error(
    'InfallibleAssignment',
    'The right side of `x, err = …` cannot fail, so that `err` would never be set. Assign to one target.',
  ),
  105: error('UndefinedFunction', 'No function has this name.'),
  106: error('WrongNumberOfArgs', 'A call has more arguments than the function has parameters.'),
  107: error('MissingArgument', 'A call leaves out an argument that the function needs.'),
  108: error('UnknownKeyword', 'A call names a parameter that the function does not have.'),
  109: error('UnexpectedClosure', 'A call has a closure `-> |…| { … }`, but the function takes none.'),
  110: error(
    'InvalidArgumentKind',
    'An argument is, or may be, of a kind that the function does not take. Convert it (`to_string(x) ?? ""`), or make sure of its kind (`string!(x)`).',
  ),
  111: error('MissingClosure', 'The function needs a closure: `f(x) -> |…| { … }`.'),
  112: error('InvalidGrokPattern', 'A grok pattern cannot be read, or names a pattern that there is not.'),
  113: error(
    'NonStringAbortMessage',
    'The message of `abort` must be a string. Convert it, for example with `to_string`.',
  ),
  114: error('ExpressionTypeUnavailable', 'The kind of an expression is not known where it must be.'),
  120: error(
    'ClosureArityMismatch',
    'A closure has more or fewer names between its `|` than the function gives it values.',
  ),
  121: error(
    'ClosureParameterTypeMismatch',
    'The value that a closure would go over is not known to be of a kind that can be gone over. Make sure of it with `object!` or `array!`.',
  ),
  122: error('ReturnTypeMismatch', 'The block of a closure gives a value of a kind that the function cannot use.'),
  200: error('InvalidToken', 'A text in the program is not part of the language.'),
  201: error('ExtraToken', 'The program goes on where it should have ended.'),
  202: error('User', 'The program cannot be read.'),
  203: error(
    'UnrecognizedToken',
    'Something stands in the program at a place where it cannot stand. Everything up to the end of the line is passed over.',
  ),
  204: error('UnrecognizedEof', 'The program ends in the middle of an expression; often a bracket is not closed.'),
  205: error('ReservedKeyword', 'A name is reserved for later versions of the language. Use another name.'),
  206: error(
    'NumericLiteral',
    'A number cannot be read. Integers have 64 bits: -9223372036854775808 to 9223372036854775807.',
  ),
  207: error('StringLiteral', 'A string has no closing `"`.'),
  208: error('Literal', "A raw string s'…', regular expression r'…' or timestamp t'…' has no closing `'`."),
  209: error(
    'EscapeChar',
    "A string has an unknown escape after a backslash. Write `\\\\` for a backslash, or a raw string s'…'.",
  ),
  210: error(
    'UnexpectedParse',
    'The program cannot be read: it ends inside of brackets, is nested too deeply, or has an expression that is too long.',
  ),
  211: error('UnicodeEscape', 'An escape `\\u{…}` does not name a Unicode character by one to six hexadecimal digits.'),
  300: error('ExpectedType', 'A value is of another kind than needed.'),
  301: error('Coerce', 'A value cannot be converted to the kind that is asked for.'),
  302: error('Remainder', 'There is no remainder for values of these kinds.'),
  303: error('Multiply', 'Values of these kinds cannot be multiplied.'),
  304: error('Divide', 'Values of these kinds cannot be divided.'),
  305: error('DivideByZero', 'A division by zero. Check the divisor, or handle the error.'),
  306: error('NanFloat', 'An operation on floats gives no number (NaN), which is not a value of the language.'),
  307: error('Add', 'Values of these kinds cannot be added.'),
  308: error('Subtract', 'Values of these kinds cannot be subtracted.'),
  309: error('Or', 'The right side of `||` failed.'),
  310: error('And', 'Both sides of `&&` must be boolean or null.'),
  311: error('GreaterThan', 'Values of these kinds cannot be compared by `>`.'),
  312: error('GreaterThanOrEqual', 'Values of these kinds cannot be compared by `>=`.'),
  313: error('LessThan', 'Values of these kinds cannot be compared by `<`.'),
  314: error('LessThanOrEqual', 'Values of these kinds cannot be compared by `<=`.'),
  315: error(
    'ReadOnlyMutation',
    'A path may only be read here: conditions change nothing, and some metadata is fixed.',
  ),
  316: error('OutOfRange', 'The result of an operation is outside of what its kind can hold.'),
  400: error(
    'UnexpectedExpression',
    'A function needs another form of expression as its argument, such as a literal or a path.',
  ),
  401: error('InvalidEnumVariant', 'An argument must be one of a few values, and is another.'),
  402: error(
    'ExpectedStaticExpression',
    'An argument must be known before the program runs: a literal, or a variable that holds one.',
  ),
  403: error('InvalidArgument', 'The function cannot use the value of an argument.'),
  420: error('ExpectedFunctionClosure', 'The function needs a closure.'),
  601: error('InvalidTimestamp', "A timestamp t'…' is not in the form of RFC 3339, as in t'2024-02-03T04:05:06Z'."),
  602: error('NanFloatLiteral', 'A float literal is not a number.'),
  610: error('FunctionCompilation', 'A function refuses a call. Its own code and reason are part of the message.'),
  620: warning('AbortInfallible', 'A call has a `!` although it cannot fail. Remove the `!`.'),
  630: error('FallibleArgument', 'An argument of a call can fail. Handle its error before passing it on.'),
  631: error('FallibleExpr', 'The expression after `abort` or `return` can fail. Handle its error first.'),
  640: error(
    'UnnecessaryNoop',
    'An assignment to `_` alone has no effect. Leave out the assignment, or take the value.',
  ),
  641: error(
    'InvalidTarget',
    'Only variables and paths of variables, of the event and of its metadata can be assigned to.',
  ),
  642: error(
    'InvalidParentPathSegment',
    'A path is assigned to, but what it would be put into is not an object (for a field) or an array (for an index).',
  ),
  650: error('ChainedComparison', 'Comparisons cannot be chained: write `a < b && b < c`.'),
  651: error('UnnecessaryCoalesce', 'The left side of `??` cannot fail, so that the right side is never used.'),
  652: error('MergeNonObjects', 'Both sides of `|` and `|=` must be objects.'),
  660: error('NonBooleanNot', 'Only a boolean can be negated with `!`.'),
  701: error(
    'UndefinedVariable',
    'No variable has this name here. Variables that are first set in a block end with it; fields of the event begin with a dot.',
  ),
  801: warning('Deprecation', 'A function or option is going to be removed.'),
  900: warning(
    'UnusedCode',
    'The value of an expression is never used. Remove it, or give a variable a name that begins with `_`.',
  ),
} as const;

export const CODES: Readonly<Record<Code, CodeInfo>> = TABLE;

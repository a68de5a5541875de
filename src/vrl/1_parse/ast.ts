// The program as it was written. Every node knows its span. Groups `(…)` are kept, because diagnostics name them.

import type { Segment } from '../../event/path.ts';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';

export interface Program {
  /** Expressions at the root; a place where the parser had to recover is its diagnostic. */
  readonly expressions: readonly RootExpression[];
}

export type RootExpression =
  | Expression
  | { readonly type: 'error'; readonly span: Span; readonly diagnostic: Diagnostic };

export type Expression =
  | LiteralNode
  | TemplateNode
  | GroupNode
  | BlockNode
  | ArrayNode
  | ObjectNode
  | IfNode
  | OpNode
  | NotNode
  | AssignmentNode
  | QueryNode
  | CallNode
  | VariableNode
  | AbortNode
  | ReturnNode;

/** A literal without templates. Its value is made by the checker, as some texts are no value (E101, E601). */
export interface LiteralNode {
  readonly type: 'literal';
  readonly span: Span;
  readonly literal:
    | { readonly kind: 'string' | 'raw_string'; readonly value: string }
    | { readonly kind: 'integer'; readonly value: number | bigint }
    /** Always finite. */
    | { readonly kind: 'float'; readonly value: number }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'null' }
    /** The text between the quotes, `\'` resolved. */
    | { readonly kind: 'regex' | 'timestamp'; readonly value: string };
}

/** `"a {{ b }} c"`: a string with at least one variable in it. */
export interface TemplateNode {
  readonly type: 'template';
  readonly span: Span;
  readonly parts: readonly (
    | { readonly type: 'text'; readonly span: Span; readonly value: string }
    /** `span` is that of the braces and what is between them. */
    | { readonly type: 'variable'; readonly span: Span; readonly name: string }
  )[];
}

export interface GroupNode {
  readonly type: 'group';
  readonly span: Span;
  readonly inner: Expression;
}

export interface BlockNode {
  readonly type: 'block';
  readonly span: Span;
  /** At least one. */
  readonly expressions: readonly Expression[];
}

export interface ArrayNode {
  readonly type: 'array';
  readonly span: Span;
  readonly items: readonly Expression[];
}

export interface ObjectNode {
  readonly type: 'object';
  readonly span: Span;
  /** In the order of the keys' bytes; of a key written twice the last. */
  readonly members: readonly ObjectMember[];
  /** As written: in this order they are checked. */
  readonly written: readonly ObjectMember[];
}

export interface ObjectMember {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: Expression;
}

export interface IfNode {
  readonly type: 'if';
  readonly span: Span;
  readonly predicate: Predicate;
  readonly then: BlockNode;
  /** `else if` is a block of one `if`, whose span is that of the `else if`. */
  readonly otherwise: BlockNode | undefined;
}

export interface Predicate {
  readonly span: Span;
  /** More than one for `if (a; b) {`. `many` is whether it was written so, even with one expression. */
  readonly expressions: readonly Expression[];
  readonly many: boolean;
}

export type Operator = '??' | '||' | '&&' | '==' | '!=' | '>=' | '>' | '<=' | '<' | '|' | '+' | '-' | '*' | '/';

export interface OpNode {
  readonly type: 'op';
  readonly span: Span;
  readonly left: Expression;
  readonly operator: Operator;
  readonly operatorSpan: Span;
  readonly right: Expression;
}

export interface NotNode {
  readonly type: 'not';
  readonly span: Span;
  readonly bangSpan: Span;
  readonly inner: Expression;
}

export interface AssignmentNode {
  readonly type: 'assignment';
  readonly span: Span;
  readonly operator: '=' | '|=';
  /** Of `ok, err = …` the `ok`. */
  readonly target: AssignmentTarget;
  /** The `err` of `ok, err = …`. */
  readonly errorTarget: AssignmentTarget | undefined;
  readonly value: Expression;
}

export type AssignmentTarget =
  | { readonly type: 'noop'; readonly span: Span }
  | { readonly type: 'variable'; readonly span: Span; readonly name: string }
  /** `.a`, `%a`, `x.a`; a query on a call or container parses, and is refused by the checker (E641). */
  | { readonly type: 'query'; readonly span: Span; readonly query: QueryNode };

export interface QueryNode {
  readonly type: 'query';
  readonly span: Span;
  readonly target: QueryTarget;
  /** Empty for `.` and `%`. */
  readonly segments: readonly Segment[];
  readonly pathSpan: Span;
}

export type QueryTarget =
  | { readonly type: 'event' | 'metadata'; readonly span: Span }
  | { readonly type: 'variable'; readonly span: Span; readonly name: string }
  | { readonly type: 'call'; readonly span: Span; readonly call: CallNode }
  | {
      readonly type: 'container';
      readonly span: Span;
      readonly container: GroupNode | BlockNode | ArrayNode | ObjectNode;
    };

export interface CallNode {
  readonly type: 'call';
  readonly span: Span;
  readonly name: string;
  readonly nameSpan: Span;
  /** `f!(…)` */
  readonly abortOnError: boolean;
  readonly arguments: readonly ArgumentNode[];
  readonly closure: ClosureNode | undefined;
}

export interface ArgumentNode {
  readonly span: Span;
  readonly keyword: string | undefined;
  readonly keywordSpan: Span | undefined;
  readonly value: Expression;
}

export interface ClosureNode {
  readonly span: Span;
  /** An empty name for `_`. */
  readonly parameters: readonly { readonly name: string; readonly span: Span }[];
  readonly block: BlockNode;
}

export interface VariableNode {
  readonly type: 'variable';
  readonly span: Span;
  readonly name: string;
}

export interface AbortNode {
  readonly type: 'abort';
  readonly span: Span;
  readonly message: Expression | undefined;
}

export interface ReturnNode {
  readonly type: 'return';
  readonly span: Span;
  readonly value: Expression;
}

/** The result of parsing: a program (with `error` nodes where it recovered), or one diagnostic where nothing helped. */
export type Parsed = { readonly program: Program } | { readonly diagnostic: Diagnostic };

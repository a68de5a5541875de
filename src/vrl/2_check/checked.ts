// The program as the checker leaves it: names resolved, calls bound to implementations, every node with its type.

import type { Segment } from '../../event/path.ts';
import type { Value } from '../../event/value.ts';
import type { Operator } from '../1_parse/ast.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import type { Argument, FunctionDefinition, Implementation } from '../function.ts';
import type { Kind } from './kind.ts';
import type { TypeDef } from './type_def.ts';

interface Base {
  readonly span: Span;
  /** What is known of the value where the expression stands. */
  readonly type: TypeDef;
  /** The value, where the checker knows it as Vector's does. Not for generated code: it may be stale in closures. */
  readonly constant: Value | undefined;
  /** How the expression is written, for messages. */
  readonly shape: Argument['shape'] | 'noop';
}

export type Checked =
  | (Base & { readonly op: 'literal'; readonly value: Value })
  | (Base & { readonly op: 'array'; readonly items: readonly Checked[] })
  | (Base & { readonly op: 'object'; readonly members: readonly (readonly [string, Checked])[] })
  | (Base & { readonly op: 'block'; readonly expressions: readonly Checked[] })
  | (Base & {
      readonly op: 'if';
      readonly predicate: Checked;
      readonly then: Checked;
      readonly otherwise: Checked | undefined;
    })
  | (Base & { readonly op: 'binary'; readonly operator: Operator; readonly left: Checked; readonly right: Checked })
  | (Base & { readonly op: 'not'; readonly inner: Checked })
  | (Base & {
      readonly op: 'assign';
      readonly target: CheckedTarget;
      /** Set for `ok, err = …`. */
      readonly error: { readonly target: CheckedTarget; readonly fallback: Value } | undefined;
      readonly value: Checked;
    })
  | (Base & {
      readonly op: 'query';
      readonly root: QueryRoot;
      readonly segments: readonly Segment[];
      /** What is known of the value that the path starts at. */
      readonly rootKind: Kind;
    })
  | (Base & { readonly op: 'variable'; readonly name: string })
  | CheckedCall
  | (Base & { readonly op: 'abort'; readonly message: Checked | undefined })
  | (Base & { readonly op: 'return'; readonly value: Checked });

export type CheckedCall = Base & {
  readonly op: 'call';
  readonly definition: FunctionDefinition;
  readonly implementation: Implementation;
  /** One per parameter, in their order. */
  readonly arguments: readonly (Checked | undefined)[];
  readonly closure: CheckedClosure | undefined;
  /** Written with a `!` that has nothing to do. */
  readonly isNeedless: boolean;
};

export interface CheckedClosure {
  /** An empty name for `_`. */
  readonly parameters: readonly string[];
  readonly block: Checked;
}

export type QueryRoot =
  | { readonly kind: 'event' | 'metadata' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'expression'; readonly node: Checked };

export type CheckedTarget =
  | { readonly kind: 'noop' }
  | { readonly kind: 'variable'; readonly name: string; readonly segments: readonly Segment[] }
  | { readonly kind: 'event' | 'metadata'; readonly segments: readonly Segment[] };

/** The expressions directly inside one, in the order they are evaluated. */
export function partsOf(node: Checked): readonly Checked[] {
  switch (node.op) {
    case 'literal':
    case 'variable':
      return [];
    case 'array':
      return node.items;
    case 'object':
      return node.members.map(([, value]) => value);
    case 'block':
      return node.expressions;
    case 'if':
      return node.otherwise ? [node.predicate, node.then, node.otherwise] : [node.predicate, node.then];
    case 'binary':
      return [node.left, node.right];
    case 'not':
      return [node.inner];
    case 'assign':
    case 'return':
      return [node.value];
    case 'abort':
      return node.message ? [node.message] : [];
    case 'query':
      return node.root.kind === 'expression' ? [node.root.node] : [];
    case 'call': {
      const given = node.arguments.filter((argument) => argument !== undefined);
      return node.closure ? [...given, node.closure.block] : given;
    }
  }
}

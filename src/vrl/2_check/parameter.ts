// Parameters of functions, and what is given for them.

import type { ArgumentNode } from '../1_parse/ast.ts';
import type { KindName, Parameter } from '../function.ts';
import type { Checked } from './checked.ts';
import { Kind } from './kind.ts';

/** An argument, and the parameter it is for. */
export interface Given {
  readonly parameter: Parameter;
  readonly node: ArgumentNode;
  readonly value: Checked;
}

const PARAMETER_KINDS = new Map<string, Kind>();

/** The kinds that a parameter accepts; `any` includes what is not there. */
export function parameterKind({ kinds }: { readonly kinds: readonly KindName[] }): Kind {
  const key = kinds.join();
  let kind = PARAMETER_KINDS.get(key);
  if (!kind) {
    kind = kinds.includes('any') ? Kind.any().with('undefined') : Kind.of(...kinds);
    PARAMETER_KINDS.set(key, kind);
  }
  return kind;
}

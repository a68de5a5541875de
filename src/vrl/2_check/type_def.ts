// What the checker knows of the value of an expression.

import type { Segment } from '../../event/path.ts';
import { Kind } from './kind.ts';

/** `always` is a call that can only fail; it counts as fallible everywhere. */
export type Fallibility = 'never' | 'maybe' | 'always';

export interface TypeDef {
  readonly kind: Kind;
  readonly fallibility: Fallibility;
  /** Whether evaluating it has no effect and gives the same each time. */
  readonly pure: boolean;
  /** The kind of the `return`s inside it. */
  readonly returns: Kind;
}

export function typeDef(kind: Kind, fallibility: Fallibility | boolean = 'never', pure = true): TypeDef {
  const of = fallibility === true ? 'maybe' : fallibility === false ? 'never' : fallibility;
  return { kind, fallibility: of, pure, returns: Kind.never() };
}

export function isFallible(type: TypeDef): boolean {
  return type.fallibility !== 'never';
}

/** The type made fallible, or infallible. */
export function fallible(type: TypeDef, might = true): TypeDef {
  return { ...type, fallibility: might ? 'maybe' : 'never' };
}

export function withKind(type: TypeDef, kind: Kind): TypeDef {
  return { ...type, kind };
}

export function impure(type: TypeDef): TypeDef {
  return type.pure ? { ...type, pure: false } : type;
}

export function withReturns(type: TypeDef, returns: Kind): TypeDef {
  return { ...type, returns };
}

/** Fallible unless the value is certainly of `kind`. */
export function fallibleUnless(type: TypeDef, kind: Kind): TypeDef {
  return kind.isSuperset(type.kind) ? type : fallible(type);
}

export function atPath(type: TypeDef, path: readonly Segment[]): TypeDef {
  return { ...type, kind: type.kind.atPath(path) };
}

/** The type of `type` with a value of `inserted` put at `path`. */
export function withInserted(type: TypeDef, path: readonly Segment[], inserted: TypeDef): TypeDef {
  return {
    kind: type.kind.insert(path, inserted.kind),
    fallibility: worse(type.fallibility, inserted.fallibility),
    pure: type.pure && inserted.pure,
    returns: type.returns,
  };
}

function worse(a: Fallibility, b: Fallibility): Fallibility {
  if (a === 'always' || b === 'always') return 'always';
  return a === 'maybe' || b === 'maybe' ? 'maybe' : 'never';
}

/** The type of a value that is one or the other. */
export function unionOf(a: TypeDef, b: TypeDef): TypeDef {
  return {
    kind: a.kind.union(b.kind),
    fallibility: worse(a.fallibility, b.fallibility),
    pure: a.pure && b.pure,
    returns: a.returns.union(b.returns),
  };
}

/** The type of the members of `b` over those of `a`, as `a | b` and `merge(a, b)` make it. */
export function mergeOf(a: TypeDef, b: TypeDef): TypeDef {
  return {
    kind: a.kind.mergeOverwrite(b.kind),
    fallibility: worse(a.fallibility, b.fallibility),
    pure: a.pure && b.pure,
    returns: a.returns.union(b.returns),
  };
}

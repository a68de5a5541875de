// What has to be known of a program before code is written: which JavaScript function each variable is used in, and
// what each expression may change.

import { type Checked, type CheckedClosure, type CheckedTarget, partsOf } from '../2_check/checked.ts';
import { isRoot } from './shortcuts.ts';

/** A variable of the program: what closures bind is apart from what has the same name outside. */
export class Variable {
  readonly name: string;
  /** In generated code. */
  readonly js: string;
  /** The functions it is used in. */
  readonly units = new Set<CheckedClosure | null>();
  /** Whether a place inside its value is written or deleted. */
  isChangedInside = false;

  constructor(name: string, js: string) {
    this.name = name;
    this.js = js;
  }

  use(unit: CheckedClosure | null): this {
    this.units.add(unit);
    return this;
  }

  get isShared(): boolean {
    return this.units.size > 1;
  }
}

/** What can be changed: the event, the metadata, a variable. */
export type Root = 'event' | 'metadata' | Variable;

const NOTHING: ReadonlySet<Root> = new Set();

export interface Scan {
  readonly variables: readonly Variable[];
  /** Those that no closure binds, by name. */
  readonly outer: ReadonlyMap<string, Variable>;
  readonly closures: readonly CheckedClosure[];
  /** The variable of a name at a node or target. */
  variableOf(at: object): Variable;
  parametersOf(closure: CheckedClosure): readonly (Variable | undefined)[];
  /** What evaluating a node may change. */
  writesOf(node: Checked): ReadonlySet<Root>;
  /** Whether static types may be relied on at run time: not past closures and a few other things. */
  readonly typesHold: boolean;
}

interface Scope {
  readonly unit: CheckedClosure | null;
  readonly names: ReadonlyMap<string, Variable>;
}

export function scan(root: Checked): Scan {
  const scanner = new Scanner();
  scanner.visit(root, { unit: null, names: new Map() });
  return scanner;
}

class Scanner implements Scan {
  readonly variables: Variable[] = [];
  readonly closures: CheckedClosure[] = [];
  typesHold = true;
  readonly outer = new Map<string, Variable>();
  readonly #at = new Map<object, Variable>();
  readonly #parameters = new Map<CheckedClosure, readonly (Variable | undefined)[]>();
  readonly #writes = new Map<Checked, ReadonlySet<Root>>();

  variableOf(at: object): Variable {
    return this.#at.get(at)!;
  }

  parametersOf(closure: CheckedClosure): readonly (Variable | undefined)[] {
    return this.#parameters.get(closure)!;
  }

  writesOf(node: Checked): ReadonlySet<Root> {
    return this.#writes.get(node) ?? NOTHING;
  }

  #use(name: string, at: object, scope: Scope): Variable {
    let variable = scope.names.get(name) ?? this.outer.get(name);
    if (!variable) {
      variable = this.#new(name);
      this.outer.set(name, variable);
    }
    variable.units.add(scope.unit);
    this.#at.set(at, variable);
    return variable;
  }

  #new(name: string): Variable {
    const variable = new Variable(name, `v${this.variables.length}`);
    this.variables.push(variable);
    return variable;
  }

  visit(node: Checked, scope: Scope): ReadonlySet<Root> {
    const writes = this.#visit(node, scope);
    if (writes.size > 0) this.#writes.set(node, writes);
    return writes;
  }

  #all(nodes: readonly Checked[], scope: Scope): Set<Root> {
    const writes = new Set<Root>();
    for (const node of nodes) for (const root of this.visit(node, scope)) writes.add(root);
    return writes;
  }

  #visit(node: Checked, scope: Scope): ReadonlySet<Root> {
    switch (node.op) {
      case 'variable':
        this.#use(node.name, node, scope);
        return NOTHING;
      case 'query':
        if (node.root.kind === 'variable') this.#use(node.root.name, node, scope);
        return this.#all(partsOf(node), scope);
      case 'binary':
        return this.#binary(node, scope);
      case 'assign':
        return this.#assign(node, scope);
      case 'call':
        return this.#call(node, scope);
      default:
        return this.#all(partsOf(node), scope);
    }
  }

  #binary(node: Extract<Checked, { op: 'binary' }>, scope: Scope): ReadonlySet<Root> {
    const writes = this.#all([node.left, node.right], scope);
    // What the left side of `??` had changed when it failed is not what the checker takes for granted.
    if (node.operator === '??' && this.writesOf(node.left).size > 0) this.typesHold = false;
    return writes;
  }

  #assign(node: Extract<Checked, { op: 'assign' }>, scope: Scope): ReadonlySet<Root> {
    const writes = new Set(this.visit(node.value, scope));
    if ((node.error && writes.size > 0) || isRoot(node.value)) this.typesHold = false;
    this.#target(node.target, writes, scope);
    if (node.error) this.#target(node.error.target, writes, scope);
    return writes;
  }

  #target(target: CheckedTarget, writes: Set<Root>, scope: Scope): void {
    if (target.kind === 'noop') return;
    if (target.kind !== 'variable') {
      writes.add(target.kind);
      return;
    }
    const variable = this.#use(target.name, target, scope);
    if (target.segments.length > 0) variable.isChangedInside = true;
    writes.add(variable);
  }

  #call(node: Extract<Checked, { op: 'call' }>, scope: Scope): ReadonlySet<Root> {
    const given = node.arguments.filter((argument) => argument !== undefined);
    const writes = this.#all(given, scope);
    if (node.definition.name === 'del') this.#deletion(node.arguments[0], writes);
    if (node.definition.hasLooseType) this.typesHold = false;
    if (!node.closure) return writes;
    this.typesHold = false;
    this.closures.push(node.closure);
    const parameters = node.closure.parameters.map((name) => (name === '' ? undefined : this.#new(name)));
    const names = new Map(scope.names);
    for (const parameter of parameters) if (parameter) names.set(parameter.name, parameter.use(node.closure));
    this.#parameters.set(node.closure, parameters);
    for (const root of this.visit(node.closure.block, { unit: node.closure, names })) writes.add(root);
    return writes;
  }

  #deletion(target: Checked | undefined, writes: Set<Root>): void {
    if (target?.op !== 'query' || target.root.kind === 'expression') return;
    if (target.root.kind !== 'variable') {
      writes.add(target.root.kind);
      return;
    }
    // The checker does not follow deletions from variables.
    this.typesHold = false;
    const variable = this.variableOf(target);
    variable.isChangedInside = true;
    writes.add(variable);
  }
}

// Warnings of code whose value nobody uses (E900). A walk over the tree that asks of each expression whether something
// takes its value, by the level of nesting it stands on. What is found and what is missed (shadowed variables, most of
// what happens in closures) is that of the original, so that a program without warnings there has none here.

import { sortedStrings } from '../../event/object.ts';
import type { BlockNode, CallNode, Expression, IfNode, Program } from '../1_parse/ast.ts';
import { formatUnused } from '../1_parse/format.ts';
import { type Diagnostic, primary, type Span } from '../diagnostics/diagnostic.ts';

/** Functions that are called for what they do. */
const EFFECTFUL: ReadonlySet<string> = new Set(['del', 'log', 'assert', 'assert_eq', 'set_semantic_meaning']);

/** In the order of the places; those of variables last, by name. */
export function unusedWarnings(program: Program): Diagnostic[] {
  return new Walk().run(program);
}

interface Variable {
  readonly span: Span;
  isUsed: boolean;
  /** Set or used in a closure, of which too little is known. */
  inClosure: boolean;
}

class Walk {
  readonly #warnings: Diagnostic[] = [];
  readonly #variables = new Map<string, Variable>();
  #level = 0;
  /** By level: whether a value is taken, and whether it is that of a block before its last expression. */
  readonly #taken: boolean[] = [];
  readonly #inBlock: boolean[] = [];
  #inClosure = false;

  run(program: Program): Diagnostic[] {
    const last = program.expressions.at(-1);
    for (const expression of program.expressions) {
      if (expression === last) {
        this.#level++;
        this.#taken[this.#level] = true;
      }
      if (expression.type !== 'error') this.#visit(expression);
    }
    for (const name of sortedStrings(this.#variables.keys())) {
      const variable = this.#variables.get(name)!;
      if (!variable.isUsed && !variable.inClosure) this.#warn(`unused variable \`${name}\``, variable.span);
    }
    return this.#warnings;
  }

  #warn(message: string, span: Span): void {
    const isVariable = message.startsWith('unused variable');
    this.#warnings.push({
      severity: 'warning',
      code: 900,
      message,
      labels: [primary(isVariable ? 'this is set and never read' : 'nothing uses this value', span)],
      notes: [
        isVariable
          ? 'hint: remove it, or begin its name with `_`'
          : 'hint: it has no effect: use its value, or remove it',
      ],
    });
  }

  get #isUnused(): boolean {
    return !this.#taken[this.#level];
  }

  /** Visits what is a level deeper, where values are taken. */
  #deeper(visit: () => void): void {
    const level = ++this.#level;
    this.#taken[level] = true;
    visit();
    this.#taken[this.#level] = false;
    this.#level--;
  }

  #define(name: string, span: Span): void {
    if (name === '' || name.startsWith('_') || this.#variables.has(name)) return;
    this.#variables.set(name, { span, isUsed: false, inClosure: this.#inClosure });
  }

  #use(name: string): void {
    const variable = this.#variables.get(name);
    if (!variable) return;
    variable.isUsed = true;
    if (this.#inClosure) variable.inClosure = true;
  }

  #visit(node: Expression): void {
    switch (node.type) {
      case 'literal':
      case 'template':
        if (node.type === 'template') {
          for (const part of node.parts) if (part.type === 'variable') this.#use(part.name);
        }
        if (this.#isUnused) this.#warn(`unused literal \`${formatUnused(node)}\``, node.span);
        break;
      case 'group':
        this.#visit(node.inner);
        break;
      case 'block':
        this.#visitBlock(node);
        break;
      case 'array':
        for (const item of node.items) this.#visit(item);
        break;
      case 'object':
        if (this.#isUnused) this.#warn(`unused object \`${formatUnused(node)}\``, node.span);
        for (const member of node.written) this.#deeper(() => this.#visit(member.value));
        break;
      case 'if':
        this.#deeper(() => this.#visitIf(node));
        break;
      case 'op':
        this.#visit(node.left);
        this.#deeper(() => this.#visit(node.right));
        break;
      case 'not':
        this.#visit(node.inner);
        break;
      case 'assignment':
        this.#visitAssignment(node);
        break;
      case 'query':
        if (node.target.type === 'variable' && !this.#isUnused) this.#use(node.target.name);
        if (node.target.type === 'call') this.#visitCall(node.target.call);
        break;
      case 'call':
        this.#visitCall(node);
        break;
      case 'variable':
        this.#use(node.name);
        break;
      case 'abort':
        break;
      case 'return':
        this.#deeper(() => this.#visit(node.value));
        break;
    }
  }

  #visitBlock(block: BlockNode): void {
    this.#level++;
    this.#inBlock[this.#level] = true;
    const last = block.expressions.at(-1);
    for (const expression of block.expressions) {
      if (expression === last) {
        this.#inBlock[this.#level] = false;
        this.#level--;
      }
      this.#visit(expression);
    }
  }

  #visitIf(node: IfNode): void {
    for (const expression of node.predicate.expressions) this.#visit(expression);
    this.#deeper(() => this.#visitBlock(node.then));
    const { otherwise } = node;
    if (otherwise) this.#deeper(() => this.#visitBlock(otherwise));
  }

  #visitAssignment(node: Extract<Expression, { type: 'assignment' }>): void {
    this.#deeper(() => {
      for (const target of [node.target, node.errorTarget]) {
        if (target?.type === 'query') {
          if (target.query.target.type === 'variable') this.#define(target.query.target.name, target.query.target.span);
        } else if (target?.type === 'variable') {
          if (node.operator === '=') this.#define(target.name, target.span);
          else this.#use(target.name);
        }
      }
      this.#visit(node.value);
    });
  }

  #visitCall(call: CallNode): void {
    for (const argument of call.arguments) this.#deeper(() => this.#visit(argument.value));
    const mayEndBlock = !call.abortOnError && this.#inBlock[this.#level] === true;
    // In a block, the error of a call may be what it is for.
    if (mayEndBlock) this.#taken[this.#level] = true;
    if (!EFFECTFUL.has(call.name)) {
      if (call.closure) this.#visitClosure(call.closure);
      else if (this.#isUnused) this.#warn(`unused result for function call \`${formatUnused(call)}\``, call.span);
      this.#inClosure = false;
    }
    if (mayEndBlock) this.#taken[this.#level] = false;
  }

  #visitClosure(closure: NonNullable<CallNode['closure']>): void {
    this.#inClosure = true;
    for (const parameter of closure.parameters) this.#define(parameter.name, parameter.span);
    this.#taken[this.#level] = true;
    this.#visitBlock(closure.block);
    this.#taken[this.#level] = false;
  }
}

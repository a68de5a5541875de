// Expressions as one line of text, for messages that quote or suggest code.

import { displayFloat } from '../../event/text.ts';
import type {
  ArgumentNode,
  AssignmentTarget,
  CallNode,
  Expression,
  IfNode,
  LiteralNode,
  QueryNode,
  QueryTarget,
  TemplateNode,
} from './ast.ts';

/** Longer texts are cut: a message quotes code so that it is recognised, not read. */
const LENGTH_MAX = 400;

/** Source code that means the same, unless it is so long that it ends in `…`. */
export function formatExpression(node: Expression): string {
  return clip(SOURCE.expression(node));
}

export function formatTarget(target: AssignmentTarget): string {
  return clip(SOURCE.target(target));
}

/**
 * The same in the form that warnings of unused code have always had, which programs may look for: strings as they
 * are, no `!` behind the name of a function, and no dot between a variable and its path.
 */
export function formatUnused(node: Expression): string {
  return clip(UNUSED.expression(node));
}

function clip(text: string): string {
  if (text.length <= LENGTH_MAX) return text;
  const cut = text.slice(0, LENGTH_MAX - 1);
  // Not inside of a surrogate pair.
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** The `else if` of an `if`: it has the span of its block. */
function elseIf({ otherwise }: IfNode): IfNode | undefined {
  const only = otherwise?.expressions[0];
  return only?.type === 'if' && only.span.start === otherwise?.span.start ? only : undefined;
}

class Format {
  readonly #isSource: boolean;

  constructor(isSource: boolean) {
    this.#isSource = isSource;
  }

  expression(node: Expression): string {
    switch (node.type) {
      case 'literal':
        return this.#literal(node.literal);
      case 'template':
        return this.#template(node);
      case 'group':
        return `(${this.expression(node.inner)})`;
      case 'block':
        return this.#block(node.expressions);
      case 'array':
        return `[${this.#list(node.items, ', ')}]`;
      case 'object':
        return this.#object(node.written);
      case 'if':
        return this.#if(node);
      case 'op':
        return this.#operation(node);
      case 'not':
        return this.#negation(this.expression(node.inner));
      case 'assignment': {
        const error = node.errorTarget ? `, ${this.target(node.errorTarget)}` : '';
        return `${this.target(node.target)}${error} ${node.operator} ${this.expression(node.value)}`;
      }
      case 'query':
        return this.#query(node);
      case 'call':
        return this.#call(node);
      case 'variable':
        return node.name;
      case 'abort':
        return node.message ? `abort ${this.expression(node.message)}` : 'abort';
      case 'return':
        return `return ${this.expression(node.value)}`;
    }
  }

  target(target: AssignmentTarget): string {
    if (target.type === 'noop') return '_';
    return target.type === 'variable' ? target.name : this.#query(target.query);
  }

  #list(nodes: readonly Expression[], separator: string): string {
    return nodes.map((node) => this.expression(node)).join(separator);
  }

  #literal(literal: LiteralNode['literal']): string {
    switch (literal.kind) {
      case 'string':
        return `"${this.#quoted(literal.value)}"`;
      case 'raw_string':
        return `s'${literal.value}'`;
      case 'regex':
        return `r'${this.#apostrophes(literal.value)}'`;
      case 'timestamp':
        return `t'${this.#apostrophes(literal.value)}'`;
      case 'float':
        return this.#float(literal.value);
      case 'null':
        return 'null';
      default:
        return String(literal.value);
    }
  }

  #float(value: number): string {
    const text = displayFloat(value);
    return this.#isSource && Number.isInteger(value) ? `${text}.0` : text;
  }

  #quoted(text: string): string {
    if (!this.#isSource) return text;
    return text.replace(/["\\\n\r\t\0]|\{\{|\}\}/g, (found) => ESCAPES[found] ?? `\\${found}`);
  }

  #apostrophes(text: string): string {
    return this.#isSource ? text.replaceAll("'", "\\'") : text;
  }

  #template(node: TemplateNode): string {
    const parts = node.parts.map((part) => (part.type === 'text' ? this.#quoted(part.value) : `{{ ${part.name} }}`));
    return `"${parts.join('')}"`;
  }

  #block(expressions: readonly Expression[]): string {
    return `{ ${this.#list(expressions, '; ')} }`;
  }

  #object(members: readonly { readonly key: string; readonly value: Expression }[]): string {
    if (members.length === 0) return this.#isSource ? '{}' : '{  }';
    return `{ ${members.map(({ key, value }) => `"${this.#quoted(key)}": ${this.expression(value)}`).join(', ')} }`;
  }

  /** In a loop, as a chain of `else if`s nests in its last part. */
  #if(node: IfNode): string {
    let text = this.#branch(node);
    let last = node;
    for (let next = elseIf(last); next; next = elseIf(last)) {
      text += ` else ${this.#branch(next)}`;
      last = next;
    }
    return last.otherwise ? `${text} else ${this.expression(last.otherwise)}` : text;
  }

  #branch({ predicate, then }: IfNode): string {
    const list = this.#list(predicate.expressions, '; ');
    const end = predicate.expressions.length === 1 ? ';' : '';
    return `if ${predicate.many ? `(${list}${end})` : list} ${this.expression(then)}`;
  }

  /** In a loop, as a chain of operators grows to the left. */
  #operation(node: Extract<Expression, { type: 'op' }>): string {
    let text = '';
    let left: Expression = node;
    for (; left.type === 'op'; left = left.left) text = ` ${left.operator} ${this.expression(left.right)}${text}`;
    return this.expression(left) + text;
  }

  #query(node: QueryNode): string {
    const target = this.#queryTarget(node.target);
    let path = '';
    for (const segment of node.segments) {
      if (typeof segment === 'number') path += `[${segment}]`;
      else path += `${path === '' ? '' : '.'}${this.#field(segment)}`;
    }
    const isRoot = node.target.type === 'event' || node.target.type === 'metadata';
    return this.#isSource && !isRoot && path[0] !== '[' ? `${target}.${path}` : target + path;
  }

  #field(name: string): string {
    return /^[0-9]*[a-zA-Z_@][0-9a-zA-Z_@]*$/.test(name) ? name : `"${this.#quoted(name)}"`;
  }

  #queryTarget(target: QueryTarget): string {
    switch (target.type) {
      case 'event':
        return '.';
      case 'metadata':
        return '%';
      case 'variable':
        return target.name;
      case 'call':
        return this.#call(target.call);
      case 'container':
        return this.expression(target.container);
    }
  }

  /** `!-1` would be read as one unknown operator. */
  #negation(inner: string): string {
    return inner.startsWith('-') ? `! ${inner}` : `!${inner}`;
  }

  #call(node: CallNode): string {
    const bang = this.#isSource && node.abortOnError ? '!' : '';
    const call = `${node.name}${bang}(${node.arguments.map((argument) => this.#argument(argument)).join(', ')})`;
    if (!node.closure) return call;
    const names = node.closure.parameters.map(({ name }) => name || '_').join(', ');
    return `${call} -> |${names}| ${this.#block(node.closure.block.expressions)}`;
  }

  #argument({ keyword, value }: ArgumentNode): string {
    return keyword === undefined ? this.expression(value) : `${keyword}: ${this.expression(value)}`;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' };

const SOURCE = new Format(true);
const UNUSED = new Format(false);

// The text of one generated JavaScript module while it is written: hoisted constants, functions, statements.

/** Values that generated code refers to, by name. */
export class Constants {
  readonly values: unknown[] = [];
  readonly #known = new Map<unknown, string>();

  /** The name of a value in generated code; the same for the same value. */
  name(value: unknown): string {
    let name = this.#known.get(value);
    if (name === undefined) {
      name = `k${this.values.length}`;
      this.values.push(value);
      this.#known.set(value, name);
    }
    return name;
  }

  /** The declarations of all names, for a function that is given the values as `K`. */
  declarations(): string {
    return this.values.map((_, index) => `const k${index} = K[${index}];`).join('\n');
  }
}

/** How a failure goes on from where it happens. */
export interface Handler {
  /** Writes what is to be done with the failure that the expression `failure` gives. */
  fail(code: Code, failure: string): void;
  /** Whether anybody will see the message. */
  readonly wantsMessage: boolean;
}

/** The body of one function. */
export class Code {
  readonly lines: string[] = [];
  /** Variables to declare at the top. */
  readonly locals: string[] = [];
  handler: Handler;
  readonly #counter: { next: number };

  constructor(handler: Handler, counter: { next: number }) {
    this.handler = handler;
    this.#counter = counter;
  }

  emit(line: string): void {
    this.lines.push(line);
  }

  /** A new variable of this function. */
  temporary(): string {
    const name = `t${this.#counter.next++}`;
    this.locals.push(name);
    return name;
  }

  label(): string {
    return `L${this.#counter.next++}`;
  }

  /** A new variable holding the value of an expression. */
  keep(expression: string): string {
    const name = this.temporary();
    this.emit(`${name} = ${expression};`);
    return name;
  }

  fail(failure: string): void {
    this.handler.fail(this, failure);
  }

  /** Runs `write` with another handler. */
  handledBy(handler: Handler, write: () => void): void {
    const outer = this.handler;
    this.handler = handler;
    write();
    this.handler = outer;
  }

  /** Goes on with the value in `name` unless it is a failure. */
  check(name: string): void {
    this.emit(`if (${name} instanceof Failure) {`);
    this.fail(name);
    this.emit('}');
  }

  text(head: string): string {
    const locals = this.locals.length > 0 ? `let ${this.locals.join(', ')};\n` : '';
    return `${head} {\n${locals}${this.lines.join('\n')}\n}`;
  }
}

/** A handler that leaves a labelled block, keeping the failure where somebody wants it. */
export function leaving(label: string, keepIn: string | undefined): Handler {
  return {
    wantsMessage: keepIn !== undefined,
    fail(code, failure) {
      if (keepIn !== undefined) code.emit(`${keepIn} = ${failure};`);
      code.emit(`break ${label};`);
    },
  };
}

// Random programs and events for comparing two implementations of the language: calls of every function, operators on
// every pair of kinds, control flow, paths, and programs that must not compile. The same seed gives the same cases.

import { toTagged } from '../../src/cli/tagged.ts';
import { formatPath } from '../../src/event/path.ts';
import { isObject, type Kind, type Value } from '../../src/event/value.ts';
import { mergeEvent, mutatedProgram, randomCall, textOf } from './calls.ts';
import { COMPRESSORS, type Entry, OUTSIDE, VARYING } from './catalog.ts';
import { brokenText, randomDefect } from './defects.ts';
import { anything, Draft, expression, operand } from './expressions.ts';
import { NETWORK_CALLS } from './network.ts';
import { Chance, holdsBrokenBytes, isHostile, KINDS, randomValue } from './values.ts';

/** A call in a program, and how to see whether it succeeded: the run's end, or the error field it fills. */
export interface CallTrace {
  readonly name: string;
  /** Holds the error, when there is one. */
  readonly errorField?: string;
  /** Holds `GAVE_UP`, when there is an error. */
  readonly resultField?: string;
}

export const GAVE_UP = 'gave up';

export interface Case {
  readonly id: string;
  readonly source: string;
  /** In tagged form. */
  readonly event: unknown;
  readonly timezone?: string;
  readonly read_only?: readonly { readonly target: string; readonly path: string; readonly recursive: boolean }[];
}

export interface Generated {
  readonly request: Case;
  readonly calls: readonly CallTrace[];
  readonly operators: readonly { readonly operator: string; readonly left: Kind; readonly right: Kind }[];
  /** Results differ by the clock, chance or compressor: only their kinds can be compared. */
  readonly varies: boolean;
  readonly hasControlFlow: boolean;
  readonly isHostile: boolean;
  readonly hasBrokenBytes: boolean;
}

export const OPERATORS: readonly string[] = [
  '??',
  '||',
  '&&',
  '==',
  '!=',
  '>=',
  '>',
  '<=',
  '<',
  '|',
  '+',
  '-',
  '*',
  '/',
];

/** Functions come up in turn, so that rare ones are called as often as others. */
export class Generator {
  private readonly entries: readonly Entry[];
  private readonly chance: Chance;
  private readonly failsOften: (name: string) => boolean;
  private count = 0;
  private turn: Entry[] = [];
  private calls: CallTrace[] = [];
  private operators: Generated['operators'][number][] = [];
  private pair = 0;

  /** @param failsOften whether too few calls of a function have succeeded so far. */
  constructor(entries: readonly Entry[], seed: number, failsOften: (name: string) => boolean = () => false) {
    this.entries = entries;
    this.chance = new Chance(seed);
    this.failsOften = failsOften;
  }

  next(): Generated {
    for (;;) {
      const generated = this.make();
      if (!neverEnds(generated.request)) return generated;
    }
  }

  private make(): Generated {
    this.calls = [];
    this.operators = [];
    const draft = new Draft(this.chance);
    const whole = this.chance.is(0.08) ? this.exampleProgram() : undefined;
    if (whole === undefined) this.fill(draft);
    let source = whole?.source ?? draft.lines.join(this.chance.is(0.8) ? '\n' : '; ');
    if (this.chance.is(0.06) && !this.calls.some(({ name }) => OUTSIDE.has(name))) {
      source = brokenText(this.chance, source);
      this.calls = [];
      this.operators = [];
    }
    const event: Value =
      whole?.event ?? (this.chance.is(0.01) ? randomValue(this.chance, this.chance.one(KINDS)) : draft.event);
    return this.finished(source, event);
  }

  private fill(draft: Draft): void {
    const mode = this.chance.below(100);
    if (mode < 50) this.callStatements(draft);
    else if (mode < 70) this.operatorStatements(draft);
    else if (mode < 80) this.pathStatements(draft);
    else if (mode < 88) this.mixedStatements(draft);
    else this.defectiveStatements(draft);
    const line = this.chance.is(0.5) ? this.chance.one(['.', '%', 'null', '.f0', anything(draft, 1)]) : undefined;
    if (line !== undefined) draft.lines.push(line);
  }

  private finished(source: string, event: Value): Generated {
    const { chance } = this;
    const timezone = chance.is(0.03) ? chance.one(['America/New_York', 'Europe/Prague', 'Asia/Kolkata']) : undefined;
    const isReadOnly = /[.%]ro\b|\bdel\(\.\)|^\. = /m.test(source) && chance.is(0.8);
    const eventText = JSON.stringify(toTagged(event));
    const words = new Set(source.match(/[a-z_][a-z0-9_]*(?=!?\()/g));
    return {
      request: {
        id: String(this.count++),
        source,
        event: toTagged(event),
        ...(timezone === undefined ? {} : { timezone }),
        ...(isReadOnly ? { read_only: READ_ONLY } : {}),
      },
      calls: this.calls,
      operators: this.operators,
      varies: [...VARYING, ...COMPRESSORS].some((name) => words.has(name)),
      hasControlFlow: /\bif\b|->|\babort\b|\breturn\b|\?\?|\|\||&&/.test(source),
      isHostile: isHostile(source) || isHostile(eventText),
      hasBrokenBytes: holdsBrokenBytes(event),
    };
  }

  private nextEntry(): Entry {
    if (this.turn.length === 0) this.turn = this.chance.shuffled(this.entries);
    return this.turn.pop()!;
  }

  private exampleProgram(): { readonly source: string; readonly event: Value } | undefined {
    const entry = this.nextEntry();
    if (entry.programs.length === 0) return undefined;
    const { source, event } = this.chance.one(entry.programs);
    if (this.chance.is(0.4)) {
      this.calls.push({ name: entry.definition.name });
      return { source, event };
    }
    return { source: mutatedProgram(this.chance, source), event };
  }

  private callStatements(draft: Draft): void {
    for (let count = this.chance.is(0.75) ? 1 : 2; count > 0; count--) this.wrap(draft, this.callStatement(draft));
  }

  private callStatement(draft: Draft): string {
    const entry = this.nextEntry();
    const { name, returns } = entry.definition;
    const whole = entry.recipes.length === 0 && entry.programs.length > 0 && this.chance.is(0.7);
    if (whole) {
      const { source, event } = this.chance.one(entry.programs);
      if (isObject(event) && mergeEvent(draft.event, event)) {
        this.calls.push({ name });
        return source;
      }
    }
    const call = NETWORK_CALLS[name]?.(draft) ?? randomCall(draft, entry, this.failsOften(name));
    const mayFail = !call.isExact || returns.fallible;
    const target = this.chance.is(0.8) ? `.${draft.fresh('r')}` : draft.fresh('r');
    const way = this.chance.below(10);
    if (mayFail && way < 3) {
      const errorField = draft.fresh('e');
      this.calls.push({ name, errorField });
      return `${target}, .${errorField} = ${textOf(call, false)}`;
    }
    if (mayFail && way < 5) {
      const resultField = draft.fresh('r');
      this.calls.push({ name, resultField });
      return `.${resultField} = ${textOf(call, false)} ?? "${GAVE_UP}"`;
    }
    this.calls.push({ name });
    return `${target} = ${textOf(call, mayFail || way === 9)}`;
  }

  /** A statement as it is, or inside of control flow that runs it (nearly) always. */
  private wrap(draft: Draft, statement: string): void {
    const { chance } = this;
    const before = draft.lines.length;
    const way = chance.below(20);
    if (way === 0) draft.lines.push(`if true { ${statement} }`);
    else if (way === 1)
      draft.lines.push(`if ${expression(draft, 'boolean', 1)} { ${statement} } else { ${statement} }`);
    else if (way === 2) draft.lines.push(`for_each([1, 2]) -> |_i, _v| { ${statement} }`);
    else if (way === 3) draft.lines.push(`.w = map_values({ "k": 1 }) -> |v| { ${statement}; v }`);
    else if (way === 4) draft.lines.push(`{ ${statement}; null }`);
    else if (way === 5) draft.lines.push(`if ${expression(draft, 'boolean', 1)} { abort }\n${statement}`);
    else if (way === 6) draft.lines.push(`if is_null(.nothing) { ${statement} } else if true { return 1 }`);
    else draft.lines.push(statement);
    // Variables that the conditions need come first.
    const added = draft.lines.splice(before);
    draft.lines.push(...added);
  }

  private operatorStatements(draft: Draft): void {
    for (let count = this.chance.below(2) + 1; count > 0; count--) {
      const all = KINDS.length * KINDS.length * OPERATORS.length;
      // In an order that visits all pairs, whatever the number of cases.
      const index = (this.pair++ * 397) % all;
      const operator = OPERATORS[index % OPERATORS.length]!;
      const left = KINDS[Math.floor(index / OPERATORS.length) % KINDS.length]!;
      const right = KINDS[Math.floor(index / OPERATORS.length / KINDS.length)]!;
      this.operators.push({ operator, left, right });
      this.wrap(draft, this.operation(draft, operator, left, right));
    }
  }

  private operation(draft: Draft, operator: string, left: Kind, right: Kind): string {
    // Repeating a string must stay cheap.
    const isRepeat = operator === '*' && (left === 'bytes' || right === 'bytes');
    const [a, b] = [operand(draft, left, isRepeat), operand(draft, right, isRepeat)];
    const target = `.${draft.fresh('r')}`;
    if (operator === '??') {
      const coercion =
        left === 'null' || left === 'regex' ? 'to_int' : this.chance.one(['string', 'int', 'to_string', 'to_int']);
      return `${target} = ${coercion}(${draft.field(randomValue(this.chance, left))}) ?? ${b.text}`;
    }
    if (operator === '|' && !(a.isKnown && b.isKnown) && left === 'object' && right === 'object') {
      return `${target} = object!(${a.text}) | object!(${b.text})`;
    }
    const text = `${a.text} ${operator} ${b.text}`;
    const mayFail = isFallible(operator, a.isKnown ? left : undefined, b.isKnown ? right : undefined, b.text);
    if (!mayFail) return `${target} = ${text}`;
    if (this.chance.is(0.5)) return `${target}, .${draft.fresh('e')} = ${text}`;
    return `${target} = (${text}) ?? "failed"`;
  }

  private pathStatements(draft: Draft): void {
    const { chance } = this;
    for (const name of ['a', 'b', 'd e']) {
      if (chance.is(0.7))
        draft.event[name] = randomValue(chance, chance.one<Kind>(['object', 'array', 'object', 'integer', 'bytes']), 3);
    }
    for (let count = chance.below(4) + 1; count > 0; count--) this.wrap(draft, this.pathStatement(draft));
    // What the checker knows afterwards.
    if (chance.is(0.4)) {
      draft.lines.push(`.known = type_def(${chance.is(0.5) ? '.' : (draft.variable('object') ?? this.path(draft))})`);
    }
  }

  private pathStatement(draft: Draft): string {
    const { chance } = this;
    const [path, other] = [this.path(draft), this.path(draft)];
    switch (chance.below(10)) {
      case 0:
        return `${path} = ${other}`;
      case 1:
        return `.${draft.fresh('r')} = del(${path}${chance.is(0.4) ? `, compact: ${chance.is(0.7)}` : ''})`;
      case 2:
        return `.${draft.fresh('r')} = exists(${path})`;
      case 3:
        return `${path} = object(${other}) ?? {}\n${path} |= ${expression(draft, 'object', 1)}`;
      case 4:
        return `.${draft.fresh('r')}, ${path} = to_int(${other})`;
      case 5:
        return `.${draft.fresh('r')} = [${path}, ${other}, ${this.path(draft)}]`;
      case 6:
        return `${draft.variable('object') ?? '.o'}${formatted(this.segments())} = ${anything(draft, 1)}`;
      case 7:
        return chance.one([
          '. = {}',
          '. = .a',
          `. = ${expression(draft, 'object', 1)}`,
          '%m = .',
          '. = [., .]',
          '.x = .',
          '% = { "q": 1 }',
        ]);
      default:
        return `${path} = ${anything(draft, 1)}`;
    }
  }

  private segments(): (string | number)[] {
    const { chance } = this;
    const count = chance.below(3) + 1;
    return Array.from({ length: count }, () =>
      chance.is(0.3)
        ? chance.one([0, 1, 2, -1, -2, -3, 5])
        : chance.one(['a', 'b', 'c', 'd e', 'f0', '@x', '1st', '__proto__', 'if', 'ž']),
    );
  }

  private path(draft: Draft): string {
    const known = Object.keys(draft.event).filter(
      (name) => isObject(draft.event[name]) || Array.isArray(draft.event[name]),
    );
    const first = known.length > 0 && this.chance.is(0.6) ? [this.chance.one(known)] : [];
    const segments = formatted([...first, ...this.segments()]);
    const root = this.chance.is(0.1) ? '%' : '.';
    return root + (segments.startsWith('.') ? segments.slice(1) : segments);
  }

  private mixedStatements(draft: Draft): void {
    for (let count = this.chance.below(3) + 2; count > 0; count--) {
      const kind = this.chance.one(KINDS);
      const name = draft.fresh('x');
      this.wrap(draft, `.${name} = ${expression(draft, kind, 3)}`);
      if (this.chance.is(0.4)) {
        const variable = draft.variable(kind);
        if (variable !== undefined) this.wrap(draft, `${variable} = ${expression(draft, kind, 2)}`);
      }
      if (this.chance.is(0.15))
        draft.lines.push(`.t${name} = "${this.chance.one(['a ', '', 'é'])}{{ ${draft.variable('bytes')} }}"`);
      if (this.chance.is(0.1))
        this.wrap(draft, this.chance.one(['abort', 'abort "stop"', 'return .', `return ${anything(draft, 1)}`]));
    }
  }

  private defectiveStatements(draft: Draft): void {
    if (this.chance.is(0.4)) draft.lines.push(`.x = ${anything(draft, 1)}`);
    const defect = randomDefect(draft);
    if (this.chance.is(0.75)) draft.lines.push(defect);
    else this.wrap(draft, defect);
    if (this.chance.is(0.2)) draft.lines.push(randomDefect(draft));
  }
}

/** The original zips empty lists until the memory is gone. */
function neverEnds({ source, event }: Case): boolean {
  return /\bzip!?\(/.test(source) && /\[\s*\]/.test(source + JSON.stringify(event));
}

const READ_ONLY = [
  { target: 'event', path: '.ro', recursive: true },
  { target: 'metadata', path: '%ro', recursive: false },
  { target: 'event', path: '.ro2', recursive: false },
];

function formatted(segments: readonly (string | number)[]): string {
  const text = segments
    .map((segment) =>
      typeof segment === 'number'
        ? `[${segment}]`
        : `.${/^[0-9]*[A-Za-z_@][\w@]*$/.test(segment) ? segment : JSON.stringify(segment)}`,
    )
    .join('');
  return text === '' ? formatPath({ target: 'event', segments: [] }) : text;
}

const NUMBERS: ReadonlySet<Kind | undefined> = new Set<Kind>(['integer', 'float']);

/** Whether the checker takes an operation for fallible; kinds are undefined where it knows none. */
function isFallible(operator: string, left: Kind | undefined, right: Kind | undefined, rightText: string): boolean {
  const numbers = NUMBERS.has(left) && NUMBERS.has(right);
  switch (operator) {
    case '==':
    case '!=':
    case '||':
    case '|':
      return false;
    case '&&':
      return !(left === 'null' || left === 'boolean') || !(left === 'null' || right === 'null' || right === 'boolean');
    case '+':
      return !(
        numbers ||
        ((left === 'bytes' || left === 'null') && (right === 'bytes' || right === 'null') && left !== right) ||
        (left === 'bytes' && right === 'bytes')
      );
    case '-':
      return !numbers;
    case '*':
      return !(numbers || (left === 'bytes' && right === 'integer') || (left === 'integer' && right === 'bytes'));
    case '/':
      return !(numbers && /^-?[\d_.]*[1-9]/.test(rightText));
    default:
      return !(numbers || (left === right && (left === 'bytes' || left === 'timestamp')));
  }
}

// Random programs and conditions over a few names, with a taste for what a segment does differently: programs that begin
// by replacing the event, fields inside of others, deletions, results that are no object, programs that stop.

import { compileProgram, type ProgramSurroundings } from '../../src/component/programs.ts';
import { formatPath } from '../../src/event/path.ts';
import type { Choose } from '../../src/testing/json_texts.ts';

/** Writes programs that compile. */
export class Programmer {
  readonly #choose: Choose;
  readonly #names: readonly string[];
  readonly #surroundings: ProgramSurroundings;
  /** Whether programs may look at all of the event at once. */
  readonly #isWild: boolean;
  #depth = 0;

  constructor(choose: Choose, names: readonly string[], surroundings: ProgramSurroundings) {
    this.#isWild = choose(3) === 0;
    this.#choose = choose;
    this.#names = names;
    this.#surroundings = surroundings;
  }

  /** A program; `parses` says whether messages are mostly JSON. */
  program(parses: boolean): string {
    for (let tries = 0; tries < 10; tries++) {
      const source = this.#program(parses);
      if ('program' in compileProgram(source, this.#surroundings)) return source;
    }
    return '.a = 1';
  }

  condition(): unknown {
    const special = this.#choose(24);
    if (special === 0) return { type: 'is_log' };
    if (special === 1) return { type: 'datadog_search', source: this.#pick(['*', '@level:info', 'word', '-@a:1']) };
    for (let tries = 0; tries < 10; tries++) {
      const source = this.#condition();
      const compiled = compileProgram(source, this.#surroundings, { readOnly: 'all' });
      if ('program' in compiled && compiled.program.type.kind.is('boolean')) return source;
    }
    return 'true';
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#choose(choices.length)]!;
  }

  #some(times: number, make: () => string): string[] {
    return Array.from({ length: times }, make);
  }

  #program(parses: boolean): string {
    const { opening, isJson } = this.#opening(parses);
    const statements = this.#some(this.#choose(isJson ? 7 : 5), () => this.#statement());
    if (opening !== '') {
      // Mostly it stands first.
      if (this.#choose(12) === 0) statements.splice(this.#choose(2), 0, opening);
      else statements.unshift(opening);
    }
    if (this.#choose(6) === 0) statements.push(this.#pick(['.', '. ', '.\n', '(.)', '.a', 'null', '. = .']));
    if (statements.length === 0) statements.push(this.#statement());
    const comment = this.#choose(8) === 0 ? '# é: a comment, 中文\n' : '';
    return comment + statements.join(this.#pick(['\n', '\n', '\n\n', '; ']));
  }

  #opening(parses: boolean): { readonly opening: string; readonly isJson: boolean } {
    const kind = this.#choose(10);
    if (parses && kind < 8) return { opening: this.#jsonOpening(), isJson: true };
    if (kind === 8) return { opening: this.#otherOpening(), isJson: false };
    if (!parses && kind < 4) return { opening: this.#pick(TEXT_OPENINGS), isJson: false };
    return { opening: '', isJson: false };
  }

  #jsonOpening(): string {
    if (this.#choose(4) > 0) return this.#pick(JSON_OPENINGS);
    const path = this.#choose(6) === 0 ? this.#path() : '.message';
    return this.#pick([
      `. = parse_json(${path}) ?? {}`,
      `. = parse_json(string!(${path})) ?? {"bad": ${path}}`,
      `., err = parse_json(${path})`,
      `. = parse_json!(${path}, max_depth: 2)`,
      `. = parse_json!(value: ${path})`,
      `. = parse_json!(${path}) ?? {}`,
      `. = parse_json!(${path})`,
      `. |= object!(parse_json!(${path}))`,
      `. = merge(., object!(parse_json!(${path})))`,
      `. = merge(object!(parse_json!(${path})), {"a": 1, "z": ${this.#path()}})`,
      `${this.#path()} = parse_json!(${path})`,
      `payload = parse_json!(${path})\n. = payload\n${this.#path()} = payload.a`,
      `payload, err = parse_json(${path})\nif err == null { . = payload }`,
      `if exists(${this.#path()}) { . = parse_json!(${path}) }`,
      `. = parse_json!(del(${path}))`,
      `. = (parse_json!(${path}))`,
      `. = parse_json!(string!(${path})); .a = ${this.#operand()}`,
    ]);
  }

  #otherOpening(): string {
    return this.#pick([
      `. = {"message": ${this.#path()}, "a": ${this.#operand()}}`,
      `. = {"b": ., "n": 1}`,
      `. = ${this.#path()}`,
      `. = [${this.#path()}, {"x": ${this.#operand()}}]`,
      `. = []`,
      `. = [.]`,
      `. = null`,
      `. = unnest!(${this.#path()})`,
      `. = compact(., string: true)`,
      `. = filter(.) -> |k, _v| { k != "a" }`,
      `. = map_keys(.) -> |k| { upcase(k) }`,
      `. = map_values(.) -> |v| { v }`,
      `. = {}`,
    ]);
  }

  #statement(): string {
    this.#depth += 1;
    const statement = this.#depth > 3 ? this.#assignment() : this.#anyStatement();
    this.#depth -= 1;
    return statement;
  }

  #anyStatement(): string {
    switch (this.#choose(13)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return this.#assignment();
      case 5:
        return this.#pick([
          `del(${this.#path()})`,
          `del(${this.#path()}, compact: true)`,
          `${this.#path()} = del(${this.#path()})`,
        ]);
      case 6:
        return this.#pick([
          `if ${this.#condition()} {\n${this.#statement()}\n}`,
          `if ${this.#condition()} { ${this.#statement()} } else { ${this.#statement()} }`,
        ]);
      case 7:
        return `if ${this.#condition()} { ${this.#pick(['abort', 'abort "stopped"', `${this.#path()} = 1; abort`])} }`;
      case 8:
        return this.#isWild ? this.#metadata() : this.#assignment();
      case 9:
        return this.#isWild ? this.#wholeEvent() : this.#assignment();
      case 10:
        return this.#inner();
      default:
        return this.#fallible();
    }
  }

  #assignment(): string {
    const path = this.#path();
    return this.#pick([
      `${path} = ${this.#literal()}`,
      `${path} = ${this.#literal()}`,
      `${path} = ${this.#path()}`,
      `${path} = [${this.#operand()}, ${this.#operand()}]`,
      `${path} = {"x": ${this.#operand()}, "b": {"y": ${this.#operand()}}}`,
      `${path} = exists(${this.#path()})`,
      `${path} = to_string(${this.#path()}) ?? "none"`,
      `${path} = upcase(to_string(${this.#path()}) ?? "x")`,
      `${path} = (to_int(${this.#path()}) ?? 0) + 1`,
      `${path} = ${this.#path()} ?? 1`,
      `${path} = is_string(${this.#path()}) || ${this.#path()} == ${this.#literal()}`,
      `${path} = if ${this.#condition()} { ${this.#operand()} } else { ${this.#operand()} }`,
      `${path} = now()`,
      `${path} |= {"k": ${this.#operand()}}`,
      `x = ${this.#path()}; ${path} = x`,
    ]);
  }

  #fallible(): string {
    const path = this.#path();
    return this.#pick([
      `${path} = to_int!(${this.#path()})`,
      `${path} = upcase!(${this.#path()})`,
      `${path} = string!(${this.#path()}) + "!"`,
      `${path} = object!(${this.#path()})`,
      `${path}, err = to_float(${this.#path()})`,
      `${path}, ${this.#path()} = parse_json(${this.#path()})`,
      `${path} = parse_json(string(${this.#path()}) ?? "") ?? null`,
      `${path} = int!(${this.#path()}) * 2`,
      `${path} = to_float!(${this.#path()}) / 3.0 ?? 0.5`,
      `${path} = push(array(${this.#path()}) ?? [], ${this.#operand()})`,
      `${path} = merge(object(${this.#path()}) ?? {}, {"z": 1})`,
      `${path} = slice(to_string(${this.#path()}) ?? "", 0, 3) ?? ""`,
      `${path} = split(to_string(${this.#path()}) ?? "", " ")`,
      `assert!(${this.#condition()}, message: "asserted")`,
    ]);
  }

  /** Places inside of values, and values that are in two places. */
  #inner(): string {
    const path = this.#path();
    return this.#pick([
      `${path}[0] = ${this.#operand()}`,
      `${path}[-1] = ${this.#operand()}`,
      `${path}[3] = ${this.#operand()}`,
      `${path}.b = ${this.#operand()}`,
      `${path}.b.c = ${this.#operand()}`,
      `${path}[1].a = ${this.#operand()}`,
      `del(${path}[0])`,
      `del(${path}.a, compact: true)`,
      `x = ${path}; x.y = 1; ${this.#path()} = x`,
      `x = ${path}; ${path}.y = 2; ${this.#path()} = x`,
      `${path} = ${path}`,
      `${path} = {"a": ${path}}`,
      `for_each(object(${path}) ?? {}) -> |k, v| { ${this.#path()} = [k, v] }`,
      `for_each(array(${path}) ?? []) -> |_i, v| { ${this.#path()} = v }`,
      `${path} = map_values(object(${this.#path()}) ?? {}) -> |v| { [v] }`,
    ]);
  }

  #metadata(): string {
    return this.#pick([
      `%meta = ${this.#operand()}`,
      `%meta.a = ${this.#operand()}`,
      `del(%meta)`,
      `${this.#path()} = %meta`,
      `${this.#path()} = %feed`,
      `${this.#path()} = %`,
      `% = {"meta": 1}`,
    ]);
  }

  #wholeEvent(): string {
    return this.#pick([
      `${this.#path()} = encode_json(.)`,
      `${this.#path()} = .`,
      `${this.#path()} = keys!(.)`,
      `x = .`,
      `.`,
      `. = map_values(., recursive: true) -> |v| { v }`,
      `. = set!(., ["a"], 1)`,
      `. = remove!(., ["b", "a"])`,
      `${this.#path()} = get!(., ["a", "b"])`,
      `for_each(.) -> |k, _v| { ${this.#path()} = k }`,
      `. = {"a": ., "b": 1}`,
      `. |= {"a": ${this.#operand()}}`,
      `if ${this.#condition()} { . = [., {"second": true}] }`,
      `if ${this.#condition()} { . = parse_json(to_string(.message) ?? "") ?? {} }`,
    ]);
  }

  #condition(): string {
    const path = this.#path();
    const simple = this.#pick([
      `exists(${path})`,
      `exists(${path})`,
      `!exists(${path})`,
      `${path} == ${this.#literal()}`,
      `${path} != ${this.#literal()}`,
      `${path} == ${this.#path()}`,
      `(to_int(${path}) ?? 0) > 3`,
      `(to_float(${path}) ?? 0.5) < 200.0`,
      `contains(to_string(${path}) ?? "", "e")`,
      `contains(string!(${path}), "o", case_sensitive: false)`,
      `is_string(${path})`,
      `is_object(${path})`,
      `is_nullish(${path})`,
      `match(to_string(${path}) ?? "", r'^[a-z]+')`,
      `string!(${path}) == "info"`,
      `int!(${path}) > 10`,
      `bool!(${path})`,
      `includes(array(${path}) ?? [], 1)`,
      `%meta == 1`,
      this.#isWild ? this.#pick(['length(object(.) ?? {}) > 5', 'is_object(.)']) : `exists(${path})`,
      this.#pick(['true', 'false']),
    ]);
    if (this.#choose(5) > 0) return simple;
    return `${simple} ${this.#pick(['&&', '||'])} ${this.#condition()}`;
  }

  #operand(): string {
    return this.#choose(2) === 0 ? this.#literal() : this.#path();
  }

  #literal(): string {
    return this.#pick(LITERALS);
  }

  #path(): string {
    const depth = [1, 1, 1, 1, 2, 2, 3][this.#choose(7)]!;
    const segments: (string | number)[] = this.#some(depth, () => this.#pick(this.#names));
    if (this.#choose(12) === 0) segments.push(this.#choose(3) - 1);
    return `.${formatPath({ target: 'event', segments })}`;
  }
}

const JSON_OPENINGS: readonly string[] = [
  '. = parse_json!(.message)',
  '. = parse_json!(.message)',
  '. = object!(parse_json!(.message))',
  '. = parse_json!(string!(.message))',
  '. = object!(parse_json!(string!(.message)))',
  '. |= object!(parse_json!(.message))',
  '. = merge(., object!(parse_json!(.message)))',
  '. = merge!(., parse_json!(.message))',
];

const TEXT_OPENINGS: readonly string[] = [
  `. = parse_regex!(.message, r'^(?P<a>\\S+) (?P<level>\\S+)(?: (?P<b>.*))?$')`,
  `. |= parse_regex!(.message, r'(?P<a>\\d+)')`,
  `. = parse_regex(.message, r'^(?P<a>\\S+)') ?? {"a": .message}`,
  '. = parse_key_value!(.message)',
  '. = parse_key_value(.message) ?? {}',
  '. |= parse_key_value!(string!(.message), whitespace: "strict")',
  '. = {"text": .message, "length": strlen(string(.message) ?? "")}',
  '.parts = split(string(.message) ?? "", " ")',
  '. = split(string!(.message), " ")',
];

const LITERALS: readonly string[] = [
  '"x"',
  '"info"',
  '"a \\"quoted\\" \\n é \\\\ text"',
  '""',
  `s'{"a": 1}'`,
  '"a text that is longer than what is short, so that it is written in another way"',
  '"中文 and 😀"',
  '0',
  '5',
  '-1',
  '200',
  '123456789012345678',
  '1.0',
  '1.5',
  '-0.25',
  'true',
  'false',
  'null',
  "t'2021-02-03T04:05:06.789Z'",
  '{}',
  '{"x": 1, "a": {"b": [1, 2]}}',
  '[]',
  '[1, "two", {"three": 3}]',
];

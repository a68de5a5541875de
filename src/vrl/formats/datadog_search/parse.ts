// The search language of Datadog's log explorer, as the original reads it:
//
//   error OR (service:web -@http.status:[200 TO 299] tag:a*)
//
// Words, phrases and comparisons of fields, joined by AND (also by nothing), OR and NOT. It is read by a grammar that
// takes the first alternative that fits at each place and never looks back, which decides what odd queries mean; each
// method below is a rule of it. A method that does not fit returns undefined and leaves the place where it was.

/** What a field is compared with. Text is compared as text, numbers as numbers; `*` is no bound at all. */
export type Bound =
  | { readonly type: 'unbounded' }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'integer'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number };

export type Comparator = '<' | '<=' | '>' | '>=';

export type SearchNode =
  | { readonly type: 'all' }
  | { readonly type: 'none' }
  | { readonly type: 'exists' | 'missing'; readonly field: string }
  /** The field's value, a word, a beginning of it or a pattern with `*`, by type. */
  | { readonly type: 'equals' | 'prefix' | 'wildcard'; readonly field: string; readonly text: string }
  | { readonly type: 'compare'; readonly field: string; readonly comparator: Comparator; readonly bound: Bound }
  | {
      readonly type: 'range';
      readonly field: string;
      readonly lower: Bound;
      readonly upper: Bound;
      readonly inclusive: boolean;
    }
  | { readonly type: 'not'; readonly node: SearchNode }
  | { readonly type: 'and' | 'or'; readonly nodes: readonly SearchNode[] };

/** The field of words that name none. */
export const DEFAULT_FIELD = '_default_';

/** Longer queries are refused. */
const QUERY_LENGTH_MAX = 65_536;
/** Queries in parentheses inside of each other. */
const NESTING_MAX = 128;

/** Reads a query; text says where it stops being one. */
export function parseDatadogSearch(query: string): SearchNode | string {
  if (query.length > QUERY_LENGTH_MAX) return `the query is longer than ${QUERY_LENGTH_MAX} characters`;
  if (query.trim() === '') return { type: 'all' };
  try {
    return new QueryReader(query).read();
  } catch (error) {
    if (error instanceof QueryProblem) return error.message;
    throw error;
  }
}

class QueryProblem extends Error {}

const WORD_START = String.raw`(?:\\[\s\S]|(?!UNICODE3000)[^ \r\n\t"()[\]{}+\-!:~^?*\\>=<])`;
const WORD_CHAR = `(?:${WORD_START}|[-+=])`;
const VALUE_END = String.raw`(?=[ \r\n\t)\]}]|$)`;

/** A word. It does not begin like an operator: `ORDER` is none. */
const TERM = new RegExp(String.raw`(?!AND|&&|OR|\|\||NOT|-)${WORD_START}${WORD_CHAR}*`, 'y');
const LONE_TERM = new RegExp(`${TERM.source}${VALUE_END}`, 'y');
const PREFIX = new RegExp(String.raw`${WORD_START}${WORD_CHAR}*\*${VALUE_END}`, 'y');
const GLOB = new RegExp(`(?:${WORD_START}|[*?])(?:${WORD_CHAR}|[*?])*${VALUE_END}`, 'y');
const STAR = new RegExp(String.raw`\*${VALUE_END}`, 'y');
const PHRASE = /"(?:\\.|[^"\\])*"/sy;
const NUMBER = /(?:-|\\-)?[0-9]+(?:\.[0-9]+)?(?:E(?:-|\\-)?[0-9]+(?:\.[0-9]+)?)?/y;
const COMPARATOR = />=|<=|>|</y;
const RANGE_VALUE = /[^ \r\n\t\]}]+/y;
const SPACES = /[ \r\n\t]*/y;
const CONJUNCTION = /AND|&&|OR|\|\|/y;
const MODIFIER = /\+|NOT|-/y;
/** What shows that a word is not one of several that stand for one phrase. */
const NOT_MULTITERM = /[:*]|[ \r\n\t]+(?:AND|&&|OR|\|\|)/y;

class QueryReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): SearchNode {
    const node = this.#query(DEFAULT_FIELD);
    this.#take(SPACES);
    if (node === undefined || this.#at < this.#text.length) throw new QueryProblem(this.#explain());
    return node;
  }

  #explain(): string {
    const before = this.#text.slice(0, this.#at).split('\n');
    const line = this.#text.split('\n')[before.length - 1]!;
    const column = Array.from(before.at(-1)!).length + 1;
    const margin = ' '.repeat(String(before.length).length);
    return [
      `${margin}--> ${before.length}:${column}`,
      `${margin} |`,
      `${before.length} | ${line}`,
      `${margin} | ${' '.repeat(column - 1)}^---`,
      `${margin} |`,
      `${margin} = the query cannot be read from here`,
    ].join('\n');
  }

  /** AND binds more than OR. */
  #query(field: string): SearchNode | undefined {
    const first = this.#multiterm(field) ?? this.#modified(field);
    if (!first) return undefined;
    let group: SearchNode[] = [first];
    const groups: SearchNode[] = [];
    for (;;) {
      const start = this.#at;
      this.#take(SPACES);
      let node = this.#multiterm(field);
      if (!node) {
        const conjunction = this.#take(CONJUNCTION);
        this.#take(SPACES);
        node = this.#modified(field);
        if (node && (conjunction === 'OR' || conjunction === '||')) {
          groups.push(joined('and', group));
          group = [];
        }
      }
      if (!node) {
        this.#at = start;
        break;
      }
      group.push(node);
    }
    groups.push(joined('and', group));
    const whole = joined('or', groups);
    return whole.type === 'not' && whole.node.type === 'all' ? { type: 'none' } : whole;
  }

  /** Words in a row, which together are one text. */
  #multiterm(field: string): SearchNode | undefined {
    const words: string[] = [];
    for (;;) {
      const start = this.#at;
      if (words.length > 0) this.#take(SPACES);
      const word = this.#take(TERM);
      if (word === undefined || this.#sees(NOT_MULTITERM)) {
        this.#at = start;
        break;
      }
      words.push(unescaped(word));
    }
    return words.length > 0 ? { type: 'equals', field, text: words.join(' ') } : undefined;
  }

  /** A clause, perhaps with `NOT`, `-` or `+` in front of it. */
  #modified(field: string): SearchNode | undefined {
    const start = this.#at;
    const modifier = this.#take(MODIFIER);
    this.#take(SPACES);
    const node = this.#clause(field);
    if (!node) this.#at = start;
    return node && modifier !== undefined && modifier !== '+' ? { type: 'not', node } : node;
  }

  #clause(outerField: string): SearchNode | undefined {
    if (this.#text.startsWith('*:*', this.#at)) {
      this.#at += 3;
      return { type: 'all' };
    }
    const start = this.#at;
    const field = this.#field() ?? outerField;
    this.#take(SPACES);
    const node = this.#value(field) ?? this.#group(field);
    if (!node) this.#at = start;
    return node;
  }

  /** A name and a colon; the name is still escaped. */
  #field(): string | undefined {
    const start = this.#at;
    const name = this.#take(TERM);
    if (name !== undefined && this.#text[this.#at] === ':') {
      this.#at++;
      return name;
    }
    this.#at = start;
    return undefined;
  }

  #group(field: string): SearchNode | undefined {
    if (this.#text[this.#at] !== '(') return undefined;
    if (++this.#depth > NESTING_MAX) throw new QueryProblem(`the query is nested deeper than ${NESTING_MAX}`);
    const start = this.#at++;
    this.#take(SPACES);
    const node = this.#query(field);
    this.#take(SPACES);
    this.#depth--;
    if (node && this.#text[this.#at] === ')') {
      this.#at++;
      return node;
    }
    this.#at = start;
    return undefined;
  }

  #value(escapedField: string): SearchNode | undefined {
    const field = unescaped(escapedField);
    if (this.#take(STAR) !== undefined)
      return escapedField === DEFAULT_FIELD ? { type: 'all' } : { type: 'wildcard', field, text: '*' };
    const phrase = this.#take(PHRASE);
    if (phrase !== undefined) return textNode(escapedField, unescaped(phrase.slice(1, -1)));
    const prefix = this.#take(PREFIX);
    if (prefix !== undefined) return { type: 'prefix', field, text: unescaped(prefix.slice(0, -1)) };
    const node = this.#comparison(field) ?? this.#range(field);
    if (node) return node;
    const term = this.#take(LONE_TERM);
    if (term !== undefined) return textNode(escapedField, unescaped(term));
    const glob = this.#take(GLOB);
    return glob === undefined ? undefined : { type: 'wildcard', field, text: unescaped(glob) };
  }

  #comparison(field: string): SearchNode | undefined {
    const start = this.#at;
    const comparator = this.#take(COMPARATOR) as Comparator | undefined;
    if (!comparator) return undefined;
    const number = this.#take(NUMBER);
    if (number !== undefined) return { type: 'compare', field, comparator, bound: boundOf(number) };
    const term = this.#take(TERM);
    if (term !== undefined)
      return { type: 'compare', field, comparator, bound: { type: 'string', value: unescaped(term) } };
    this.#at = start;
    return undefined;
  }

  #range(field: string): SearchNode | undefined {
    const open = this.#text[this.#at];
    if (open !== '[' && open !== '{') return undefined;
    const start = this.#at++;
    this.#take(SPACES);
    const lower = this.#take(RANGE_VALUE);
    this.#take(SPACES);
    const isTo = this.#text.startsWith('TO', this.#at);
    if (isTo) this.#at += 2;
    this.#take(SPACES);
    const upper = this.#take(RANGE_VALUE);
    this.#take(SPACES);
    const close = this.#text[this.#at];
    if (lower === undefined || upper === undefined || !isTo || (close !== ']' && close !== '}')) {
      this.#at = start;
      return undefined;
    }
    if ((open === '[') !== (close === ']'))
      throw new QueryProblem(`the range at offset ${start} includes one of its bounds only, which cannot be`);
    this.#at++;
    return { type: 'range', field, lower: boundOf(lower), upper: boundOf(upper), inclusive: open === '[' };
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text);
  }
}

/** A word or phrase. Two fields that there are not ask for the presence of the field that they are compared with. */
function textNode(escapedField: string, text: string): SearchNode {
  if (escapedField === '_exists_') return { type: 'exists', field: text };
  if (escapedField === '_missing_') return { type: 'missing', field: text };
  return { type: 'equals', field: unescaped(escapedField), text };
}

function joined(type: 'and' | 'or', nodes: SearchNode[]): SearchNode {
  return nodes.length === 1 ? nodes[0]! : { type, nodes };
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.?)/gs, '$1') : text;
}

const I64_MAX = 2n ** 63n - 1n;
const FLOAT = /^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|infinity|nan)$/i;

/** A number where the text is one, without the quotes that may be around it. */
function boundOf(escaped: string): Bound {
  const text = unescaped(escaped).replace(/^"(.+)"$/, '$1');
  if (text === '*') return { type: 'unbounded' };
  if (/^[+-]?[0-9]{1,4096}$/.test(text)) {
    const value = BigInt(text.replace('+', ''));
    if (value <= I64_MAX && value >= -I64_MAX - 1n) return { type: 'integer', value };
  }
  if (!FLOAT.test(text)) return { type: 'string', value: text };
  const special = /inf/i.test(text) ? Infinity : /nan/i.test(text) ? Number.NaN : undefined;
  return { type: 'float', value: special === undefined ? Number(text) : text.startsWith('-') ? -special : special };
}

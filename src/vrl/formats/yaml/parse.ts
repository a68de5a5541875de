// YAML as values. One document, of which each node becomes a value as soon as it is read; aliases share the value of
// their anchor.

import { setField } from '../../../event/object.ts';
import type { ObjectValue, Value } from '../../../event/value.ts';
import { resolveScalar, unexpected } from './resolve.ts';
import { type Token, type TokenType, YamlScanner } from './scan.ts';
import { type Mark, problemAt, YamlProblem } from './text.ts';

/** Arrays and objects inside each other. */
const NESTING_MAX = 128;

/** Of each node of the document, aliases may make this many more: a short text must not stand for gigabytes. */
const REPETITIONS_PER_NODE = 100;

/** The value of the only document of a text. Throws `YamlProblem`. */
export function parseYamlText(text: string): Value {
  const refused = REFUSED.exec(text);
  if (refused !== null) {
    const position = new TextEncoder().encode(text.slice(0, refused.index)).length;
    throw new YamlProblem(
      position === 0
        ? 'control characters are not allowed'
        : `control characters are not allowed at position ${position}`,
    );
  }
  return new YamlParser(text).document();
}

const REFUSED = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** What an anchor stands for. */
interface Anchored {
  readonly value: Value;
  /** Levels of arrays and objects in it. */
  readonly depth: number;
  /** Aliases in it, those in theirs counted each time. */
  readonly aliases: number;
}

interface Properties {
  readonly anchor: string | undefined;
  readonly tag: string | undefined;
  readonly start: Mark;
}

class YamlParser {
  readonly #scanner: YamlScanner;
  /** While the value of the anchor is being read, only where it began. */
  readonly #anchors = new Map<string, Anchored | Mark>();
  readonly #handles = new Map<string, string>();
  /** Where the value that is read stands: the names and numbers that lead to it. */
  readonly #path: (string | number)[] = [];
  /** The deepest level that was reached, aliases written out. */
  #deepest = 0;
  #nodes = 0;
  #aliases = 0;

  constructor(text: string) {
    this.#scanner = new YamlScanner(text);
  }

  document(): Value {
    if (this.#peek().type === 'stream end') return null;
    const isExplicit = this.#startDocument();
    const value = isExplicit && this.#isNodeMissing() ? this.#empty() : this.#node({ isBlock: true });
    if (this.#aliases > this.#nodes * REPETITIONS_PER_NODE) throw new YamlProblem('repetition limit exceeded');
    this.#endDocument();
    return value;
  }

  #peek(): Token {
    return this.#scanner.peek();
  }

  #is(...types: readonly TokenType[]): boolean {
    return types.includes(this.#scanner.peek().type);
  }

  /** Takes the next token. */
  #take(): Token {
    const token = this.#scanner.peek();
    this.#scanner.skip();
    return token;
  }

  #skipDocumentEnds(): void {
    while (this.#is('document end')) this.#scanner.skip();
  }

  /** Whether the document has a beginning of its own, and so may be empty. */
  #startDocument(): boolean {
    const isExplicit = this.#is('version', 'tag directive', 'document start');
    this.#readDirectives();
    if (!isExplicit) return false;
    if (!this.#is('document start')) throw problemAt('did not find expected <document start>', this.#peek().start);
    this.#scanner.skip();
    return true;
  }

  #readDirectives(): void {
    let hasVersion = false;
    for (; this.#is('version', 'tag directive'); this.#scanner.skip()) {
      const { type, start, text, directive } = this.#peek();
      if (type === 'version') {
        if (hasVersion) throw problemAt('found duplicate %YAML directive', start);
        if (text !== '1.1' && text !== '1.2') throw problemAt('found incompatible YAML document', start);
        hasVersion = true;
      } else {
        if (this.#handles.has(directive!.handle)) throw problemAt('found duplicate %TAG directive', start);
        this.#handles.set(directive!.handle, directive!.prefix);
      }
    }
    if (!this.#handles.has('!')) this.#handles.set('!', '!');
    if (!this.#handles.has('!!')) this.#handles.set('!!', CORE);
  }

  #isNodeMissing(): boolean {
    return this.#is('version', 'tag directive', 'document start', 'document end', 'stream end');
  }

  /** Nothing may follow: not even what is no document. */
  #endDocument(): void {
    const isExplicit = this.#is('document end');
    try {
      this.#skipDocumentEnds();
      if (this.#is('stream end')) return;
    } catch (error) {
      // The token behind an implicit end belongs to this document.
      if (!isExplicit) throw error;
    }
    throw new YamlProblem('deserializing from YAML containing more than one document is not supported');
  }

  #node({ isBlock, takesIndentless = false }: { isBlock: boolean; takesIndentless?: boolean }): Value {
    this.#nodes += 1;
    if (this.#is('alias')) return this.#alias();
    const properties = this.#properties();
    const depthBefore = this.#deepest;
    const aliasesBefore = this.#aliases;
    this.#deepest = this.#path.length;
    if (properties.anchor !== undefined) this.#anchors.set(properties.anchor, properties.start);
    const value = this.#content(properties, isBlock, takesIndentless);
    if (properties.anchor !== undefined) {
      const depth = this.#deepest - this.#path.length;
      this.#anchors.set(properties.anchor, { value, depth, aliases: this.#aliases - aliasesBefore });
    }
    this.#deepest = Math.max(this.#deepest, depthBefore);
    return value;
  }

  #alias(): Value {
    const { text, start } = this.#take();
    const anchored = this.#anchors.get(text);
    if (anchored === undefined) throw problemAt('unknown anchor', start);
    // A value that holds itself has no end.
    if ('line' in anchored) throw problemAt('recursion limit exceeded', anchored);
    if (this.#path.length + anchored.depth > NESTING_MAX) throw problemAt('recursion limit exceeded', start);
    this.#aliases += 1 + anchored.aliases;
    this.#deepest = Math.max(this.#deepest, this.#path.length + anchored.depth);
    return anchored.value;
  }

  /** The anchor and the tag of a node, in any order. */
  #properties(): Properties {
    const { start } = this.#peek();
    let anchor: string | undefined;
    let tag: Token | undefined;
    for (let i = 0; i < 2; i++) {
      if (anchor === undefined && this.#is('anchor')) anchor = this.#take().text;
      else if (tag === undefined && this.#is('tag')) tag = this.#take();
    }
    return { anchor, tag: tag === undefined ? undefined : this.#fullTag(tag, start), start };
  }

  #fullTag({ handle, text, start: at }: Token, start: Mark): string {
    if (handle === '') return text;
    const prefix = this.#handles.get(handle!);
    if (prefix === undefined) throw problemAt('found undefined tag handle', at, 'while parsing a node', start);
    return prefix + text;
  }

  #content(properties: Properties, isBlock: boolean, takesIndentless: boolean): Value {
    const { type } = this.#peek();
    if (type === 'scalar') {
      const { text, isPlain } = this.#take();
      return this.#scalar(text, isPlain!, properties);
    }
    if (takesIndentless && type === 'block entry') return this.#collection(properties, () => this.#indentlessItems());
    if (type === 'flow sequence start') return this.#collection(properties, () => this.#flowItems());
    if (type === 'flow mapping start') return this.#collection(properties, () => this.#flowMembers());
    if (isBlock && type === 'block sequence start') return this.#collection(properties, () => this.#blockItems());
    if (isBlock && type === 'block mapping start') return this.#collection(properties, () => this.#blockMembers());
    if (properties.anchor !== undefined || properties.tag !== undefined) return this.#scalar('', true, properties);
    const context = isBlock ? 'while parsing a block node' : 'while parsing a flow node';
    throw problemAt('did not find expected node content', this.#peek().start, context, properties.start);
  }

  #scalar(text: string, isPlain: boolean, { tag, start }: Properties): Value {
    if (isOwnTag(tag)) throw this.#located(unexpected('enum'), start);
    const resolved = resolveScalar(text, isPlain, tag);
    if (resolved instanceof YamlProblem) throw this.#located(resolved, start);
    return resolved;
  }

  #collection(properties: Properties, read: () => Value): Value {
    if (isOwnTag(properties.tag)) throw this.#located(unexpected('enum'), properties.start);
    if (this.#path.length >= NESTING_MAX) throw problemAt('recursion limit exceeded', properties.start);
    this.#deepest = Math.max(this.#deepest, this.#path.length + 1);
    return read();
  }

  /** A problem of a value, with its path and place. */
  #located(problem: YamlProblem, mark: Mark): YamlProblem {
    let path = typeof this.#path[0] === 'number' ? '.' : '';
    for (const step of this.#path) path += typeof step === 'number' ? `[${step}]` : `${path === '' ? '' : '.'}${step}`;
    return problemAt(`${path === '' ? '' : `${path}: `}${problem.message}`, mark);
  }

  #within<T>(step: string | number, read: () => T): T {
    this.#path.push(step);
    const value = read();
    this.#path.pop();
    return value;
  }

  #empty(): null {
    this.#nodes += 1;
    return null;
  }

  #blockItems(): Value[] {
    const { start } = this.#take();
    const items: Value[] = [];
    while (this.#is('block entry')) {
      this.#scanner.skip();
      const isEmpty = this.#is('block entry', 'block end');
      items.push(this.#within(items.length, () => (isEmpty ? this.#empty() : this.#node({ isBlock: true }))));
    }
    if (!this.#is('block end'))
      throw problemAt(
        "did not find expected '-' indicator",
        this.#peek().start,
        'while parsing a block collection',
        start,
      );
    this.#scanner.skip();
    return items;
  }

  /** Items that stand in the column of the key they belong to. */
  #indentlessItems(): Value[] {
    const items: Value[] = [];
    while (this.#is('block entry')) {
      this.#scanner.skip();
      const isEmpty = this.#is('block entry', 'key', 'value', 'block end');
      items.push(this.#within(items.length, () => (isEmpty ? this.#empty() : this.#node({ isBlock: true }))));
    }
    return items;
  }

  #blockMembers(): ObjectValue {
    const { start } = this.#take();
    const object: ObjectValue = {};
    while (this.#is('key')) {
      this.#scanner.skip();
      let key = '';
      if (this.#is('key', 'value', 'block end')) this.#nodes += 1;
      else key = this.#key(true);
      setField(
        object,
        key,
        this.#within(key, () => this.#blockValue()),
      );
    }
    if (!this.#is('block end'))
      throw problemAt('did not find expected key', this.#peek().start, 'while parsing a block mapping', start);
    this.#scanner.skip();
    return object;
  }

  #blockValue(): Value {
    if (!this.#is('value')) return this.#empty();
    this.#scanner.skip();
    if (this.#is('key', 'value', 'block end')) return this.#empty();
    return this.#node({ isBlock: true, takesIndentless: true });
  }

  /** Keys are text, however a scalar would be read elsewhere. */
  #key(isBlock: boolean): string {
    if (this.#is('alias')) {
      const { start } = this.#peek();
      const value = this.#alias();
      if (typeof value === 'string') return value;
      if (value === null || typeof value !== 'object') return String(value);
      throw this.#located(unexpectedKey(Array.isArray(value) ? 'sequence' : 'map'), start);
    }
    this.#nodes += 1;
    const properties = this.#properties();
    const { type } = this.#peek();
    const isSequence = type === 'flow sequence start' || (isBlock && type === 'block sequence start');
    const isMap = type === 'flow mapping start' || (isBlock && type === 'block mapping start');
    const isIndentless = isBlock && type === 'block entry';
    if (isSequence || isMap || isIndentless)
      throw this.#located(unexpectedKey(isMap ? 'map' : 'sequence'), properties.start);
    let text = '';
    if (type === 'scalar') text = this.#take().text;
    else if (properties.anchor === undefined && properties.tag === undefined)
      this.#content(properties, isBlock, isBlock);
    if (properties.anchor !== undefined) this.#anchors.set(properties.anchor, { value: text, depth: 0, aliases: 0 });
    return text;
  }

  #flowItems(): Value[] {
    const { start } = this.#take();
    const items: Value[] = [];
    for (let isFirst = true; !this.#is('flow sequence end'); isFirst = false) {
      if (!isFirst) this.#flowEntry('sequence', ']', start);
      if (this.#is('flow sequence end')) break;
      const read = this.#is('key') ? () => this.#singlePair() : () => this.#node({ isBlock: false });
      items.push(this.#within(items.length, read));
    }
    this.#scanner.skip();
    return items;
  }

  #flowEntry(what: string, close: string, start: Mark): void {
    if (!this.#is('flow entry')) {
      const context = `while parsing a flow ${what}`;
      throw problemAt(`did not find expected ',' or '${close}'`, this.#peek().start, context, start);
    }
    this.#scanner.skip();
  }

  /** `[key: value]` is an object of one member. */
  #singlePair(): ObjectValue {
    this.#nodes += 1;
    const properties: Properties = { anchor: undefined, tag: undefined, start: this.#take().start };
    return this.#collection(properties, () => {
      const object: ObjectValue = {};
      let key = '';
      if (this.#is('value', 'flow entry', 'flow sequence end')) {
        // The sign in place of the key is lost, and what follows is mostly wrong: the original does it.
        this.#scanner.skip();
        this.#nodes += 1;
      } else key = this.#key(false);
      setField(
        object,
        key,
        this.#within(key, () => this.#flowValue('flow sequence end')),
      );
      return object;
    }) as ObjectValue;
  }

  #flowMembers(): ObjectValue {
    const { start } = this.#take();
    const object: ObjectValue = {};
    for (let isFirst = true; !this.#is('flow mapping end'); isFirst = false) {
      if (!isFirst) this.#flowEntry('mapping', '}', start);
      if (this.#is('flow mapping end')) break;
      const isKey = this.#is('key');
      if (isKey) this.#scanner.skip();
      let key = '';
      if (!isKey || !this.#is('value', 'flow entry', 'flow mapping end')) key = this.#key(false);
      else this.#nodes += 1;
      const read = isKey ? () => this.#flowValue('flow mapping end') : () => this.#empty();
      setField(object, key, this.#within(key, read));
    }
    this.#scanner.skip();
    return object;
  }

  #flowValue(end: TokenType): Value {
    if (!this.#is('value')) return this.#empty();
    this.#scanner.skip();
    return this.#is('flow entry', end) ? this.#empty() : this.#node({ isBlock: false });
  }
}

const CORE = 'tag:yaml.org,2002:';

/** Tags of one's own stand for types that values do not have. */
function isOwnTag(tag: string | undefined): boolean {
  return tag?.startsWith('!') === true;
}

function unexpectedKey(what: string): YamlProblem {
  return new YamlProblem(`invalid type: ${what}, expected a string`);
}

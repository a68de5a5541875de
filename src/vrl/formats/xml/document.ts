// A strict parser of XML documents with namespaces. Document type declarations are refused, and with them all entities
// but the five of XML.

import { isNameChar, isNameStart, isXmlChar } from './characters.ts';
import { type Position, XmlProblem } from './problem.ts';
import { normalAttribute, normalText } from './references.ts';

export type XmlNode = XmlElement | { readonly kind: 'text'; text: string } | { readonly kind: 'other' };

export interface XmlElement {
  readonly kind: 'element';
  /** Without its prefix. */
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: XmlNode[];
}

export interface XmlAttribute {
  /** Without its prefix. */
  readonly name: string;
  readonly value: string;
}

/** Elements nested deeper than this are refused. */
export const NESTING_MAX = 1000;

const XML_URI = 'http://www.w3.org/XML/1998/namespace';
const XMLNS_URI = 'http://www.w3.org/2000/xmlns/';

/** The nodes of a document, exactly one of them an element. Throws `XmlProblem`. */
export function parseXmlDocument(text: string): XmlNode[] {
  return new DocumentParser(text).parse();
}

interface QName {
  readonly prefix: string;
  readonly local: string;
  readonly start: number;
}

interface OpenElement {
  readonly element: XmlElement;
  readonly qname: QName;
  readonly namespaces: ReadonlyMap<string, string>;
}

const NO_NAMESPACES: ReadonlyMap<string, string> = new Map();
const NO_ATTRIBUTES: readonly XmlAttribute[] = [];

class DocumentParser {
  readonly #text: string;
  readonly #root: XmlNode[] = [];
  readonly #open: OpenElement[] = [];
  /** The text node that further text belongs to. */
  #lastText: { text: string } | undefined;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): XmlNode[] {
    if (this.#text.startsWith('\ufeff')) this.#at = 1;
    if (this.#starts('<?xml ')) this.#declaration();
    this.#misc();
    this.#skipSpaces();
    if (this.#starts('<!DOCTYPE')) throw new XmlProblem('XML with DTD detected');
    if (this.#text[this.#at] === '<') {
      this.#startTag();
      if (this.#open.length > 0) this.#content();
    }
    this.#misc();
    if (this.#at < this.#text.length) throw this.#problem('unknown token');
    if (!this.#root.some(({ kind }) => kind === 'element'))
      throw new XmlProblem('the document does not have a root node');
    if (this.#open.length > 0) throw new XmlProblem('the root node was opened but never closed');
    return this.#root;
  }

  #declaration(): void {
    this.#at += '<?xml'.length;
    this.#declarationSpaces();
    if (!this.#starts('version')) throw this.#problem("expected 'version'");
    this.#declarationAttribute();
    this.#declarationSpaces();
    if (this.#starts('encoding')) {
      this.#declarationAttribute();
      this.#declarationSpaces();
    }
    if (this.#starts('standalone')) this.#declarationAttribute();
    this.#skipSpaces();
    this.#expect('?>');
  }

  #declarationSpaces(): void {
    if (this.#isSpace()) this.#skipSpaces();
    else if (!this.#starts('?>') && this.#at < this.#text.length) throw this.#unexpected('a whitespace');
  }

  #declarationAttribute(): void {
    this.#qname();
    this.#equals();
    const quote = this.#quote();
    this.#skipWhile((char) => char !== quote && char !== '<');
    this.#byte(quote);
  }

  #misc(): void {
    while (this.#at < this.#text.length) {
      this.#skipSpaces();
      if (this.#starts('<!--')) this.#comment();
      else if (this.#starts('<?')) this.#instruction();
      else return;
    }
  }

  #content(): void {
    const text = this.#text;
    while (this.#at < text.length && this.#open.length > 0) {
      if (text[this.#at] !== '<') this.#characters();
      else if (text[this.#at + 1] === '/') this.#endTag();
      else if (text[this.#at + 1] === '?') this.#instruction();
      else if (this.#starts('<!--')) this.#comment();
      else if (this.#starts('<![CDATA[')) this.#cdata();
      else if (text[this.#at + 1] === '!' || this.#at + 1 >= text.length) throw this.#problem('unknown token');
      else this.#startTag();
    }
  }

  #comment(): void {
    const start = this.#at;
    this.#at += '<!--'.length;
    const body = this.#until('-->');
    if (body.includes('--') || body.endsWith('-'))
      throw new XmlProblem(`comment at ${this.#position(start)} contains '--'`);
    this.#append({ kind: 'other' });
  }

  #instruction(): void {
    if (this.#starts('<?xml ')) throw this.#problem('unexpected XML declaration');
    this.#at += 2;
    this.#name();
    this.#skipSpaces();
    this.#until('?>');
    this.#append({ kind: 'other' });
  }

  #cdata(): void {
    this.#at += '<![CDATA['.length;
    this.#appendText(this.#until(']]>').replace(/\r\n?/g, '\n'));
  }

  #characters(): void {
    const start = this.#at;
    const next = this.#text.indexOf('<', start);
    this.#validUpTo(next === -1 ? this.#text.length : next);
    const body = this.#text.slice(start, this.#at);
    if (body.includes(']]>'))
      throw new XmlProblem(`']]>' at ${this.#position(this.#at)} is not allowed inside a character data`);
    const normal = normalText(body, (offset) => this.#position(start + offset));
    if (normal !== '') this.#appendText(normal);
  }

  #startTag(): void {
    const start = this.#at;
    this.#at++;
    const qname = this.#qname();
    this.#lastText = undefined;
    if (qname.prefix === 'xmlns')
      throw new XmlProblem(`the 'xmlns' prefix is used at ${this.#position(start + 1)}, but it must not be`);
    const inherited = this.#open.at(-1)?.namespaces ?? NO_NAMESPACES;
    if (qname.prefix === '' && this.#text[this.#at] === '>') {
      this.#at++;
      this.#addElement(
        { kind: 'element', name: qname.local, attributes: NO_ATTRIBUTES, children: [] },
        qname,
        inherited,
      );
      return;
    }
    const scope = new AttributeScope(inherited, (at) => this.#position(at));
    while (this.#at < this.#text.length) {
      const hasSpace = this.#isSpace();
      this.#skipSpaces();
      const char = this.#current();
      if (char === '/' || char === '>') {
        this.#at++;
        if (char === '/') this.#byte('>');
        this.#openElement(qname, scope, char === '>');
        return;
      }
      if (!hasSpace) throw this.#unexpected('a whitespace');
      this.#attribute(scope);
    }
  }

  #attribute(scope: AttributeScope): void {
    const qname = this.#qname();
    this.#equals();
    const quote = this.#quote();
    const start = this.#at;
    const closing = this.#text.indexOf(quote, start);
    const opening = this.#text.slice(start, closing === -1 ? undefined : closing).indexOf('<');
    const end = opening === -1 ? closing : start + opening;
    if (end === -1) throw endOfStream();
    this.#validUpTo(end);
    this.#byte(quote);
    scope.add(
      qname,
      normalAttribute(this.#text.slice(start, end), (offset) => this.#position(start + offset)),
    );
  }

  #openElement(qname: QName, scope: AttributeScope, isOpen: boolean): void {
    const attributes = scope.attributes();
    scope.uriOf(qname.prefix, qname.start);
    const element: XmlElement = { kind: 'element', name: qname.local, attributes, children: [] };
    if (isOpen) this.#addElement(element, qname, scope.namespaces);
    else this.#append(element);
  }

  #addElement(element: XmlElement, qname: QName, namespaces: ReadonlyMap<string, string>): void {
    if (this.#open.length >= NESTING_MAX) throw new XmlProblem(`elements are nested deeper than ${NESTING_MAX}`);
    this.#append(element);
    this.#open.push({ element, qname, namespaces });
  }

  #endTag(): void {
    const start = this.#at;
    this.#at += 2;
    const expected = this.#open.at(-1)!.qname;
    const end = this.#at + expected.local.length;
    if (expected.prefix === '' && this.#text[end] === '>' && this.#starts(expected.local)) {
      this.#at = end + 1;
      this.#lastText = undefined;
      this.#open.pop();
      return;
    }
    const { prefix, local } = this.#qname();
    this.#skipSpaces();
    this.#byte('>');
    this.#lastText = undefined;
    const { qname } = this.#open.at(-1)!;
    if (prefix !== qname.prefix || local !== qname.local)
      throw new XmlProblem(
        `expected '${shown(qname.prefix, qname.local)}' tag, not '${shown(prefix, local)}' at ${this.#position(start)}`,
      );
    this.#open.pop();
  }

  #append(node: XmlNode): void {
    this.#lastText = undefined;
    (this.#open.at(-1)?.element.children ?? this.#root).push(node);
  }

  #appendText(text: string): void {
    if (this.#lastText) {
      this.#lastText.text += text;
      return;
    }
    const node = { kind: 'text' as const, text };
    this.#append(node);
    this.#lastText = node;
  }

  // The characters of the document.

  #starts(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #current(): string {
    const char = this.#text[this.#at];
    if (char === undefined) throw endOfStream();
    return char;
  }

  #isSpace(): boolean {
    const code = this.#text.charCodeAt(this.#at);
    return code === 32 || code === 9 || code === 10 || code === 13;
  }

  #skipSpaces(): void {
    while (this.#isSpace()) this.#at++;
  }

  #expect(text: string): void {
    if (!this.#starts(text)) throw this.#problem(`expected '${text}'`);
    this.#at += text.length;
  }

  #byte(char: string): void {
    if (this.#current() !== char) throw this.#unexpected(`'${char}'`);
    this.#at++;
  }

  #equals(): void {
    this.#skipSpaces();
    this.#byte('=');
    this.#skipSpaces();
  }

  #quote(): string {
    const char = this.#current();
    if (char !== '"' && char !== "'") throw this.#unexpected('a quote');
    this.#at++;
    return char;
  }

  /** The text before `mark`, which is skipped too. */
  #until(mark: string): string {
    const start = this.#at;
    const found = this.#text.indexOf(mark, start);
    const end = found === -1 ? this.#text.length : found;
    this.#validUpTo(end);
    this.#expect(mark);
    return this.#text.slice(start, end);
  }

  #skipWhile(test: (char: string) => boolean): void {
    while (this.#at < this.#text.length) {
      const stop = !test(this.#text[this.#at]!);
      if (stop) return;
      this.#validChar();
    }
  }

  #validChar(): void {
    this.#validUpTo(this.#at + 1);
  }

  /** Goes on to a place, over characters that must be XML's. */
  #validUpTo(end: number): void {
    const text = this.#text;
    for (let at = this.#at; at < end; at++) {
      const code = text.charCodeAt(at);
      if (isXmlChar(code)) continue;
      this.#at = at;
      throw this.#problem(`a non-XML character ${debugChar(code)} found`);
    }
    this.#at = end;
  }

  #name(): void {
    const start = this.#at;
    for (let first = true; this.#at < this.#text.length; first = false) {
      const code = this.#text.codePointAt(this.#at)!;
      if (!(first ? isNameStart(code) : isNameChar(code))) break;
      this.#at += code > 0xffff ? 2 : 1;
    }
    if (this.#at === start) throw this.#problem('invalid name token');
  }

  #qname(): QName {
    const start = this.#at;
    const end = endOfPlainName(this.#text, start);
    if (end > start) {
      this.#at = end;
      return { prefix: '', local: this.#text.slice(start, end), start };
    }
    let colon = -1;
    while (this.#at < this.#text.length) {
      const code = this.#text.codePointAt(this.#at)!;
      if (code === 58) {
        if (colon !== -1) throw this.#problem('invalid name token', start);
        colon = this.#at;
      } else if (!isNameChar(code)) break;
      this.#at += code > 0xffff ? 2 : 1;
    }
    const prefix = colon === -1 ? '' : this.#text.slice(start, colon);
    const local = this.#text.slice(colon === -1 ? start : colon + 1, this.#at);
    if ((prefix !== '' && !startsName(prefix)) || !startsName(local)) throw this.#problem('invalid name token', start);
    return { prefix, local, start };
  }

  #problem(text: string, at = this.#at): XmlProblem {
    return new XmlProblem(`${text} at ${this.#position(at)}`);
  }

  #unexpected(expected: string): XmlProblem {
    if (this.#at >= this.#text.length) return endOfStream();
    return this.#problem(`expected ${expected} not '${firstByte(this.#text.codePointAt(this.#at)!)}'`);
  }

  #position(at: number): Position {
    const before = this.#text.slice(0, at);
    const line = before.lastIndexOf('\n') + 1;
    return `${before.split('\n').length}:${[...before.slice(line)].length + 1}`;
  }
}

/** Where a name without a prefix and of ASCII ends, as nearly all are; `start` when it is not one. */
function endOfPlainName(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first >= 128 || first === COLON || !isNameStart(first)) return start;
  let at = start + 1;
  let code = text.charCodeAt(at);
  while (code < 128 && code !== COLON && isNameChar(code)) code = text.charCodeAt(++at);
  return code < 128 && code !== COLON ? at : start;
}

const COLON = 58;

function endOfStream(): XmlProblem {
  return new XmlProblem('unexpected end of stream');
}

function startsName(name: string): boolean {
  return name !== '' && isNameStart(name.codePointAt(0)!);
}

function shown(prefix: string, local: string): string {
  return prefix === '' ? local : `${prefix}:${local}`;
}

/** The first byte of a character in UTF-8, as the character of that number. */
function firstByte(code: number): string {
  if (code < 0x80) return String.fromCharCode(code);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6));
  return String.fromCharCode(code < 0x10000 ? 0xe0 | (code >> 12) : 0xf0 | (code >> 18));
}

function debugChar(code: number): string {
  return code === 0 ? "'\\0'" : `'\\u{${code.toString(16)}}'`;
}

/** The attributes of one start tag, with the namespaces that hold for it. */
class AttributeScope {
  readonly #inherited: ReadonlyMap<string, string>;
  readonly #position: (at: number) => Position;
  readonly #attributes: { readonly qname: QName; readonly value: string }[] = [];
  #declared: Map<string, string> | undefined;

  constructor(inherited: ReadonlyMap<string, string>, position: (at: number) => Position) {
    this.#inherited = inherited;
    this.#position = position;
  }

  get namespaces(): ReadonlyMap<string, string> {
    return this.#declared ? new Map([...this.#inherited, ...this.#declared]) : this.#inherited;
  }

  add(qname: QName, value: string): void {
    const isDefault = qname.prefix === '' && qname.local === 'xmlns';
    if (qname.prefix !== 'xmlns' && !isDefault) {
      this.#attributes.push({ qname, value });
      return;
    }
    const place = this.#position(qname.start);
    const isXml = value === XML_URI;
    if (value === XMLNS_URI) throw new XmlProblem(`the 'xmlns' URI is used at ${place}, but it must not be declared`);
    if (!isDefault && qname.local === 'xml') {
      if (!isXml) throw new XmlProblem(`'xml' namespace prefix mapped to wrong URI at ${place}`);
      return;
    }
    if (isXml) throw new XmlProblem(`the 'xml' namespace URI is used for not 'xml' prefix at ${place}`);
    if (!isDefault && this.#declared?.has(qname.local))
      throw new XmlProblem(`namespace '${qname.local}' at ${place} is already defined`);
    this.#declared ??= new Map();
    this.#declared.set(isDefault ? '' : qname.local, value);
  }

  attributes(): XmlAttribute[] {
    if (this.#attributes.length === 1 && this.#attributes[0]!.qname.prefix === '')
      return [{ name: this.#attributes[0]!.qname.local, value: this.#attributes[0]!.value }];
    const seen = new Set<string>();
    return this.#attributes.map(({ qname, value }) => {
      const uri = qname.prefix === '' ? '' : qname.prefix === 'xml' ? XML_URI : this.uriOf(qname.prefix, qname.start);
      const name = `${uri}\0${qname.local}`;
      if (seen.has(name))
        throw new XmlProblem(`attribute '${qname.local}' at ${this.#position(qname.start)} is already defined`);
      seen.add(name);
      return { name: qname.local, value };
    });
  }

  uriOf(prefix: string, at: number): string {
    const uri = this.#declared?.get(prefix) ?? this.#inherited.get(prefix);
    if (uri === undefined && prefix !== '')
      throw new XmlProblem(`an unknown namespace prefix '${prefix}' at ${this.#position(at)}`);
    return uri ?? '';
  }
}

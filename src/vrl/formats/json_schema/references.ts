// Finds the schemas that references lead to within one document: by pointer, by anchor and by identifier.

import { getField } from '../../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../../event/value.ts';
import { SchemaProblem } from './node.ts';

/** What identifiers without a host of their own are relative to. */
const DOCUMENT_URI = 'json-schema:///';

export class References {
  /** Schemas with an identifier, by it. */
  readonly #resources = new Map<string, Value>();
  /** Schemas with an anchor, by identifier and `#anchor`. */
  readonly #anchors = new Map<string, Value>();
  /** The identifier that references in a schema are relative to. */
  readonly #bases = new Map<Value, string>();

  constructor(document: Value) {
    this.#resources.set(DOCUMENT_URI, document);
    this.#index(document, DOCUMENT_URI, true);
  }

  #index(root: Value, rootBase: string, isRoot: boolean): void {
    const open: [value: Value, base: string, isRoot: boolean][] = [[root, rootBase, isRoot]];
    for (let next = open.pop(); next; next = open.pop()) {
      const [value, outer, isDocument] = next;
      if (Array.isArray(value)) for (const item of value) open.push([item, outer, false]);
      if (!isObject(value)) continue;
      const base = this.#identify(value, outer, isDocument);
      this.#bases.set(value, base);
      for (const key of Object.keys(value))
        if (key !== 'enum' && key !== 'const') open.push([value[key]!, base, false]);
    }
  }

  #identify(schema: ObjectValue, outer: string, isDocument: boolean): string {
    let base = outer;
    const id = getField(schema, '$id') ?? (isDocument ? getField(schema, 'id') : undefined);
    if (typeof id === 'string') {
      if (id.startsWith('#')) this.#anchors.set(outer + id, schema);
      else {
        base = withoutFragment(resolve(id, outer));
        this.#resources.set(base, schema);
      }
    }
    for (const keyword of ['$anchor', '$dynamicAnchor']) {
      const anchor = getField(schema, keyword);
      if (typeof anchor === 'string') this.#anchors.set(`${base}#${anchor}`, schema);
    }
    return base;
  }

  /** The schema that a reference in a schema leads to. Throws `SchemaProblem`. */
  find(reference: string, from: Value): Value {
    const uri = resolve(reference, this.#bases.get(from) ?? DOCUMENT_URI);
    const resource = withoutFragment(uri);
    const fragment = decodeFragment(uri.slice(resource.length + 1));
    const root = this.#resources.get(resource);
    if (root === undefined) throw new SchemaProblem(missing(resource));
    if (fragment === '') return root;
    if (fragment.startsWith('/')) return pointed(root, fragment);
    const anchored = this.#anchors.get(`${resource}#${fragment}`);
    if (anchored === undefined) throw new SchemaProblem(`Anchor '${fragment}' does not exist`);
    return anchored;
  }
}

function resolve(reference: string, base: string): string {
  return URL.parse(reference, base)?.href ?? reference;
}

function withoutFragment(uri: string): string {
  const hash = uri.indexOf('#');
  return hash === -1 ? uri : uri.slice(0, hash);
}

function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function pointed(root: Value, pointer: string): Value {
  let value: Value | undefined = root;
  for (const part of pointer.slice(1).split('/')) {
    const step = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = /^(?:0|[1-9]\d*)$/.test(step) ? value[Number(step)] : undefined;
    else value = isObject(value) ? getField(value, step) : undefined;
    if (value === undefined) throw new SchemaProblem(`Pointer '${pointer}' does not exist`);
  }
  return value;
}

function missing(uri: string): string {
  const noResource = 'is not present in a registry and retrieving it failed';
  if (uri.startsWith(DOCUMENT_URI))
    return `Resource '${uri.slice(DOCUMENT_URI.length)}' ${noResource}: No base URI is available`;
  const scheme = URL.parse(uri)?.protocol;
  const reason =
    scheme === 'file:'
      ? '`resolve-file` feature or a custom resolver is required to resolve external schemas via files'
      : scheme === 'http:' || scheme === 'https:'
        ? '`resolve-http` feature or a custom resolver is required to resolve external schemas via HTTP'
        : `Unknown scheme ${scheme?.slice(0, -1) ?? ''}`;
  return `Resource '${uri}' ${noResource}: ${reason}`;
}

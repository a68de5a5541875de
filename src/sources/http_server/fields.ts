// What a request tells about its events besides its body: path, headers, parameters of the query, the peer.

import type { SourceField } from '../../component/source_fields.ts';
import type { Path } from '../../event/path.ts';
import { bytesValue, type Value } from '../../event/value.ts';

interface FieldsConfig {
  readonly headers: readonly string[];
  readonly query_parameters: readonly string[];
  readonly host_key: Path | undefined;
  readonly path_key: Path | undefined;
}

interface Told {
  readonly path: string;
  readonly query: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly peer: string;
}

/** The fields of the events of a request. */
export function fieldsOf(config: FieldsConfig): (request: Told) => SourceField[] {
  const headers = selection(config.headers);
  const parameters = selection(config.query_parameters);
  const { host_key: hostKey, path_key: pathKey } = config;
  return (request) => {
    const fields: SourceField[] = [
      { name: ['path'], legacyKey: pathKey, mode: 'insert_if_empty', value: request.path },
    ];
    const add = (group: string, key: string, value: Value): void =>
      void fields.push({
        name: [group, key],
        legacyKey: { target: 'event', segments: [key] },
        mode: 'insert_if_empty',
        value,
      });
    if (headers) {
      const { named, matching } = headers;
      for (const name of named) add('headers', name, headerValue(request.headers.get(name.toLowerCase())));
      for (const [name, value] of matching(request.headers)) add('headers', name, headerValue(value));
    }
    if (parameters) {
      // Of a parameter that is given several times, the last counts.
      const given = new Map(new URLSearchParams(request.query));
      for (const name of parameters.named) add('query_parameters', name, given.get(name) ?? null);
      for (const [name, value] of parameters.matching(given)) add('query_parameters', name, value);
    }
    if (hostKey) fields.push({ name: ['host'], legacyKey: hostKey, mode: 'overwrite', value: request.peer });
    return fields;
  };
}

interface Selection {
  readonly named: readonly string[];
  /** The entries whose names match one of the patterns. */
  readonly matching: (entries: ReadonlyMap<string, string>) => (readonly [string, string])[];
}

function selection(names: readonly string[]): Selection | undefined {
  if (names.length === 0) return undefined;
  const unique = [...new Set(names)];
  const patterns = unique.filter((name) => name.includes('*')).map(pattern);
  return {
    named: unique.filter((name) => !name.includes('*')),
    matching: (entries) =>
      patterns.length === 0
        ? []
        : [...entries].filter(([name]) => patterns.some((matches) => matches(name.toLowerCase()))),
  };
}

/** Whether a name in lower case matches: `*` is any run of characters. Linear in the length of both. */
function pattern(text: string): (name: string) => boolean {
  const [first, ...rest] = text.toLowerCase().split('*');
  const last = rest.pop()!;
  return (name) => {
    if (name.length < first!.length + last.length || !name.startsWith(first!) || !name.endsWith(last)) return false;
    let from = first!.length;
    for (const part of rest) {
      const at = name.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    return from <= name.length - last.length;
  };
}

/** Node gives one character per byte; the bytes may be UTF-8. */
function headerValue(text: string | undefined): Value {
  if (text === undefined) return null;
  return /^[\x00-\x7f]*$/.test(text) ? text : bytesValue(Buffer.from(text, 'latin1'));
}

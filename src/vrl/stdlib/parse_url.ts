import { setField } from '../../event/object.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { queryPairs } from '../formats/query_string.ts';
import { DEFAULT_PORTS, urlProblem } from '../formats/url_problem.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const parseUrl = defineFunction({
  name: 'parse_url',
  category: 'Parse',
  doc: 'Parses a URL into its parts.',
  parameters: [
    required('value', 'bytes', 'The URL.'),
    optional(
      'default_known_ports',
      'boolean',
      'Whether `port` is the usual port of the scheme where the URL gives none (`http`, `https`, `ws`, `wss`, `ftp`).',
      { default: false },
    ),
  ],
  failures: ['`value` is not a URL.'],
  returns: { kinds: ['object'], fallible: true },
  hasLooseType: true,
  type: () =>
    typeDef(
      Kind.objectOf({
        scheme: Kind.of('bytes'),
        username: Kind.of('bytes'),
        password: Kind.of('bytes'),
        path: Kind.of('bytes', 'null'),
        host: Kind.of('bytes'),
        port: Kind.of('integer', 'null'),
        fragment: Kind.of('bytes', 'null'),
        query: Kind.objectOf({}, Kind.of('bytes')),
      }),
      true,
    ),
  examples: [
    {
      title: 'All parts',
      source: 'parse_url!("https://me:pw@example.com:8443/a/b?q=1#top")',
      result: {
        fragment: 'top',
        host: 'example.com',
        password: 'pw',
        path: '/a/b',
        port: 8443,
        query: { q: '1' },
        scheme: 'https',
        username: 'me',
      },
    },
    {
      title: 'The usual port',
      source: 'parse_url!("http://example.com", default_known_ports: true).port',
      result: 80,
    },
  ],
  run(value: string | Uint8Array, defaultKnownPorts: boolean): Value | Failure {
    const text = utf8Text(value);
    const url = URL.parse(text);
    if (url === null) return fail(`unable to parse url: ${urlProblem(text)}`);
    return partsOf(url, text, defaultKnownPorts);
  },
});

function partsOf(url: URL, text: string, defaultKnownPorts: boolean): ObjectValue {
  const scheme = url.protocol.slice(0, -1);
  const port = url.port === '' ? (defaultKnownPorts ? (DEFAULT_PORTS.get(scheme) ?? null) : null) : Number(url.port);
  const query: ObjectValue = {};
  for (const [key, value] of queryPairs(url.search.slice(1))) setField(query, key, value);
  return {
    fragment: url.hash === '' ? (url.href.endsWith('#') ? '' : null) : url.hash.slice(1),
    host: url.hostname === '' ? null : url.hostname,
    password: url.password,
    path: pathOf(url, text),
    port,
    query,
    scheme,
    username: url.username,
  };
}

/** A character of private use stands in for `^`, which `URL` escapes in paths and Vector does not. */
const STAND_IN = '\ue0f0';
const STAND_IN_ESCAPED = '%EE%83%B0';

function pathOf(url: URL, text: string): string {
  const path = withCarets(url, text);
  if (url.protocol === 'file:') return path.replace(/^\/+/, '/');
  // A blank at the end of a path that is no list of names stays as it is.
  const keepsBlank = !path.startsWith('/') && path.endsWith('%20') && / [?#]/.test(text);
  return keepsBlank ? `${path.slice(0, -3)} ` : path;
}

function withCarets(url: URL, text: string): string {
  if (!text.includes('^') || text.includes(STAND_IN) || text.includes(STAND_IN_ESCAPED)) return url.pathname;
  const path = URL.parse(text.replaceAll('^', STAND_IN))?.pathname ?? url.pathname;
  return path.replaceAll(STAND_IN_ESCAPED, '^');
}

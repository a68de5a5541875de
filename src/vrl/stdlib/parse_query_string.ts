import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { parseQueryString as parse } from '../formats/query_string.ts';
import { defineFunction, required } from '../function.ts';

export const parseQueryString = defineFunction({
  name: 'parse_query_string',
  category: 'Parse',
  doc: 'Parses a query string; a leading `?` is skipped. Values of a repeated key become an array.',
  parameters: [required('value', 'bytes', 'The query string.')],
  notices: ['All values are strings. Keys and values may be empty.'],
  returns: { kinds: ['object'], fallible: false },
  type: () => typeDef(Kind.objectOf({}, Kind.of('bytes', 'array'))),
  examples: [
    { title: 'Pairs', source: 'parse_query_string("?a=1&b=x%20y")', result: { a: '1', b: 'x y' } },
    { title: 'A repeated key', source: 'parse_query_string("n=1&n=2&flag")', result: { n: ['1', '2'], flag: '' } },
  ],
  run: (value: string | Uint8Array) => parse(value, true),
});

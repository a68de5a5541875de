import type { Value } from '../../event/value.ts';
import { Collection, Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const containsAll = defineFunction({
  name: 'contains_all',
  category: 'String',
  doc: 'Tells whether a text holds each of several others.',
  parameters: [
    required('value', 'bytes', 'The text to search.'),
    required('substrings', 'array', 'The texts to search for.'),
    optional('case_sensitive', 'boolean', 'Whether upper and lower case differ.', { default: true }),
  ],
  failures: ['An item of `substrings` is not a string.'],
  returns: { kinds: ['boolean'], fallible: true },
  checkOrder: ['case_sensitive', 'value', 'substrings'],
  type(call) {
    const items = call.argument('substrings')!.type.kind.arrayItems ?? Collection.any<number>();
    return typeDef(Kind.of('boolean'), !Collection.of<number>([], Kind.of('bytes')).isSuperset(items));
  },
  examples: [
    { title: 'All found', source: 'contains_all("GET /health 200", ["GET", "200"])', result: true },
    { title: 'One missing', source: 'contains_all("GET /health 200", ["GET", "404"])', result: false },
    { title: 'Whatever the case', source: 'contains_all("GET /", ["get"], case_sensitive: false)', result: true },
  ],
  run(value: string | Uint8Array, substrings: readonly Value[], caseSensitive: boolean) {
    const text = caseSensitive ? utf8Text(value) : utf8Text(value).toLowerCase();
    for (const item of substrings) {
      if (typeof item !== 'string' && !(item instanceof Uint8Array))
        return fail(`expected string, got ${displayKind(item)}`);
      const wanted = utf8Text(item);
      if (!text.includes(caseSensitive ? wanted : wanted.toLowerCase())) return false;
    }
    return true;
  },
});

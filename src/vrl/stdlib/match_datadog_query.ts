// Matches an object against a search in Datadog's language.

import type { Value } from '../../event/value.ts';
import { displayValue } from '../4_run/display.ts';
import { compileDatadogSearch, UNUSABLE_FIELD } from '../formats/datadog_search/match.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { CallProblem, defineFunction, invalidArgument, required } from '../function.ts';

export const matchDatadogQuery = defineFunction({
  name: 'match_datadog_query',
  category: 'Object',
  doc: 'Determines whether `value` matches a query in [the search syntax of Datadog](https://docs.datadoghq.com/logs/explorer/search_syntax/).',
  parameters: [
    required('value', 'object', 'The object, usually an event.'),
    required('query', 'bytes', 'The query; a literal.', { compileTime: true }),
  ],
  returns: { kinds: ['boolean'], fallible: false },
  // Queries are put to values of whatever kind.
  unchecked: true,
  examples: [
    {
      title: 'Words of the message',
      source: 'match_datadog_query({"message": "connection refused by peer"}, "refused OR timeout")',
      result: true,
    },
    {
      title: 'A range of an attribute, and a tag',
      source:
        'match_datadog_query({"http": {"status": 503}, "tags": ["env:prod"]}, "@http.status:[500 TO 599] env:prod")',
      result: true,
    },
    {
      title: 'Not a service that begins so',
      source: 'match_datadog_query({"service": "webshop"}, "NOT service:web*")',
      result: false,
    },
  ],
  prepare(call) {
    const query = call.literal('query') as string | Uint8Array;
    const matcher = compileDatadogSearch(utf8Text(query));
    if (matcher === UNUSABLE_FIELD) throw invalidArgument('query', displayValue(query), UNUSABLE_FIELD);
    if (typeof matcher === 'string') throw new CallProblem(0, matcher);
    return (value: Value) => matcher(value);
  },
});

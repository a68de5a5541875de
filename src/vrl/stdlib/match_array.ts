import type { Regex, Value } from '../../event/value.ts';
import { type CompiledRegex, regexOf } from '../formats/regex.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const matchArray = defineFunction({
  name: 'match_array',
  category: 'Enumerate',
  doc: 'Tells whether a regular expression matches an item of an array, or all of them. It matches strings only.',
  parameters: [
    required('value', 'array', 'The array to look at.'),
    required('pattern', 'regex', 'The regular expression.'),
    optional('all', 'boolean', 'Whether all items must match.', { default: false }),
  ],
  returns: { kinds: ['boolean'], fallible: false },
  checkOrder: ['pattern', 'value', 'all'],
  examples: [
    { title: 'One item', source: 'match_array(["web-1", "db-1"], r\'^db\')', result: true },
    { title: 'All items', source: 'match_array(["web-1", "db-1"], r\'^db\', all: true)', result: false },
  ],
  prepare(call) {
    const constant = call.regex('pattern');
    const known = constant && regexOf(constant);
    return (value: readonly Value[], pattern: Regex, all: boolean) => {
      const regex = known ?? regexOf(pattern);
      return all ? value.every((item) => matches(regex, item)) : value.some((item) => matches(regex, item));
    };
  },
});

function matches(regex: CompiledRegex, item: Value): boolean {
  return (typeof item === 'string' || item instanceof Uint8Array) && regex.test(utf8Text(item));
}

import { Regex, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail, wrongKind } from '../4_run/failure.ts';
import { isText } from '../formats/argument_kinds.ts';
import { type CompiledRegex, regexOf } from '../formats/regex.ts';
import { anyCapturesKind, captureReader, capturesKind } from '../formats/regex_captures.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const parseRegexAll = defineFunction({
  name: 'parse_regex_all',
  category: 'Parse',
  doc: 'Returns what the groups of a regular expression captured in each of its matches, an object per match.',
  parameters: [
    required('value', 'any', 'The text to search.'),
    required('pattern', 'regex', 'The regular expression.'),
    optional('numeric_groups', 'boolean', 'Whether groups are given by number too; `0` is the whole match.', {
      default: false,
    }),
  ],
  failures: ['`value` is not a string.', '`pattern` is not a regular expression.'],
  notices: ['All values are strings; convert them where other types are needed.'],
  returns: { kinds: ['array'], fallible: true },
  hasLooseType: true,
  checkOrder: ['numeric_groups'],
  evaluationOrder: ['value', 'numeric_groups', 'pattern'],
  type(call) {
    const regex = call.regex('pattern');
    const item = regex ? capturesKind(regexOf(regex)) : anyCapturesKind();
    return typeDef(Kind.arrayOf([], item.union(Kind.of('null'))), true);
  },
  examples: [
    {
      title: 'All matches',
      source: String.raw`parse_regex_all!("a=1, b=2", r'(?P<key>\w)=(?P<value>\d)')`,
      result: [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ],
    },
    { title: 'No match', source: `parse_regex_all!("none", r'(?P<digit>\\d)')`, result: [] },
  ],
  prepare(call) {
    const constant = call.regex('pattern');
    const known = constant && parserOf(regexOf(constant));
    return (value: Value, pattern: Value, numericGroups: boolean) => {
      if (!(pattern instanceof Regex)) return fail('failed to resolve regex');
      if (!isText(value)) return wrongKind(value, 'bytes');
      return (known ?? parserOf(regexOf(pattern)))(utf8Text(value), numericGroups);
    };
  },
});

function parserOf(regex: CompiledRegex): (text: string, numericGroups: boolean) => Value {
  const read = captureReader(regex);
  return (text, numericGroups) => {
    const found: Value[] = [];
    regex.forEach(text, (match) => {
      found.push(read(match, numericGroups));
      return true;
    });
    return found;
  };
}

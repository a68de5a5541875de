import { Regex, type Value } from '../../event/value.ts';
import { typeDef } from '../2_check/type_def.ts';
import { type Failure, fail, wrongKind } from '../4_run/failure.ts';
import { isText } from '../formats/argument_kinds.ts';
import { type CompiledRegex, regexOf } from '../formats/regex.ts';
import { anyCapturesKind, captureReader, capturesKind } from '../formats/regex_captures.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const parseRegex = defineFunction({
  name: 'parse_regex',
  category: 'Parse',
  doc: 'Returns what the groups of a regular expression captured in its first match.',
  parameters: [
    required('value', 'bytes', 'The text to search.'),
    required('pattern', 'regex', 'The regular expression.'),
    optional('numeric_groups', 'boolean', 'Whether groups are given by number too; `0` is the whole match.', {
      default: false,
    }),
  ],
  failures: ['`pattern` does not match.'],
  notices: ['All values are strings; convert them where other types are needed.'],
  returns: { kinds: ['object'], fallible: true },
  hasLooseType: true,
  checkOrder: ['numeric_groups'],
  evaluationOrder: ['value', 'numeric_groups', 'pattern'],
  type(call) {
    const regex = call.regex('pattern');
    return typeDef(regex ? capturesKind(regexOf(regex)) : anyCapturesKind(), true);
  },
  examples: [
    {
      title: 'Named groups',
      source: String.raw`parse_regex!("GET /index 200", r'^(?P<method>\w+) (?P<path>\S+)')`,
      result: { method: 'GET', path: '/index' },
    },
    {
      title: 'Groups by number',
      source: String.raw`parse_regex!("a=1", r'(\w)=(\d)', numeric_groups: true)`,
      result: { 0: 'a=1', 1: 'a', 2: '1' },
    },
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

function parserOf(regex: CompiledRegex): (text: string, numericGroups: boolean) => Value | Failure {
  const read = captureReader(regex);
  return (text, numericGroups) => {
    const match = regex.exec(text);
    return match ? read(match, numericGroups) : fail('could not find any pattern matches');
  };
}

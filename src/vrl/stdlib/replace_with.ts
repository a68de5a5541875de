import { setField } from '../../event/object.ts';
import { type ObjectValue, Regex, type Value } from '../../event/value.ts';
import { Collection, Kind } from '../2_check/kind.ts';
import { Failure, fail, wrongKind } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { isInteger, isText } from '../formats/argument_kinds.ts';
import { type CompiledRegex, type RegexMatch, regexOf } from '../formats/regex.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { type Closure, defineFunction, optional, required } from '../function.ts';

/** What the closure gets. */
const MATCH = Kind.objectOf(
  { string: Kind.of('bytes'), captures: Kind.array(Collection.of([], Kind.of('bytes', 'null'))) },
  Kind.of('bytes', 'null'),
);

export const replaceWith = defineFunction({
  name: 'replace_with',
  category: 'String',
  doc:
    'Replaces what a regular expression matches in a text by what the closure makes of it. The closure gets an object: ' +
    '`string` is the whole match, `captures` an array of what the groups captured, and each named group is a member.',
  parameters: [
    required('value', 'bytes', 'The text to change.'),
    required('pattern', 'regex', 'The regular expression to replace.'),
    optional('count', 'integer', 'How often to replace at most; a negative number is without limit.', { default: -1 }),
  ],
  closure: {
    inputs: [
      {
        parameter: 'value',
        kinds: ['bytes'],
        variables: [MATCH],
        output: ['bytes'],
        example: 'replace_with("a1", r\'[a-z]\') -> |match| { upcase(match.string) }',
      },
    ],
    isIterator: false,
  },
  returns: { kinds: ['bytes'], fallible: false },
  checkOrder: [],
  examples: [
    {
      title: 'Capitals',
      source: 'replace_with("one two", r\'\\b\\w\') -> |match| { upcase(match.string) }',
      result: 'One Two',
    },
    {
      title: 'A group',
      source: 'replace_with("id:7 id:8", r\'id:(\\d)\', count: 1) -> |match| { string!(match.captures[0]) }',
      result: '7 id:8',
    },
  ],
  prepare(call) {
    const constant = call.regex('pattern');
    const known = constant && regexOf(constant);
    return (value: Value, pattern: Value, count: Value, closure: Closure) => {
      if (!(pattern instanceof Regex)) return fail('failed to resolve regex');
      const regex = known ?? regexOf(pattern);
      if (regex.names.includes('string') || regex.names.includes('captures'))
        return fail('Capture group cannot be named "string" or "captures"');
      if (!isText(value)) return wrongKind(value, 'bytes');
      if (!isInteger(count)) return wrongKind(count, 'integer');
      if (count === 0) return value;
      return replaced(utf8Text(value), regex, count < 0 ? Infinity : Number(count), closure);
    };
  },
});

function replaced(text: string, regex: CompiledRegex, limit: number, closure: Closure): string | Failure {
  let failure: Failure | undefined;
  let result = '';
  let end = 0;
  let count = 0;
  regex.forEach(text, (match) => {
    let replacement = closure(objectOf(match, regex.names));
    if (replacement instanceof Failure) {
      if (replacement.kind !== 'return') failure = replacement;
      else replacement = replacement.value;
    }
    if (!(replacement instanceof Failure) && typeof replacement !== 'string' && !(replacement instanceof Uint8Array))
      failure = fail(`expected string, got ${displayKind(replacement)}`);
    if (failure) return false;
    result += text.slice(end, match.index) + utf8Text(replacement as string | Uint8Array);
    end = match.index + match[0].length;
    count += 1;
    return count < limit;
  });
  return failure ?? result + text.slice(end);
}

function objectOf(match: RegexMatch, names: CompiledRegex['names']): ObjectValue {
  const captures = names.slice(1).map((_, i) => match[i + 1] ?? null);
  const object: ObjectValue = { string: match[0], captures };
  for (let i = 1; i < names.length; i++) {
    const name = names[i];
    if (name !== undefined) setField(object, name, captures[i - 1]!);
  }
  return object;
}

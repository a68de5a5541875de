import { Regex } from '../../event/value.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { type CompiledRegex, regexOf } from '../formats/regex.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { type Argument, CallProblem, defineFunction, expectedStatic, required } from '../function.ts';

export const matchAny = defineFunction({
  name: 'match_any',
  category: 'String',
  doc: 'Tells whether at least one of several regular expressions matches anywhere in a text.',
  parameters: [
    required('value', 'bytes', 'The text to search.'),
    required('patterns', 'array', 'The regular expressions, which must be known while compiling.', {
      compileTime: true,
    }),
  ],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'One does', source: "match_any(\"disk full\", [r'memory', r'^disk'])", result: true },
    { title: 'None does', source: "match_any(\"all is well\", [r'memory', r'^disk'])", result: false },
  ],
  prepare(call) {
    const regexes = call.array('patterns')!.map(patternOf);
    return (value: string | Uint8Array) => {
      const text = utf8Text(value);
      for (const regex of regexes) if (regex.test(text)) return true;
      return false;
    };
  },
});

function patternOf(argument: Argument): CompiledRegex {
  const { constant } = argument;
  if (constant === undefined) throw expectedStatic('patterns', argument);
  if (!(constant instanceof Regex)) throw new CallProblem(300, `expected regex, got ${displayKind(constant)}`);
  return regexOf(constant);
}

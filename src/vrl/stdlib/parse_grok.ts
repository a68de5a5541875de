import { fail } from '../4_run/failure.ts';
import { compileGrok } from '../formats/grok/grok.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { CallProblem, defineFunction, required } from '../function.ts';

export const parseGrok = defineFunction({
  name: 'parse_grok',
  category: 'Parse',
  doc: [
    'Parses text by a grok pattern: a regular expression with placeholders `%{NAME:field}`, which stand for the',
    'expressions of that name. All patterns of Logstash are known.',
  ].join('\n'),
  parameters: [
    required('value', 'bytes', 'The text to parse.'),
    required('pattern', 'bytes', 'The grok pattern; it must be known at compile time.', { compileTime: true }),
  ],
  failures: ['`pattern` does not match.'],
  notices: ['All values are strings; convert them where other types are needed.'],
  returns: { kinds: ['object'], fallible: true },
  examples: [
    {
      title: 'A line of a log',
      source: 'parse_grok!("10.0.0.7 GET /index", "%{IP:client} %{WORD:method} %{URIPATH:path}")',
      result: { client: '10.0.0.7', method: 'GET', path: '/index' },
    },
    {
      title: 'No match',
      source: 'parse_grok!("no number", "%{NUMBER:n}")',
      error: 'function call error for "parse_grok" at (0:39): unable to parse input with grok pattern',
    },
  ],
  prepare(call) {
    const pattern = call.literal('pattern');
    const text = typeof pattern === 'string' || pattern instanceof Uint8Array ? utf8Text(pattern) : '';
    const compiled = compileGrok(text);
    if (typeof compiled === 'string') throw new CallProblem(112, compiled, [`grok pattern error: ${compiled}`]);
    return (value: string | Uint8Array) =>
      compiled.match(utf8Text(value)) ?? fail('unable to parse input with grok pattern');
  },
});

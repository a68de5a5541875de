import { getField, setField, sortedKeys } from '../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { fallible } from '../2_check/type_def.ts';
import { displayValue } from '../4_run/display.ts';
import { type Filter, filterOf, type Redactor, redactorOf } from '../formats/redaction.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { type Argument, defineFunction, expectedStatic, invalidArgument, optional, required } from '../function.ts';

/** What lies deeper is left out of reach: nothing that comes in is nested so. */
const NESTING_MAX = 1000;

export const redact = defineFunction({
  name: 'redact',
  category: 'String',
  doc:
    'Makes sensitive parts of texts unreadable. In arrays and objects it goes over all strings, however deep; keys and ' +
    'all other values stay.',
  parameters: [
    required('value', ['bytes', 'object', 'array'], 'The value to go over.'),
    required(
      'filters',
      'array',
      'What is sensitive. Each filter is a regular expression, the name `us_social_security_number`, or an object: ' +
        '`{"type": "pattern", "patterns": […]}` with regular expressions and texts. All must be known while compiling.',
      { compileTime: true },
    ),
    optional(
      'redactor',
      ['object', 'bytes'],
      'What to put in its place. `full` puts `[REDACTED]`; `{"type": "text", "replacement": "…"}` puts a text; `sha2` ' +
        'and `sha3` put a hash, of which `{"type": "sha2", "variant": "…", "encoding": "…"}` chooses the variant and ' +
        '`base64` or `base16`. It must be known while compiling.',
      { compileTime: true },
    ),
  ],
  returns: { kinds: ['bytes', 'object', 'array'], fallible: false },
  hasLooseType: true,
  type: (call) => fallible(call.argument('value')!.type, false),
  // What holds no text, of whatever kind, is returned as it is.
  unchecked: true,
  examples: [
    {
      title: 'A regular expression',
      source: 'redact("card 1234", filters: [r\'\\d+\'])',
      result: 'card [REDACTED]',
    },
    {
      title: 'Inside an object',
      source: 'redact({ "a": ["078-05-1234"], "b": 1 }, filters: ["us_social_security_number"])',
      result: { a: ['[REDACTED]'], b: 1 },
    },
    {
      title: 'Another text',
      source: 'redact("pin 42", filters: [r\'\\d\'], redactor: { "type": "text", "replacement": "*" })',
      result: 'pin **',
    },
    {
      title: 'A hash',
      source:
        'redact("pin 42", filters: [{ "type": "pattern", "patterns": ["42"] }], ' +
        'redactor: { "type": "sha2", "variant": "SHA-224", "encoding": "base16" })',
      result: 'pin 3d24353c0d9d445310597750ba9d4d4f3dcf7940eeb57ccd7fa70b3e',
    },
  ],
  prepare(call) {
    const filters = call.array('filters')!.map(constantFilter);
    const given = call.literal('redactor');
    const redactor = redactorOf(given ?? 'full');
    if (typeof redactor === 'string') throw invalidArgument('redactor', displayValue(given ?? null), redactor);
    return (value: Value) => redacted(value, filters, redactor, 0);
  },
});

function constantFilter(argument: Argument): Filter {
  if (argument.constant === undefined) throw expectedStatic('filters', argument);
  const filter = filterOf(argument.constant);
  if (typeof filter === 'string') throw invalidArgument('filters', displayValue(argument.constant), filter);
  return filter;
}

function redacted(value: Value, filters: readonly Filter[], redactor: Redactor, depth: number): Value {
  if (typeof value === 'string' || value instanceof Uint8Array) {
    let text = utf8Text(value);
    for (const filter of filters) text = filter(text, redactor);
    return text;
  }
  if (depth >= NESTING_MAX) return value;
  if (Array.isArray(value)) return value.map((item) => redacted(item, filters, redactor, depth + 1));
  if (!isObject(value)) return value;
  const result: ObjectValue = {};
  for (const key of sortedKeys(value))
    setField(result, key, redacted(getField(value, key)!, filters, redactor, depth + 1));
  return result;
}

import type { Value } from '../../event/value.ts';
import { fail, wrongKind } from '../4_run/failure.ts';
import { isText } from '../formats/argument_kinds.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const join = defineFunction({
  name: 'join',
  category: 'String',
  doc: 'Puts the strings of an array together to one.',
  parameters: [
    required('value', 'array', 'The strings.'),
    optional('separator', 'bytes', 'What to put between them; nothing when not given.', { default: '' }),
  ],
  failures: ['An item is not a string.'],
  returns: { kinds: ['bytes'], fallible: true },
  checkOrder: ['value'],
  examples: [
    { title: 'With a separator', source: 'join!(["a", "b", "c"], ", ")', result: 'a, b, c' },
    { title: 'Without', source: 'join!(["a", "b", "c"])', result: 'abc' },
    {
      title: 'Not only strings',
      source: 'join!(["a", 1])',
      error: 'function call error for "join" at (0:15): all array items must be strings',
    },
  ],
  run(value: readonly Value[], separator: Value) {
    if (!value.every(isText)) return fail('all array items must be strings');
    if (!isText(separator)) return wrongKind(separator, 'bytes');
    const between = utf8Text(separator);
    let text = '';
    for (let i = 0; i < value.length; i++) {
      const item = value[i]!;
      if (i > 0) text += between;
      text += typeof item === 'string' ? item : utf8Text(item);
    }
    return text;
  },
});

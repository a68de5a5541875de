// Makes a regular expression of text.

import { Regex } from '../../event/value.ts';
import { lossy } from '../4_run/convert.ts';
import { fail } from '../4_run/failure.ts';
import { compileRegex } from '../formats/regex.ts';
import { defineFunction, required } from '../function.ts';

export const toRegex = defineFunction({
  name: 'to_regex',
  category: 'Coerce',
  doc: 'Makes a regular expression of its pattern.',
  parameters: [required('value', 'bytes', 'The pattern.')],
  failures: ['`value` is not a regular expression.'],
  notices: ['Patterns that change from event to event are compiled again and again. Prefer a literal where you can.'],
  returns: { kinds: ['regex'], fallible: true },
  examples: [{ title: 'A pattern', source: 'to_regex!("^a+$")', result: new Regex('^a+$') }],
  run(value: string | Uint8Array) {
    const pattern = lossy(value);
    const compiled = compileRegex(pattern);
    return typeof compiled === 'string' ? fail(`could not create regex: ${compiled}`) : new Regex(pattern);
  },
});

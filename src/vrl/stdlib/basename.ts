import { pathComponents } from '../formats/path_components.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const basename = defineFunction({
  name: 'basename',
  category: 'String',
  doc: 'Returns the last component of a path. It is `null` where that is the root, `.` or `..`.',
  parameters: [required('value', 'bytes', 'The path.')],
  failures: ['`value` is not a string.'],
  returns: { kinds: ['bytes', 'null'], fallible: true },
  examples: [
    { title: 'A file', source: 'basename!("/var/log/syslog.1")', result: 'syslog.1' },
    { title: 'A folder', source: 'basename!("/var/log/")', result: 'log' },
    { title: 'The root', source: 'basename!("/")', result: null },
  ],
  run(value: string | Uint8Array) {
    const last = pathComponents(utf8Text(value)).at(-1)?.text;
    return last === undefined || last === '/' || last === '.' || last === '..' ? null : last;
  },
});

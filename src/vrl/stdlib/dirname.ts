import { pathComponents } from '../formats/path_components.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const dirname = defineFunction({
  name: 'dirname',
  category: 'String',
  doc: 'Returns a path without its last component: `.` when there is no other, `/` for the root.',
  parameters: [required('value', 'bytes', 'The path.')],
  failures: ['`value` is not a string.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'A file', source: 'dirname!("/var/log/syslog.1")', result: '/var/log' },
    { title: 'A name alone', source: 'dirname!("syslog.1")', result: '.' },
    { title: 'In the root', source: 'dirname!("/etc")', result: '/' },
  ],
  run(value: string | Uint8Array) {
    const path = utf8Text(value);
    if (path === '/') return '/';
    const before = pathComponents(path).at(-2);
    return before ? path.slice(0, before.end) : '.';
  },
});

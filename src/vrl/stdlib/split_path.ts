import { pathComponents } from '../formats/path_components.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const splitPath = defineFunction({
  name: 'split_path',
  category: 'String',
  doc: 'Returns the components of a path. A path that begins at the root has `/` as its first.',
  parameters: [required('value', 'bytes', 'The path.')],
  failures: ['`value` is not a string.'],
  returns: { kinds: ['array'], fallible: false },
  examples: [
    { title: 'From the root', source: 'split_path("/var/log//syslog")', result: ['/', 'var', 'log', 'syslog'] },
    { title: 'From here', source: 'split_path("./a/../b")', result: ['.', 'a', '..', 'b'] },
  ],
  run: (value: string | Uint8Array) => pathComponents(utf8Text(value)).map(({ text }) => text),
});

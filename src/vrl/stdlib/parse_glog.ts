// Reads a line of Google's logging library.

import { Timestamp } from '../../event/timestamp.ts';
import { typeDef } from '../2_check/type_def.ts';
import { GLOG_KIND, parseGlogLine } from '../formats/glog_line.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const parseGlog = defineFunction({
  name: 'parse_glog',
  category: 'Parse',
  doc: "Reads a line of [glog](https://github.com/google/glog), Google's logging library.",
  parameters: [required('value', 'bytes', 'The line.')],
  failures: ['`value` is no line of glog.'],
  returns: { kinds: ['object'], fallible: true },
  type: () => typeDef(GLOG_KIND, 'maybe'),
  examples: [
    {
      title: 'A warning',
      source: 'parse_glog!("W20210203 21:13:55.250000 4711 server.cc:42] Slow disk")',
      result: {
        level: 'warning',
        timestamp: new Timestamp(1612386835, 250_000_000),
        id: 4711,
        file: 'server.cc',
        line: 42,
        message: 'Slow disk',
      },
    },
  ],
  run: (value: string | Uint8Array) => parseGlogLine(utf8Text(value)),
});

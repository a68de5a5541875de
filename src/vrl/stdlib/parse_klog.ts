// Reads a line of Kubernetes' logging library.

import { typeDef } from '../2_check/type_def.ts';
import { GLOG_KIND, parseKlogLine } from '../formats/glog_line.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const parseKlog = defineFunction({
  name: 'parse_klog',
  category: 'Parse',
  doc: 'Reads a line of [klog](https://github.com/kubernetes/klog), the logging library of Kubernetes.',
  parameters: [required('value', 'bytes', 'The line.')],
  failures: ['`value` is no line of klog.'],
  notices: ['The year, which a line does not say, is this one; for a December that arrives in January the one before.'],
  returns: { kinds: ['object'], fallible: true },
  type: () => typeDef(GLOG_KIND, 'maybe'),
  examples: [
    {
      title: 'An error',
      source:
        'entry = parse_klog!("E0203 21:13:55.250000       1 reflector.go:42] Failed to watch")\n[entry.level, entry.id, entry.file, entry.line, entry.message]',
      result: ['error', 1, 'reflector.go', 42, 'Failed to watch'],
    },
  ],
  prepare({ environment }) {
    return (value: string | Uint8Array) => parseKlogLine(utf8Text(value), new Date(environment.now().toMs()));
  },
});

import type { Value } from '../../event/value.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { jsonTypeDef } from '../formats/json_type.ts';
import { parseYamlText } from '../formats/yaml/parse.ts';
import { YamlProblem } from '../formats/yaml/text.ts';
import { utf8Problem } from '../formats/yaml/utf8.ts';
import { defineFunction, required } from '../function.ts';

export const parseYaml = defineFunction({
  name: 'parse_yaml',
  category: 'Parse',
  doc: 'Reads `value` as a single [YAML](https://yaml.org) document.',
  parameters: [required('value', 'bytes', 'The YAML text.')],
  failures: ['`value` is not YAML, or more than one document.', 'A value has a tag of its own.'],
  notices: ['Only what JSON has is given: `parse_timestamp` makes timestamps of strings.'],
  returns: { kinds: ['bytes', 'boolean', 'integer', 'float', 'null', 'array', 'object'], fallible: true },
  examples: [
    { title: 'An object', source: "parse_yaml!(s'key: val')", result: { key: 'val' } },
    {
      title: 'Lists in either style',
      source: "parse_yaml!(s'\na:\n  - x\n  - 2\nb: [true, ~]\n')",
      result: { a: ['x', 2], b: [true, null] },
    },
    {
      title: 'A quote that is not closed',
      source: `parse_yaml!(s'a: "b')`,
      error:
        'function call error for "parse_yaml" at (0:21): unable to parse yaml: found unexpected end of stream at line 1 ' +
        'column 6, while scanning a quoted scalar at line 1 column 4',
    },
  ],
  type: () => jsonTypeDef(),
  run(value: string | Uint8Array): Value | Failure {
    if (typeof value !== 'string') return fail(`unable to parse yaml: ${utf8Problem(value)}`);
    try {
      return parseYamlText(value.startsWith('\ufeff') ? value.slice(1) : value);
    } catch (error) {
      if (error instanceof YamlProblem) return fail(`unable to parse yaml: ${error.message}`);
      throw error;
    }
  },
});

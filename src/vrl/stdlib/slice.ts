import { bytesValue, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef, unionOf } from '../2_check/type_def.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { bytesOf } from '../formats/bytes.ts';
import { utf8Length } from '../formats/utf8_length.ts';
import { defineFunction, optional, required } from '../function.ts';

export const slice = defineFunction({
  name: 'slice',
  category: 'String',
  doc: 'Returns a part of a string or array. Negative positions count from the end.',
  notices: ['Positions in a string are counted in bytes.'],
  parameters: [
    required('value', ['bytes', 'array'], 'The string or array to cut.'),
    required('start', 'integer', 'Where the part starts.'),
    optional('end', 'integer', 'Where it ends, this position not included; the end of `value` when not given.'),
  ],
  failures: ['`start` is not within `value`.', '`end` is before `start`.'],
  returns: { kinds: ['bytes', 'array'], fallible: true },
  hasLooseType: true,
  checkOrder: ['start', 'end', 'value'],
  evaluationOrder: ['start', 'end', 'value'],
  type(call) {
    const { type } = call.argument('value')!;
    if (type.kind.is('bytes') || type.kind.is('array')) return unionOf(typeDef(Kind.never(), true), type);
    return typeDef(Kind.of('bytes', 'array'), true);
  },
  examples: [
    { title: 'From the start', source: 'slice!("2024-02-03", 0, 4)', result: '2024' },
    { title: 'From the end', source: 'slice!("2024-02-03", -2)', result: '03' },
    { title: 'An array', source: 'slice!([1, 2, 3, 4], 1, 3)', result: [2, 3] },
    {
      title: 'Outside',
      source: 'slice!("abc", 5)',
      error: 'function call error for "slice" at (0:16): "start" must be between "-3" and "3"',
    },
  ],
  run(value: string | Uint8Array | Value[], start: number | bigint, end: number | bigint | undefined) {
    const length = typeof value === 'string' ? utf8Length(value) : value.length;
    const range = rangeOf(Number(start), end === undefined ? length : Number(end), length);
    if (range instanceof Failure) return range;
    const [from, to] = range;
    if (Array.isArray(value)) return value.slice(from, to);
    if (typeof value === 'string' && value.length === length) return value.slice(from, to);
    return bytesValue(bytesOf(value).subarray(from, to));
  },
});

function rangeOf(start: number, end: number, length: number): readonly [number, number] | Failure {
  const from = start < 0 ? start + length : start;
  const to = end < 0 ? end + length : end;
  if (from < 0 || from > length) return fail(`"start" must be between "${length === 0 ? 0 : -length}" and "${length}"`);
  if (to < from) return fail('"end" must be greater or equal to "start"');
  return [from, Math.min(to, length)];
}

import { integer } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { checkRange, EMPTY_RANGE, isRange } from '../formats/random_range.ts';
import { defineFunction, type RunContext, required } from '../function.ts';

export const randomInt = defineFunction({
  name: 'random_int',
  category: 'Random',
  doc: 'Returns an integer by chance, from `min` up to `max`, which is not included.',
  parameters: [
    required('min', 'integer', 'The least it can be.'),
    required('max', 'integer', 'What it is always less than.'),
  ],
  failures: ['`max` is not greater than `min`.'],
  pure: false,
  returns: { kinds: ['integer'], fallible: true },
  type: (call) => typeDef(Kind.of('integer'), !isRange(call)),
  examples: [
    { title: 'A die', source: 'random_int(1, 7)', result: 4, varies: true },
    { title: 'No choice', source: 'random_int(5, 6)', result: 5 },
  ],
  context: true,
  prepare(call) {
    checkRange(call);
    return ({ environment }: RunContext, min: number | bigint, max: number | bigint) => {
      if (max <= min) return fail(EMPTY_RANGE);
      const span = Number(max) - Number(min);
      if (span <= SPAN_MAX && Number.isSafeInteger(min)) return Number(min) + Math.floor(environment.random() * span);
      return integer(BigInt(min) + wideOffset(environment.randomBytes(16), BigInt(max) - BigInt(min)));
    };
  },
});

/** The random source gives 32 bits or more at a time. */
const SPAN_MAX = 2 ** 32;

/** Twice the bits that are needed, so that the remainder favours no number noticeably. */
function wideOffset(bytes: Uint8Array, span: bigint): bigint {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  return bits % span;
}

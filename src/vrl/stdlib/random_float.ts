import { type Float, float, toNumber } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { checkRange, EMPTY_RANGE, isRange } from '../formats/random_range.ts';
import { defineFunction, type RunContext, required } from '../function.ts';

export const randomFloat = defineFunction({
  name: 'random_float',
  category: 'Random',
  doc: 'Returns a float by chance, from `min` up to `max`, which is not included.',
  parameters: [
    required('min', 'float', 'The least it can be.'),
    required('max', 'float', 'What it is always less than.'),
  ],
  failures: ['`max` is not greater than `min`.'],
  pure: false,
  returns: { kinds: ['float'], fallible: true },
  type: (call) => typeDef(Kind.of('float'), !isRange(call)),
  examples: [{ title: 'Below one', source: 'random_float(0.0, 1.0)', result: 0.5, varies: true }],
  context: true,
  prepare(call) {
    checkRange(call);
    return ({ environment }: RunContext, min: number | Float, max: number | Float) => {
      const low = toNumber(min)!;
      const high = toNumber(max)!;
      if (high <= low) return fail(EMPTY_RANGE);
      const share = environment.random();
      // Rounding must not reach the upper end.
      const value = low * (1 - share) + high * share;
      return float(value < high && value >= low ? value : low);
    };
  },
});

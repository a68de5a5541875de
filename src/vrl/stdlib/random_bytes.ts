import { bytesValue, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { displayValue } from '../4_run/display.ts';
import { fail } from '../4_run/failure.ts';
import { defineFunction, invalidArgument, type RunContext, required } from '../function.ts';

const LENGTH_MAX = 65_536;

export const randomBytes = defineFunction({
  name: 'random_bytes',
  category: 'Random',
  doc: 'Returns random bytes that nobody can foresee, fit for keys.',
  parameters: [required('length', 'integer', 'How many bytes, 65,536 at most.')],
  failures: ['`length` is negative.', '`length` is above 65,536.'],
  pure: false,
  returns: { kinds: ['bytes'], fallible: true },
  type: (call) => typeDef(Kind.of('bytes'), lengthProblem(call.argument('length')!.constant) !== undefined),
  examples: [
    { title: 'Sixteen bytes', source: 'length(random_bytes(16))', result: 16 },
    {
      title: 'Too many',
      source: 'random_bytes!(to_int!(.length))',
      event: { length: '65537' },
      error: 'function call error for "random_bytes" at (0:31): Length is too large. Maximum is 64k',
    },
  ],
  context: true,
  prepare(call) {
    const constant = call.argument('length')?.constant;
    const problem = constant === undefined ? undefined : lengthProblem(constant);
    if (problem !== undefined) throw invalidArgument('length', displayValue(constant!), problem);
    return ({ environment }: RunContext, length: number | bigint) => {
      const wrong = lengthProblem(length);
      return wrong === undefined ? bytesValue(environment.randomBytes(Number(length))) : fail(wrong);
    };
  },
});

function lengthProblem(length: Value | undefined): string | undefined {
  if (typeof length !== 'number' && typeof length !== 'bigint') return 'Length must be an integer';
  if (length < 0) return 'Length cannot be negative';
  return length > LENGTH_MAX ? 'Length is too large. Maximum is 64k' : undefined;
}

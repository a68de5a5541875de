import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { defineFunction, type RunContext } from '../function.ts';

export const randomBool = defineFunction({
  name: 'random_bool',
  category: 'Random',
  doc: 'Returns `true` or `false` by chance.',
  parameters: [],
  pure: false,
  returns: { kinds: ['boolean'], fallible: false },
  // A call whose value is not used has no effect, and gets the warning.
  type: () => typeDef(Kind.of('boolean')),
  examples: [{ title: 'One of the two', source: 'random_bool()', result: true, varies: true }],
  context: true,
  run: ({ environment }: RunContext) => environment.random() < 0.5,
});

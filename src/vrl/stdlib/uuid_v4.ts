import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { uuidOf } from '../formats/uuid.ts';
import { defineFunction, type RunContext } from '../function.ts';

export const uuidV4 = defineFunction({
  name: 'uuid_v4',
  category: 'Random',
  doc: 'Returns a new random UUID (version 4).',
  parameters: [],
  pure: false,
  returns: { kinds: ['bytes'], fallible: false },
  type: () => typeDef(Kind.of('bytes')),
  examples: [
    { title: 'A UUID', source: 'uuid_v4()', result: '1d262f4f-199b-458d-879f-05fd0a5f0683', varies: true },
    { title: 'Its version', source: 'slice!(uuid_v4(), 14, 15)', result: '4' },
  ],
  context: true,
  run: ({ environment }: RunContext) => uuidOf(environment.randomBytes(16), 4),
});

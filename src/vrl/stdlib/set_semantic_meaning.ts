// Tells what a field means. The call is checked while compiling; running it does nothing.

import { formatPath } from '../../event/path.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import type { Code } from '../diagnostics/codes.ts';
import { CallProblem, defineFunction, required } from '../function.ts';

/** These complaints have no code of their own. */
const UNCODED = 0 as number as Code;

export const setSemanticMeaning = defineFunction({
  name: 'set_semantic_meaning',
  category: 'Event',
  doc:
    'Says what a field means, such as `timestamp` or `message`, to the components that the event goes on to. It takes ' +
    'effect when the program is compiled, whether the call is reached or not.',
  parameters: [
    required('target', 'any', 'The path of the field.', { compileTime: true }),
    required('meaning', 'bytes', 'What it means.', { compileTime: true }),
  ],
  returns: { kinds: ['null'], fallible: false },
  type: () => typeDef(Kind.of('null'), false, false),
  examples: [{ title: 'The time of a log', source: 'set_semantic_meaning(.when, "timestamp")', result: null }],
  prepare(call) {
    const query = call.query('target')!;
    call.literal('meaning');
    if (query.target !== 'event' && query.target !== 'metadata') {
      const hint = query.target === 'variable' ? [`maybe you meant ".${query.name}"?`] : [];
      throw new CallProblem(UNCODED, 'semantic meaning defined for non-external target', [
        'the target of this semantic meaning is a non-external path',
        ...hint,
      ]);
    }
    if (call.targetKind(query.target).atPath(query.segments).is('undefined')) {
      const path = formatPath({ target: 'event', segments: query.segments });
      throw new CallProblem(UNCODED, 'semantic meaning defined for non-existing field', [
        'cannot assign semantic meaning to non-existing field',
        `field "${path}" is not known to exist for all events`,
      ]);
    }
    return () => null;
  },
});

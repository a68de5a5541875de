// Deletes a place of the event, its metadata or a variable. The generator writes the deletion itself, as it knows where
// the place is.

import { formatPath } from '../../event/path.ts';
import { impure } from '../2_check/type_def.ts';
import { type Call, CallProblem, defineFunction, type Implementation, optional, required } from '../function.ts';

export const del = defineFunction({
  name: 'del',
  category: 'Path',
  doc: 'Deletes what is at the path `target` and returns it, or `null` when there is nothing. For paths that are only known at run time, use `remove`.',
  parameters: [
    required('target', 'any', 'The path of what is deleted.', { compileTime: true }),
    optional('compact', 'boolean', 'Whether objects and arrays that are left empty on the way are deleted, too.', {
      default: false,
    }),
  ],
  pure: false,
  returns: { kinds: ['any'], fallible: false },
  notices: ['The event itself is changed.'],
  examples: [
    { title: 'Rename a field', source: '.new = del(.old)\n.', event: { old: 'x' }, result: { new: 'x' } },
    { title: 'Nothing there', source: 'del(.missing)', result: null },
    { title: 'Parents as well', source: 'del(.a.b, compact: true)\n.', event: { a: { b: 1 }, c: 2 }, result: { c: 2 } },
  ],
  type: (call) => impure(call.argument('target')!.type),
  prepare: prepareDeletion,
});

function prepareDeletion(call: Call): Implementation {
  const query = call.query('target')!;
  const { target, segments } = query;
  if ((target === 'event' || target === 'metadata') && call.isReadOnly({ target, segments })) {
    throw new CallProblem(315, 'mutation of read-only value', [
      `\`${formatPath({ target, segments })}\` can not be deleted here`,
    ]);
  }
  return () => null;
}

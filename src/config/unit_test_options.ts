// The options of `tests`, the unit tests of a configuration: their shape is checked here, and `sluice test` runs them.

import { anything, array, either, map, object, oneOf, string, uint } from '../schema/schema.ts';

const condition = () => anything('A VRL program, or an object with `type` and `source`.', { program: true } as never);

const NEEDED = { raw: 'value', vrl: 'source', log: 'log_fields', metric: 'metric' } as const;

const input = () =>
  object(
    'An event that the test puts in.',
    {
      insert_at: string('The id of the transform that gets it.'),
      type: oneOf(['raw', 'vrl', 'log', 'metric'], 'How the event is written.', { default: 'raw' }),
      value: string('The message, for `raw`.', { optional: true }),
      source: string('A program that makes the event, for `vrl`.', { optional: true, program: true, syntax: 'vrl' }),
      log_fields: map(anything('The value of the field.'), 'Fields by path, for `log`.', { optional: true }),
      metric: anything('The metric, for `metric`.', { optional: true }),
    },
    {
      optional: true,
      checkAll: (written: Readonly<Record<string, unknown>> & { readonly type: keyof typeof NEEDED }) => {
        const needed = NEEDED[written.type];
        return written[needed] === undefined
          ? [[[], `\`${needed}\` is required when \`type\` is \`${written.type}\``]]
          : [];
      },
    },
  );

/** One unit test. */
export const unitTest = object(
  'A test of transforms.',
  {
    name: string('The name of the test.'),
    input: input(),
    inputs: array(input(), 'Several events to put in.', { default: [] }),
    outputs: array(
      object('What is expected of a transform.', {
        extract_from: either(
          string('The id of the transform.'),
          array(string('The id of a transform.'), 'The ids of transforms.'),
          'The transforms whose output is looked at.',
        ),
        conditions: array(condition(), 'What has to be true of the output.', { default: [] }),
        expected_event_count: uint('How many events have to come out.', { optional: true }),
      }),
      'What is expected.',
      { default: [] },
    ),
    no_outputs_from: array(string('The id of a transform.'), 'Transforms that must send nothing.', { default: [] }),
  },
  { unknown: 'warn' },
);

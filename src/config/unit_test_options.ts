// The options of `tests`, the unit tests of a configuration: their shape is checked here, and `sluice test` runs them.
// What is wrong with a test in itself is no mistake of the configuration: the tests say it.

import { condition } from '../component/condition.ts';
import { anything, array, either, map, object, string, uint } from '../schema/schema.ts';

const input = () =>
  object(
    'An event that the test puts in.',
    {
      insert_at: string('The id of the transform that gets it.'),
      type: string('How the event is written: `raw`, `vrl`, `log` or `metric`.', { default: 'raw' }),
      value: string('The message, for `raw`.', { optional: true }),
      source: string('A program that makes the event, for `vrl`.', { optional: true, program: true, syntax: 'vrl' }),
      log_fields: map(anything('The value of the field.'), 'Fields by path, for `log`.', { optional: true }),
      metric: anything('The metric, for `metric`.', { optional: true }),
    },
    { optional: true },
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
        conditions: array(condition('A condition.'), 'What has to be true of the output.', { default: [] }),
        expected_event_count: uint('How many events have to come out.', { optional: true }),
      }),
      'What is expected.',
      { default: [] },
    ),
    no_outputs_from: array(string('The id of a transform.'), 'Transforms that must send nothing.', { default: [] }),
  },
  { unknown: 'warn' },
);

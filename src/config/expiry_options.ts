// The options of when some of our own metrics are left out for want of records.

import { array, float, object, oneOf, string, variants } from '../schema/schema.ts';
import { compilePattern, PatternProblem } from '../std/pattern.ts';

function patternProblem(source: string): string | undefined {
  const pattern = compilePattern(source);
  return pattern instanceof PatternProblem ? pattern.message : undefined;
}

export const expireMetricSet = object('When some metrics expire.', {
  name: variants(
    'The names of the metrics.',
    'type',
    {
      exact: { value: string('The name.') },
      regex: { pattern: string('A pattern of names.', { syntax: 'regex', validate: patternProblem }) },
    },
    {},
    { optional: true, tagDoc: 'How names are compared.' },
  ),
  labels: object(
    'The labels of the metrics.',
    {
      type: oneOf(['all', 'any'], 'Whether all matchers have to hold, or any.'),
      matchers: array(
        variants(
          'A matcher of one label.',
          'type',
          {
            exact: { value: string('The value.') },
            regex: { value_pattern: string('A pattern of values.', { syntax: 'regex', validate: patternProblem }) },
          },
          { key: string('The name of the label.') },
          { tagDoc: 'How values are compared.' },
        ),
        'The matchers.',
      ),
    },
    { optional: true },
  ),
  expire_secs: float('How long a metric lives that is not updated.', { unit: 'seconds' }),
});

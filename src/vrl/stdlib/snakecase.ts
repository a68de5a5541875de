import {
  BOUNDARY_NAMES,
  type BoundaryName,
  boundariesOf,
  CASE_DOCS,
  CASE_NAMES,
  type CaseName,
  convertCase,
} from '../formats/letter_case.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { type Argument, CallProblem, defineFunction, optional, required } from '../function.ts';

export const snakecase = defineFunction({
  name: 'snakecase',
  category: 'String',
  doc: 'Writes a name of several words in the convention snake_case.',
  parameters: [
    required('value', 'bytes', 'The name to convert.'),
    optional('original_case', 'bytes', 'The convention it is written in; found out by itself when not given.', {
      values: CASE_DOCS,
    }),
    optional('excluded_boundaries', 'array', 'Changes between letters and digits at which no word begins.', {
      values: {
        lower_upper: 'A small letter, then a capital: `aB`.',
        upper_lower: 'A capital, then a small letter: `Ab`. No word begins there anyway.',
        acronym: 'The last of several capitals, when a small letter follows: `HTTPServer`.',
        lower_digit: 'A small letter, then a digit: `a1`.',
        upper_digit: 'A capital, then a digit: `A1`.',
        digit_lower: 'A digit, then a small letter: `1a`.',
        digit_upper: 'A digit, then a capital: `1A`.',
      },
      compileTime: true,
    }),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    { title: 'Any convention', source: 'snakecase("userLogin-Count")', result: 'user_login_count' },
    { title: 'Letters that belong together', source: 'snakecase("HTTPServer")', result: 'http_server' },
    {
      title: 'Digits as a part of words',
      source: 'snakecase("s3BucketSize", excluded_boundaries: ["lower_digit", "digit_upper"])',
      result: 's3bucket_size',
    },
  ],
  prepare(call) {
    const from = call.oneOf('original_case', CASE_NAMES) as CaseName | undefined;
    const boundaries = boundariesOf(from, call.array('excluded_boundaries')?.map(boundaryOf));
    return (value: string | Uint8Array) => convertCase(utf8Text(value), boundaries, 'snake_case');
  },
});

function boundaryOf({ constant }: Argument): BoundaryName {
  if (constant === undefined) throw new CallProblem(0, 'expected static string for excluded_boundaries');
  const name = BOUNDARY_NAMES.find((one) => one === constant);
  if (name === undefined) throw new CallProblem(0, `boundary must match one of: ${BOUNDARY_NAMES.join(', ')}`);
  return name;
}

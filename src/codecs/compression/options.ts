// The option `compression` of sinks: the name of an algorithm, or an object with its level.

import { either, isPlainObject, type Option, object, oneOf, ParseProblem, parsed, uint } from '../../schema/schema.ts';
import { ALGORITHMS, type Algorithm, type Compression } from './compression.ts';

const NAMED_LEVELS = ['none', 'fast', 'default', 'best'] as const;

/** `compression` with the algorithms that the sink has. */
export function compression<const A extends Algorithm>(
  algorithms: readonly A[],
  about: { readonly default?: NoInfer<A>; readonly doc?: string } = {},
): Option<Compression> {
  const doc = about.doc ?? 'How the output is compressed.';
  const fallback = about.default ?? ('none' as A);
  const details = object(
    doc,
    {
      algorithm: oneOf(algorithms, 'The algorithm.', { default: fallback }),
      level: either(
        oneOf(NAMED_LEVELS, 'A level by name.'),
        uint('A level as a number.'),
        'How hard it tries: a word, or a number (gzip and zlib 0 to 9, zstd 0 to 21).',
        { default: 'default' },
      ),
    },
    { expand: (value) => (isPlainObject(value) ? value : { algorithm: value }) },
  );
  const option = parsed(details, ({ algorithm, level }): Compression | ParseProblem => {
    const { levels } = ALGORITHMS[algorithm];
    if (level === 'default') return { algorithm };
    if (!levels) return new ParseProblem(`\`${algorithm}\` has no levels`);
    const wanted = typeof level === 'number' ? level : { none: 0, fast: levels.fast, best: levels.max }[level];
    if (wanted <= levels.max) return { algorithm, level: wanted };
    return new ParseProblem(`the level of \`${algorithm}\` must be from 0 to ${levels.max}, got ${wanted}`);
  });
  return {
    ...option,
    info: { ...option.info, types: ['string', 'object'], enum: algorithms, default: fallback, required: false },
  };
}

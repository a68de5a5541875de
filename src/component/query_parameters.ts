// Parameters that a source adds to the URIs it asks: texts, and programs that run anew for each request.

import { textOf } from '../event/text.ts';
import {
  array,
  type ConfigOf,
  either,
  isPlainObject,
  map,
  type Option,
  object,
  oneOf,
  type Problem,
  string,
} from '../schema/schema.ts';
import { Failure, type Program } from '../vrl/vrl.ts';
import { reasonOf } from './condition.ts';
import { EventSecrets } from './event_secrets.ts';
import { builtProgram, compileProgram, type ProgramSurroundings, programProblems } from './programs.ts';

interface Written {
  readonly type: 'string' | 'vrl';
  readonly value: string;
}

const parameter: Option<Written> = object(
  'A value and what it is.',
  {
    type: oneOf(['string', 'vrl'], 'What the value is: a text, or a program whose result is the value.', {
      default: 'string',
    }),
    value: string('The value.', { program: true, examples: ['now()'] }),
  },
  { expand: (value) => (isPlainObject(value) ? value : { value }) },
);

/** The option `query`. */
export function query() {
  const one = either(
    parameter,
    array(parameter, 'Several values of one parameter.'),
    'The value of a parameter: a text, a text with its `type`, or a list of those.',
  );
  const value = {
    ...one,
    info: {
      ...one.info,
      types: ['object', 'string'] as const,
      ...(parameter.info.fields ? { fields: parameter.info.fields } : {}),
    },
  };
  return map(value, 'Parameters of the query of each request. Those in the URI itself stay.', {
    default: {},
    examples: [{ 'match[]': ['{job="somejob"}', '{__name__=~"job:.*"}'] }],
  });
}

export type QueryConfig = ConfigOf<ReturnType<typeof query>>;

/** What is wrong with the programs among parameters. */
export function queryProblems(config: QueryConfig, surroundings: ProgramSurroundings): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [name, value] of config) {
    const list = Array.isArray(value) ? value : [value as Written];
    for (const [index, one] of list.entries()) {
      if (one.type !== 'vrl') continue;
      const path = ['query', name, ...(Array.isArray(value) ? [index] : []), 'value'];
      const compiled = compileProgram(one.value, surroundings, { readOnly: 'all' });
      problems.push(...programProblems(compiled, { source: one.value }, path));
    }
  }
  return problems;
}

/** Why a URI cannot be made. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

/** A function that gives a URI with its parameters as they are now; it throws `QueryError` when a program fails. */
export function withQuery(uri: URL, config: QueryConfig, surroundings: ProgramSurroundings): () => URL {
  const parts: (readonly [name: string, value: string | Program])[] = [];
  for (const [name, value] of config)
    for (const one of Array.isArray(value) ? (value as readonly Written[]) : [value as Written])
      parts.push([name, one.type === 'vrl' ? builtProgram(one.value, surroundings, { readOnly: 'all' }) : one.value]);
  if (parts.length === 0) return () => uri;
  return () => {
    const url = new URL(uri);
    for (const [name, part] of parts)
      url.searchParams.append(name, typeof part === 'string' ? part : resultOf(part, name));
    return url;
  };
}

function resultOf(program: Program, name: string): string {
  const result = program.run({ value: {}, metadata: {}, secrets: new EventSecrets() });
  if (result instanceof Failure) throw new QueryError(`the parameter \`${name}\` has no value: ${reasonOf(result)}`);
  return textOf(result);
}

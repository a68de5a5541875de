// Writes to the log of the process; the host sees to the rate.

import { textOf } from '../../event/text.ts';
import type { Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { defineFunction, optional, type RunContext, required } from '../function.ts';

const LEVELS = {
  trace: 'For following what happens in detail.',
  debug: 'For finding faults.',
  info: 'For what is worth knowing.',
  warn: 'For what may be wrong.',
  error: 'For what is wrong.',
} as const;

type Level = keyof typeof LEVELS;

export const log = defineFunction({
  name: 'log',
  category: 'Debug',
  doc: 'Writes `value` to the log of the process.',
  parameters: [
    required('value', 'any', 'What to write.'),
    optional('level', 'bytes', 'The level to write it at.', { default: 'info', values: LEVELS, compileTime: true }),
    optional(
      'rate_limit_secs',
      'integer',
      'The call writes at most once in this many seconds; `0` lets it write always.',
      { default: 1 },
    ),
  ],
  pure: false,
  returns: { kinds: ['null'], fallible: false },
  type: () => typeDef(Kind.of('null'), false, false),
  context: true,
  examples: [{ title: 'A warning', source: 'log("low on memory", level: "warn", rate_limit_secs: 60)', result: null }],
  prepare(call) {
    const level = (call.oneOf('level', Object.keys(LEVELS)) ?? 'info') as Level;
    const place = call.span;
    return ({ environment }: RunContext, value: Value, _level: undefined, rateLimitSecs: number | bigint) => {
      environment.log(level, textOf(value), place, Number(rateLimitSecs));
      return null;
    };
  },
});

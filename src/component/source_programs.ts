// Programs of sources: in `decoding`, and in `auth` of HTTP servers.

import type { CompileProgram } from '../codecs/decoding/decoding.ts';
import type { RequestCheck } from '../net/http/server_auth.ts';
import { isPlainObject, type Problem } from '../schema/schema.ts';
import { Failure, type Target } from '../vrl/vrl.ts';
import { conditionProblems, reasonOf } from './condition.ts';
import type { SourceContext } from './context.ts';
import { EventSecrets } from './event_secrets.ts';
import { builtProgram, compileProgram, type ProgramSurroundings, programProblems } from './programs.ts';

/** How the `vrl` codec of a source compiles its program. */
export function decodingCompiler(surroundings: ProgramSurroundings): CompileProgram {
  return (source, timezone) => compileProgram(source, surroundings, { timezone });
}

/** What is wrong with programs in options that components share. */
export function sharedProblems(config: unknown, surroundings: ProgramSurroundings): readonly Problem[] {
  if (!isPlainObject(config)) return [];
  const { auth, decoding } = config;
  const problems: Problem[] = [];
  if (isPlainObject(decoding) && decoding['codec'] === 'vrl') {
    const { source, timezone } = decoding['vrl'] as { source: string; timezone?: string };
    const compiled = compileProgram(source, surroundings, { timezone });
    problems.push(...programProblems(compiled, { source }, ['decoding', 'vrl', 'source']));
  }
  if (isPlainObject(auth) && auth['strategy'] === 'custom' && typeof auth['source'] === 'string') {
    const condition = { type: 'vrl', source: auth['source'], at: ['source'] } as const;
    problems.push(...conditionProblems(condition, surroundings, ['auth']));
  }
  return problems;
}

/** A check of requests by a program that sees their headers, path and peer, and gives whether they may pass. */
export function requestCheck(source: string, context: SourceContext): RequestCheck {
  const program = builtProgram(source, context, { readOnly: 'all' });
  return ({ headers, path, peer }) => {
    const target: Target = {
      value: { headers: Object.fromEntries(headers), address: peer === '' ? null : peer, path },
      metadata: {},
      secrets: new EventSecrets(),
    };
    const result = program.run(target);
    if (result instanceof Failure) context.log.warn('Handling auth failed', { error: reasonOf(result) });
    return result === true;
  };
}

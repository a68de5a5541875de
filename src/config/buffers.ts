// The rules of a sink's buffer that go beyond its options: how stages follow each other.

import { type ConfigPath, isPlainObject, type Problem, plain } from '../schema/schema.ts';

/** What is wrong with a buffer as it is written, whether or not its options are right. `path` is that of the option. */
export function bufferProblems(written: unknown, path: ConfigPath): Problem[] {
  const problems: Problem[] = [];
  if (written === undefined || written === null) return problems;
  const raw = plain(Array.isArray(written) ? written : [written]) as unknown[];
  const stages = raw.map((stage) => ({ type: 'memory', when_full: 'block', ...(isPlainObject(stage) ? stage : {}) }));
  const report = (index: number, key: string, message: string, hint?: string): void => {
    const problem: Problem = { severity: 'error', path: [...path, index, key], message };
    problems.push(hint === undefined ? problem : { ...problem, hint });
  };
  if (stages.length === 0) problems.push({ severity: 'error', path, message: 'a buffer has at least one stage' });
  const last = stages.length - 1;
  for (const [index, stage] of stages.entries()) {
    if (index < last && stage.when_full !== 'overflow')
      report(index, 'when_full', 'a stage that another follows has to overflow', 'write `when_full: overflow`');
    if (index === last && stage.when_full === 'overflow')
      report(
        index,
        'when_full',
        'there is no further stage to overflow to',
        'use `block` or `drop_newest`, or add a stage',
      );
    if (stage.type !== 'disk') continue;
    if (stages.findIndex(({ type }) => type === 'disk') < index)
      report(index, 'type', 'a buffer has one stage on disk at most', 'both would use the same folder');
    else
      report(index, 'type', "disk buffers are one of Vector's features that this version of Sluice does not have yet");
  }
  return problems;
}

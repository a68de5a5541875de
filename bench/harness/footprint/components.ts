// What components cost by themselves: many that do nothing, in a row and beside each other.

import type { InputFile } from '../inputs.ts';
import type { Job, Setting } from '../job_list.ts';
import { measure, type Result } from '../measure.ts';
import { type Installation, type Program, startSluice } from '../programs.ts';

/** `row`: file → that many filters which let all pass → blackhole; `fan`: file → that many blackholes. */
export type Shape = 'row' | 'fan';

const JOB: Job = {
  id: 'COMPONENTS',
  title: 'components that do nothing',
  lines: 'json',
  input: 'file',
  output: 'none',
  mib: 64,
  expectation: undefined,
};

export function measureComponents(
  installation: Installation,
  shape: Shape,
  count: number,
  input: InputFile,
  folder: string,
): Promise<Result> {
  const program: Program = {
    name: `${count} components, ${shape}`,
    has: () => true,
    start: (_, setting) =>
      startSluice(installation, shape === 'row' ? row(count, setting) : fan(count, setting), setting),
    // All sinks together.
    async linesTaken(_, subject) {
      await subject.stop();
      const said = [...subject.output().matchAll(/Collected events\..*?events["=: ]+(\d+)/g)].map(([, n]) => Number(n));
      if (said.length === 0 || said.some((each) => each !== said[0])) return Number.NaN;
      return said[0]!;
    },
  };
  return measure({ program, job: JOB, input, folder, threads: 1 });
}

function head({ dataDir, inDir }: Setting): string {
  return `data_dir: ${dataDir}
acknowledgements: {enabled: true}
sources: {in: {type: file, include: ["${inDir}/*.log"]}}
`;
}

function row(count: number, setting: Setting): string {
  const names = Array.from({ length: count }, (_, index) => `pass_${index + 1}`);
  const transforms = names.map(
    (name, index) => `  ${name}: {type: filter, inputs: [${names[index - 1] ?? 'in'}], condition: "true"}\n`,
  );
  return `${head(setting)}${count > 0 ? `transforms:\n${transforms.join('')}` : ''}sinks:
  out: {type: blackhole, inputs: [${names.at(-1) ?? 'in'}], print_interval_secs: 3600}
`;
}

function fan(count: number, setting: Setting): string {
  const sinks = Array.from(
    { length: count },
    (_, index) => `  out_${index}: {type: blackhole, inputs: [in], print_interval_secs: 3600}\n`,
  );
  return `${head(setting)}sinks:\n${sinks.join('')}`;
}

// What does it cost to compile VRL programs: a long one in a fresh process, and a thousand small ones?
//
//   npm run bench vrl_compile

import { execFileSync } from 'node:child_process';
import { compile, type Program } from '../src/vrl/vrl.ts';
import { median, table } from './harness/report.ts';

const ROUNDS = 7;

/** Eleven lines with a bit of everything. */
function step(index: number): string {
  return `# step ${index}
.field_${index} = .a.b[${index % 5}]
x${index} = to_int(.field_${index}) ?? ${index}
if x${index} > ${index} && .s == "abc" {
  .out.r${index} = x${index} * 2 + 1
} else if exists(.k${index}) {
  del(.k${index})
} else {
  .status = downcase(string!(.status))
}
.list${index} = [1, "two", {"three": x${index}}]
`;
}

function compiled(source: string): Program {
  const result = compile(source);
  if ('diagnostics' in result) throw new Error(result.diagnostics.map(({ message }) => message).join('; '));
  return result.program;
}

const JOBS: Readonly<Record<string, () => void>> = {
  long: () => void compiled(Array.from({ length: 46 }, (_, index) => step(index)).join('')),
  small: () => {
    kept = Array.from({ length: 1000 }, (_, i) =>
      compiled(`.a${i} = to_int(.b${i}) ?? 0\nif .c == "x${i}" { del(.d) }\n.e = exists(.f)`),
    );
  },
};

/** Programs stay alive while memory is looked at. */
let kept: readonly Program[] = [];

const job = process.argv[3];
if (process.argv[2] === '--job' && job !== undefined) {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const started = performance.now();
  JOBS[job]!();
  const ms = performance.now() - started;
  console.log(JSON.stringify({ ms, mib: (process.memoryUsage().rss - before) / 2 ** 20, programs: kept.length }));
} else {
  const rows = Object.entries({ long: '506 lines, first in its process', small: '1,000 programs of 3 lines' }).map(
    ([name, title]) => {
      const runs = Array.from({ length: ROUNDS }, () => {
        const args = ['--expose-gc', import.meta.filename, '--job', name];
        return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as { ms: number; mib: number };
      });
      return [title, median(runs.map(({ ms }) => ms)).toFixed(0), median(runs.map(({ mib }) => mib)).toFixed(0)];
    },
  );
  console.log(table(['compiled', 'ms', 'RSS, MiB more'], rows));
}

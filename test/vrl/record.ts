// Makes cases for test/vrl/cases: programs on standard input, `---` between them, come out as JSON lines with what the
// original does with them.
//
//   node test/vrl/record.ts < programs.txt >> test/vrl/cases/NAME.jsonl

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Reply } from './reply.ts';

const ORACLE = join(import.meta.dirname, 'oracle/target/release/vrl-oracle');

/** The event of all recorded programs, unless one begins with `# event: {…}`. */
const EVENT = {
  a: 1,
  s: 'str',
  f: { $float: '2.0' },
  arr: [1, 'x', { y: 2 }],
  obj: { k: 'v', n: { m: 1 } },
  n: null,
  b: true,
};

const programs = (await text(process.stdin)).split('\n---\n').filter((source) => source.trim() !== '');
const requests = programs.map((source, index) => {
  const given = /^# event: (.*)\n/.exec(source);
  return { id: String(index), source, event: given ? JSON.parse(given[1]!) : EVENT };
});
const input = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
const { stdout } = spawnSync(ORACLE, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
const lines = stdout.split('\n').filter((line) => line !== '');
const replies = new Map(lines.map((line) => JSON.parse(line) as Reply).map((reply) => [reply.id, reply]));
for (const { id, source, event } of requests) {
  const { id: _, ...reply } = replies.get(id)!;
  // Codes and places are compared, the words of diagnostics are our own.
  const expect = JSON.parse(
    JSON.stringify(reply, (key, value) => (key === 'text' || key === 'messages' ? undefined : value)),
  );
  console.log(JSON.stringify({ source, event, expect }));
}

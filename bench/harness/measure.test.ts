import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Template } from './inputs.ts';
import { JOBS, type Job } from './job_list.ts';
import { measure, type Result } from './measure.ts';
import { start } from './process.ts';
import { type Program, plainNode } from './programs.ts';

const skip = process.platform === 'linux' ? false : 'measuring reads /proc, which only Linux has';
const LINES = 3_000;

async function run(id: string, program: Program): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-measure-'));
  const job: Job = JOBS.find((each) => each.id === id)!;
  try {
    const input = new Template(job.lines).write(job.lines, join(folder, 'in.log'), LINES);
    return await measure({ program, job, input, folder, threads: 1 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const id of ['W4', 'W6', 'W12']) {
  test(`measures plain Node on ${id}`, { skip }, async () => {
    const { cpuPerGb, peakMib, mbPerSecond } = await run(id, plainNode);
    assert.ok(cpuPerGb >= 0 && peakMib > 20 && mbPerSecond > 0, JSON.stringify({ cpuPerGb, peakMib, mbPerSecond }));
  });
}

/** Copies a file that appears, but for its first line. */
const FORGETFUL = `
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const [, path, out] = process.argv;
const timer = setInterval(() => {
  if (!existsSync(path)) return;
  clearInterval(timer);
  const edit = ({ user_id, ...e }) => JSON.stringify({ ...e, level: e.level.toUpperCase(), ok: e.request.status < 400 });
  const kept = readFileSync(path, 'utf8').trimEnd().split('\\n').map(JSON.parse).filter((e) => e.request.status !== 404);
  writeFileSync(out, kept.slice(1).map((e) => edit(e) + '\\n').join(''));
  setInterval(() => {}, 1000);
}, 20);
`;

test('a program that loses a line has not done the job', { skip }, async () => {
  const forgetful: Program = {
    name: 'forgetful',
    has: () => true,
    start: (_, { inDir, outFile }) => start(process.execPath, ['-e', FORGETFUL, join(inDir, 'input.log'), outFile]),
  };
  await assert.rejects(run('W6', forgetful), /forgetful on W6: 1 lost, 0 doubled, 0 wrong, 0 out of order/);
});

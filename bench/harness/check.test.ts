import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Expectation, LineCheck, SameCheck } from './check.ts';
import { type InputFile, Template } from './inputs.ts';
import { JOBS } from './job_list.ts';

const template = new Template('json');

/** More lines than there are shapes, so that the short way of comparing is taken too. */
const LINES = 20_100;

function withInput(body: (input: InputFile, lines: string[]) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-check-'));
  try {
    const input = template.write('json', join(folder, 'in.log'), LINES);
    body(input, readFileSync(input.path, 'utf8').trimEnd().split('\n'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const reversedMembers: Expectation = {
  expected: (line) => (line.includes('"status":404') ? undefined : JSON.parse(line)),
};

/** The same events, with the members in another order. */
function transformed(lines: readonly string[]): string[] {
  return lines
    .filter((line) => !line.includes('"status":404'))
    .map((line) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line)).reverse())));
}

function verdictOf(check: LineCheck | SameCheck, text: string, chunkBytes = 1000) {
  const stream = check instanceof LineCheck ? check.stream() : check;
  const data = Buffer.from(text);
  for (let at = 0; at < data.length; at += chunkBytes) stream.push(data.subarray(at, at + chunkBytes));
  if (check instanceof LineCheck && 'end' in stream) stream.end();
  const { lost, doubled, wrong, disordered } = check.verdict();
  return { lost, doubled, wrong, disordered };
}

const RIGHT = { lost: 0, doubled: 0, wrong: 0, disordered: 0 };

test('a line of the input is known without reading it', () => {
  withInput((input, lines) => {
    assert.equal(lines.length, LINES);
    for (const index of [0, 1, 19_999, 20_000, LINES - 1]) assert.equal(lines[index], template.line(index));
    assert.equal(readFileSync(input.path).length, input.bytes);
  });
});

test('a right output is right, whatever the order of members', () => {
  withInput((input, lines) => {
    assert.deepEqual(verdictOf(new LineCheck(input, reversedMembers), `${transformed(lines).join('\n')}\n`), RIGHT);
    assert.deepEqual(verdictOf(new SameCheck(input), `${lines.join('\n')}\n`), RIGHT);
  });
});

const changes: readonly [string, (lines: string[]) => string[], Partial<typeof RIGHT>][] = [
  ['a lost line', (lines) => lines.toSpliced(90, 1), { lost: 1 }],
  ['a doubled line', (lines) => lines.toSpliced(91, 0, lines[90]!), { doubled: 1 }],
  ['lines out of order', (lines) => lines.toSpliced(90, 2, lines[91]!, lines[90]!), { disordered: 1 }],
  ['a line that is cut short', (lines) => lines.with(90, lines[90]!.slice(0, -2)), { lost: 1, wrong: 1 }],
  [
    'a changed value',
    (lines) => lines.with(-1, lines.at(-1)!.replace('result ok', 'result no')),
    { lost: 1, wrong: 1 },
  ],
  ['a line from elsewhere', (lines) => [...lines, '{"seq":999999999}'], { wrong: 1 }],
];

for (const [name, change, expected] of changes) {
  test(`finds ${name}`, () => {
    withInput((input, lines) => {
      const wrong = { ...RIGHT, ...expected };
      const same = `${change(lines).join('\n')}\n`;
      assert.deepEqual(verdictOf(new SameCheck(input), same), wrong);
      const text = `${change(transformed(lines)).join('\n')}\n`;
      assert.deepEqual(verdictOf(new LineCheck(input, reversedMembers), text), wrong);
    });
  });
}

test('a line that should have been dropped is wrong', () => {
  withInput((input, lines) => {
    const kept = [...transformed(lines), lines.find((line) => line.includes('"status":404'))!];
    const verdict = verdictOf(new LineCheck(input, reversedMembers), `${kept.join('\n')}\n`);
    assert.equal(verdict.wrong, 1);
  });
});

test('every job expects something of its lines', () => {
  for (const { id, lines, expectation } of JOBS) {
    if (!expectation || expectation === 'same') continue;
    const shapes = new Template(lines);
    const kept = Array.from({ length: 500 }, (_, index) =>
      expectation.expected(shapes.line(index), shapes.line(index + 1)),
    );
    assert.ok(
      kept.some((value) => value !== undefined),
      id,
    );
  }
});

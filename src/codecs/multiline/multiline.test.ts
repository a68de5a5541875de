import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../schema/schema.ts';
import {
  GROUP_MAX_BYTES,
  HELD_MAX_BYTES,
  LineMerger,
  type MergeBudget,
  type Merged,
  multiline,
  startsWith,
} from './multiline.ts';

function config(start: string, mode: string, condition: string, timeoutMs = 1000) {
  const { value, problems } = check(multiline(), {
    start_pattern: start,
    mode,
    condition_pattern: condition,
    timeout_ms: timeoutMs,
  });
  assert.deepEqual(problems, []);
  return value!;
}

function budget(): MergeBudget & { limits: string[] } {
  const limits: string[] = [];
  return { heldBytes: 0, limits, onLimit: (reason) => limits.push(reason) };
}

function merge(settings: ReturnType<typeof config>, lines: readonly (string | Uint8Array)[]): (string | Uint8Array)[] {
  const out: Merged[] = [];
  const shared = budget();
  const merger = new LineMerger(settings, shared, (merged) => out.push(merged));
  for (const [index, line] of lines.entries()) merger.add(line, index, index + 1, 0);
  merger.flush();
  assert.equal(shared.heldBytes, 0);
  return out.map(({ text }) => text);
}

test('continue_through joins matching lines and looks at the line behind them anew', () => {
  const lines = ['usual', 'first', ' second', ' last', 'another', 'closing', ' end'];
  assert.deepEqual(merge(config('^[^\\s]', 'continue_through', '^\\s'), lines), [
    'usual',
    'first\n second\n last',
    'another',
    'closing\n end',
  ]);
  assert.deepEqual(merge(config('^\\s', 'continue_through', '^\\s'), ['a', ' 1', ' 2', 'b', ' 3', 'c', 'd']), [
    'a',
    ' 1\n 2',
    'b',
    ' 3',
    'c',
    'd',
  ]);
});

test('continue_past joins matching lines and one line more', () => {
  const lines = ['usual', 'first \\', 'second \\', 'last', 'another', 'closing \\', 'end'];
  assert.deepEqual(merge(config('\\\\$', 'continue_past', '\\\\$'), lines), [
    'usual',
    'first \\\nsecond \\\nlast',
    'another',
    'closing \\\nend',
  ]);
});

test('halt_before joins up to a matching line, which is looked at anew', () => {
  const lines = ['INFO x', 'ERROR first', ' at b', 'INFO y', 'ERROR second', 'ERROR third', ' at c'];
  assert.deepEqual(merge(config('^ERROR', 'halt_before', '^(INFO|ERROR)'), lines), [
    'INFO x',
    'ERROR first\n at b',
    'INFO y',
    'ERROR second',
    'ERROR third\n at c',
  ]);
});

test('halt_with joins up to a matching line and with it', () => {
  const lines = ['usual', '(one', 'two', 'three;', 'between', '(four', 'five;'];
  assert.deepEqual(merge(config('^\\(', 'halt_with', ';$'), lines), [
    'usual',
    '(one\ntwo\nthree;',
    'between',
    '(four\nfive;',
  ]);
});

test('the old start indicator is halt_before with one pattern', () => {
  assert.deepEqual(merge(startsWith(/^start/, 10), ['a', 'start 1', ' x', 'start 2']), ['a', 'start 1\n x', 'start 2']);
});

test('bytes that are not UTF-8 stay what they are', () => {
  const merged = merge(config('^a', 'halt_before', '^a'), ['a', Uint8Array.of(0xff, 0x62)]);
  assert.deepEqual(
    merged.map((text) => Buffer.from(text as Uint8Array)),
    [Buffer.from([0x61, 0x0a, 0xff, 0x62])],
  );
});

test('tells when a group is due, counted from its last line, and where it began and ended', () => {
  const out: Merged[] = [];
  const merger = new LineMerger(config('^a', 'halt_before', '^a', 300), budget(), (merged) => out.push(merged));
  assert.equal(merger.deadlineMs, Number.POSITIVE_INFINITY);
  merger.add('a', 10, 12, 1000);
  assert.equal(merger.deadlineMs, 1300);
  merger.add('b', 12, 14, 1200);
  assert.equal(merger.deadlineMs, 1500);
  merger.flush();
  assert.equal(merger.deadlineMs, Number.POSITIVE_INFINITY);
  assert.deepEqual(out, [{ text: 'a\nb', startOffset: 10, endOffset: 14 }]);
});

test('a group that grows without end goes out in pieces, counted, with nothing lost', () => {
  const out: Merged[] = [];
  const shared = budget();
  const merger = new LineMerger(config('^a', 'halt_before', '^a'), shared, (merged) => out.push(merged));
  const line = 'b'.repeat(100_000);
  merger.add('a', 0, 1, 0);
  for (let i = 0; i < 50; i++) merger.add(line, i, i + 1, 0);
  merger.flush();
  assert.ok(shared.limits.length >= 4 && shared.limits.every((reason) => reason === 'group'));
  assert.ok(out.every(({ text }) => text.length <= GROUP_MAX_BYTES));
  assert.equal(out.map(({ text }) => text).join('\n'), ['a', ...Array(50).fill(line)].join('\n'));
});

test('many streams together hold no more than their budget', () => {
  const shared = budget();
  const settings = config('^a', 'halt_before', '^a');
  const mergers = Array.from({ length: 100 }, () => new LineMerger(settings, shared, () => {}));
  for (const merger of mergers) merger.add('a', 0, 1, 0);
  for (const merger of mergers) {
    for (let i = 0; i < 5; i++) merger.add('b'.repeat(100_000), 0, 1, 0);
    assert.ok(shared.heldBytes <= HELD_MAX_BYTES);
  }
  assert.ok(shared.limits.includes('held'));
});

test('a pattern that is none is a problem of the configuration', () => {
  const { problems } = check(multiline(), {
    start_pattern: '(',
    mode: 'halt_with',
    condition_pattern: 'x',
    timeout_ms: 1,
  });
  assert.deepEqual(
    problems.map(({ path }) => path),
    [['start_pattern']],
  );
  assert.deepEqual(check(multiline(), {}).problems.length, 4);
});

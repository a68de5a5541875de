import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../../src/testing/component.ts';
import { Arrivals } from './arrivals.ts';
import { GrowingLogs, podOf } from './growing_logs.ts';

/** What is said of messages as they are given. */
function verdictOf(counts: readonly number[], ...chunks: readonly string[]) {
  const arrivals = new Arrivals();
  let rest = '';
  for (const [index, chunk] of chunks.entries()) rest = arrivals.take(rest + chunk, index === chunks.length - 1);
  return { ...arrivals.verdict(counts), messages: arrivals.messages, bytes: arrivals.bytes };
}

const RIGHT = { lost: 0, doubled: 0, torn: 0, disordered: 0, strange: 0 };

test('messages are found in whatever is around them, and cut in two', () => {
  const text = '{"message":"line=0:0;xxx."} <line=1:0;xx.>, line=0:1;.';
  for (let at = 0; at <= text.length; at++)
    assert.deepEqual(verdictOf([2, 1], text.slice(0, at), text.slice(at)), {
      ...RIGHT,
      messages: 3,
      bytes: text.length,
    });
});

test('what is lost, doubled, torn, out of order or of nobody is told', () => {
  const text = 'line=0:2;xx. line=0:1;xx line=0:1;xx. line=0:9;x. line=7:0;.';
  assert.deepEqual(verdictOf([3], text), {
    lost: 1,
    doubled: 1,
    torn: 1,
    disordered: 2,
    strange: 2,
    messages: 5,
    bytes: text.length,
  });
});

test('logs grow, are rotated, and hold each message once', async () => {
  using folder = temporaryFolder();
  const logs = new GrowingLogs(folder.path, { count: 2, bytesPerSecond: 100_000, rotateMs: 100, tears: true });
  await logs.grow(350);
  logs.close();
  assert.ok(logs.rotations >= 2);
  const { name, uid } = podOf(0);
  const container = join(folder.path, `default_${name}_${uid}`, 'main');
  const plain = readdirSync(container).filter((file) => !file.endsWith('.gz'));
  // In the order of time: the one that is written to is the last one.
  const files = [...plain.filter((file) => file !== '0.log').sort(), '0.log'];
  const lines = files.flatMap((file) => readFileSync(join(container, file), 'utf8').split('\n').filter(Boolean));
  const text = lines.map((line) => line.slice(40) + (line[38] === 'P' ? '' : '\n')).join('');
  const numbers = [...text.matchAll(/line=0:(\d+);x*\.\n/g)].map(([, number]) => Number(number));
  assert.equal(numbers.at(-1), logs.counts[0]! - 1);
  for (const [index, number] of numbers.entries()) assert.equal(number, numbers[0]! + index);
});

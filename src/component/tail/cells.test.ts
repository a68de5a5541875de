import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cells } from './cells.ts';
import { Probe } from './tail.ts';

test('cells keep what was written into each, and are used again', () => {
  const cells = new Cells();
  const texts = Array.from({ length: 700 }, (_, index) => Buffer.from(`text ${index}`));
  const taken = texts.map((text) => {
    const cell = cells.take();
    cells.write(cell, text, 0, text.length);
    return cell;
  });
  assert.equal(new Set(taken).size, texts.length);
  for (const [index, text] of texts.entries()) assert.ok(cells.equals(taken[index]!, text, 0, text.length));
  assert.equal(cells.equals(taken[0]!, texts[1]!, 0, 6), false);
  const { sizeBytes } = cells;
  for (const cell of taken) cells.giveBack(cell);
  for (let i = 0; i < texts.length; i++) cells.take();
  assert.equal(cells.sizeBytes, sizeBytes);
});

test('a probe knows the bytes nearest to the end, and lets go of its cell', () => {
  const cells = new Cells();
  const probe = new Probe(cells);
  const bytes = Buffer.from('x'.repeat(100) + 'y'.repeat(50));
  assert.ok(probe.matches(bytes, 0, 0), 'it knows nothing');
  probe.remember(bytes, 0, bytes.length);
  assert.equal(probe.length, 64);
  assert.ok(probe.matches(bytes, 86, 64));
  assert.equal(probe.matches(bytes, 85, 65), false);
  assert.equal(probe.matches(bytes, 86, 63), false, 'there are too few bytes');
  assert.ok(probe.matches(Buffer.alloc(64), 0, 64), 'a hole');
  probe.remember(bytes, 90, 100);
  assert.equal(probe.length, 10);
  probe.forget();
  assert.equal(probe.length, 0);
  assert.equal(cells.take(), 0, 'the cell is free');
});

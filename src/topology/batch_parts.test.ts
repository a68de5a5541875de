import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish, frameOf, layoutOf, type RawBatch } from '../event/batch.ts';
import { Finalizer, type Status } from '../event/finalizer.ts';
import { EMPTY_METADATA } from '../event/metadata.ts';
import { partsOf } from './batch_parts.ts';

test('parts hold all frames in order, and the batch ends with the last of them', () => {
  let holds = 1;
  const ended: Status[] = [];
  const lines = ['a', 'bb', 'ccc', 'dd', 'e'];
  const frames = new Int32Array(
    lines.flatMap((line, i) => [lines.slice(0, i).join('\n').length + Math.sign(i), line.length]),
  );
  const batch: RawBatch = {
    kind: 'raw',
    type: 'log',
    hold: {
      bytes: Buffer.from(`${lines.join('\n')}\n`),
      retain: () => void holds++,
      release: () => void holds--,
    },
    frames,
    count: lines.length,
    sizeBytes: 9,
    delimiter: 10,
    ingestedMs: 0,
    streamOffset: 100,
    layout: layoutOf({ decodeFrame: () => ({ value: {}, metadata: EMPTY_METADATA }) }),
    finalizer: new Finalizer((status) => ended.push(status)),
  };
  const parts = partsOf(batch, 2);
  assert.deepEqual(
    parts.map((part) => Array.from({ length: part.count }, (_, i) => frameOf(part, i).toString())),
    [['a', 'bb'], ['ccc', 'dd'], ['e']],
  );
  assert.deepEqual(
    parts.map(({ sizeBytes, streamOffset }) => [sizeBytes, streamOffset]),
    [
      [3, 100],
      [5, 105],
      [1, 112],
    ],
  );
  assert.equal(holds, 3);
  for (const part of parts) {
    assert.deepEqual(ended, []);
    finish(part);
  }
  assert.deepEqual([holds, ended], [0, ['delivered']]);
  assert.deepEqual(partsOf(batch, 5), [batch]);
});

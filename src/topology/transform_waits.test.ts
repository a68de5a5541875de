import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Emit } from '../component/define.ts';
import { finish, logBatch } from '../event/batch.ts';
import { isPending, Lab, message, settle } from '../testing/topology.ts';

test('a transform that has no room is given nothing before it has', async () => {
  const lab = new Lab();
  const room = Promise.withResolvers<void>();
  let given = 0;
  let emitAlone: Emit | undefined;
  const topology = await lab.start({
    sources: { in: {} },
    transforms: {
      slow: {
        inputs: ['in'],
        start: (emit) => {
          emitAlone = emit;
        },
        process(batch, emit) {
          given += 1;
          emit(batch);
          return given === 1 ? room.promise : undefined;
        },
      },
    },
    sinks: { out: { inputs: ['slow'] } },
  });
  assert.equal(lab.source('in').send('one'), undefined);
  const second = lab.source('in').send('two');
  assert.ok(await isPending(second));
  emitAlone!(logBatch([message('alone')]));
  assert.deepEqual(lab.sink('out').messages, ['one', 'alone']);
  lab.source('in').end();
  await settle();
  room.resolve();
  await second;
  await topology.finished;
  assert.deepEqual(lab.sink('out').messages, ['one', 'alone', 'two']);
  assert.equal(given, 2);
});

test('a transform that emits on its own hears when that was taken', async () => {
  const lab = new Lab();
  const room = Promise.withResolvers<void>();
  let emitAlone: Emit | undefined;
  const topology = await lab.start({
    sources: { in: {} },
    transforms: {
      timed: {
        inputs: ['in'],
        start: (emit) => {
          emitAlone = emit;
        },
        process: (batch) => finish(batch),
      },
      next: { inputs: ['timed'], process: () => room.promise },
    },
    sinks: { out: { inputs: ['next'] } },
  });
  const first = emitAlone!(logBatch([message('1')]));
  assert.equal(first, undefined);
  const wait = emitAlone!(logBatch([message('2')]));
  assert.ok(await isPending(wait as Promise<void>));
  room.resolve();
  await wait;
  await topology.stop(undefined);
});

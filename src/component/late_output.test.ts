import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logBatch } from '../event/batch.ts';
import { Finalizer } from '../event/finalizer.ts';
import { log } from '../testing/component.ts';
import { aborted, LateOutput } from './late_output.ts';

const batch = (text: string) => logBatch([log(text)], new Finalizer());

test('what is sent before the output is there waits for it, in order, and then for what the output waits for', async () => {
  const late = new LateOutput();
  const got: unknown[] = [];
  const room = Promise.withResolvers<void>();
  const first = late.send(batch('first'));
  const second = late.send(batch('second'), 'port');
  assert.ok(first && second);
  late.give({
    send({ events }: { readonly events: readonly unknown[] }, port?: string) {
      got.push([events.length, port]);
      return got.length === 2 ? room.promise : undefined;
    },
  } as never);
  await first;
  assert.deepEqual(got, [
    [1, undefined],
    [1, 'port'],
  ]);
  assert.equal(late.send(batch('third')), undefined);
  let isDone = false;
  void second.then(() => {
    isDone = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isDone, false);
  room.resolve();
  await second;
});

test('a signal that has aborted is no wait', async () => {
  await aborted(AbortSignal.abort());
  const later = new AbortController();
  const wait = aborted(later.signal);
  later.abort();
  await wait;
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../std/clock.ts';
import { SeriesRoom } from './series_room.ts';

test('an eighth is for series to grow', () => {
  const room = new SeriesRoom(800, new FakeClock());
  assert.deepEqual([room.bytesFor('a series'), room.bytesFor('growth')], [700, 800]);
});

test('room that was taken away stays away, then comes back little by little', async () => {
  const clock = new FakeClock();
  const room = new SeriesRoom(800, clock);
  room.limit(350);
  assert.deepEqual([room.bytesFor('a series'), room.bytesFor('growth')], [350, 450]);
  await clock.advance(10_000);
  assert.equal(room.bytesFor('a series'), 350);
  await clock.advance(75_000);
  assert.equal(room.bytesFor('a series'), 350 + 700 / 4);
  await clock.advance(75_000);
  assert.deepEqual([room.bytesFor('a series'), room.bytesFor('growth')], [700, 800]);
  await clock.advance(1_000_000);
  assert.equal(room.bytesFor('growth'), 800);
});

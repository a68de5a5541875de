import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, sleep, systemClock } from './clock.ts';

test('a fake clock stands still until it is moved, and fires what is due in order', async () => {
  const clock = new FakeClock(1_000);
  const fired: [string, number][] = [];
  const note = (name: string) => () => void fired.push([name, clock.now()]);
  clock.after(20, note('late'));
  clock.after(10, note('early'));
  clock.after(10, note('early, set second'));
  clock.after(30, note('never'));
  assert.equal(clock.pending, 4);
  await clock.advance(9);
  assert.deepEqual(fired, []);
  await clock.advance(11);
  assert.deepEqual(fired, [
    ['early', 1_010],
    ['early, set second', 1_010],
    ['late', 1_020],
  ]);
  assert.equal(clock.now(), 1_020);
  assert.equal(clock.monotonic(), 1_020);
  assert.equal(clock.pending, 1);
});

test('a fake clock fires timers that a callback sets for the same stretch of time', async () => {
  const clock = new FakeClock(0);
  const fired: number[] = [];
  clock.after(10, () => {
    clock.after(5, () => void fired.push(clock.now()));
    clock.after(0, () => void fired.push(clock.now()));
    clock.after(100, () => void fired.push(clock.now()));
  });
  await clock.advance(20);
  assert.deepEqual(fired, [10, 15]);
});

test('a fake clock lets promises settle between two timers', async () => {
  const clock = new FakeClock(0);
  const seen: string[] = [];
  void sleep(clock, 10).then(async () => {
    await null;
    seen.push('slept');
    await sleep(clock, 5);
    seen.push('slept again');
  });
  clock.after(20, () => void seen.push('timer'));
  await clock.advance(20);
  assert.deepEqual(seen, ['slept', 'slept again', 'timer']);
});

test('cancelling from a callback and twice is safe', async () => {
  const clock = new FakeClock(0);
  const fired: string[] = [];
  const second = clock.after(10, () => void fired.push('second'));
  clock.after(5, () => {
    second.cancel();
    second.cancel();
  });
  const own = clock.after(5, () => own.cancel());
  await clock.advance(20);
  assert.deepEqual(fired, []);
  assert.equal(clock.pending, 0);
});

test('two moves of a fake clock at a time add up, and time never goes back', async () => {
  const clock = new FakeClock(0);
  const fired: number[] = [];
  clock.after(1_005, () => void fired.push(clock.now()));
  const stamps: number[] = [];
  await Promise.all([
    clock.advance(1_000).then(() => stamps.push(clock.now())),
    clock.advance(10).then(() => stamps.push(clock.now())),
  ]);
  assert.deepEqual(fired, [1_005]);
  assert.equal(clock.now(), 1_010);
  assert.deepEqual(
    stamps,
    stamps.toSorted((a, b) => a - b),
  );
});

test('a callback may move the fake clock on', async () => {
  const clock = new FakeClock(0);
  let inner: Promise<void> | undefined;
  clock.after(5, () => {
    inner = clock.advance(10);
  });
  await clock.advance(5);
  await inner;
  assert.equal(clock.now(), 15);
});

test('a fake clock gives up on timers that always set the next one for now', async () => {
  const clock = new FakeClock(0);
  let count = 0;
  const again = (): void => {
    count += 1;
    clock.after(0, again);
  };
  clock.after(0, again);
  await assert.rejects(clock.advance(1), /100000 timers fired/);
  assert.equal(count, 100_000);
});

test('what a callback throws comes out of the move, and later timers still wait', async () => {
  const clock = new FakeClock(0);
  const fired: string[] = [];
  clock.after(1, () => {
    throw new Error('from the callback');
  });
  clock.after(2, () => void fired.push('later'));
  await assert.rejects(clock.advance(5), /from the callback/);
  await clock.advance(0);
  assert.deepEqual(fired, ['later']);
});

test('a sleep ends at once when it is stopped, and leaves no timer and no listener', async () => {
  const clock = new FakeClock(0);
  const stop = new AbortController();
  const slept = sleep(clock, 1_000_000, stop.signal);
  assert.equal(clock.pending, 1);
  stop.abort();
  await slept;
  assert.equal(clock.pending, 0);
  await sleep(clock, 1_000_000, stop.signal);
  assert.equal(clock.pending, 0);
});

test('the system clock takes waits that are longer than Node can', async () => {
  let warned: Error | undefined;
  const onWarning = (warning: Error): void => void (warned = warning);
  process.on('warning', onWarning);
  const timer = systemClock.after(Number.POSITIVE_INFINITY, () => assert.fail('fired'));
  await new Promise((resolve) => setImmediate(resolve));
  timer.cancel();
  process.off('warning', onWarning);
  assert.equal(warned, undefined);
});

test('the system clock fires once, after what was asked for and not when cancelled', async () => {
  const keepAlive = setInterval(() => {}, 1_000);
  const before = systemClock.monotonic();
  const cancelled = systemClock.after(0, () => assert.fail('fired after it was cancelled'));
  cancelled.cancel();
  await new Promise<void>((resolve) => systemClock.after(-5, resolve));
  assert.ok(systemClock.monotonic() >= before);
  clearInterval(keepAlive);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSink } from '../codecs/encoding/byte_sink.ts';
import { EncodeError } from '../codecs/encoding/encoding.ts';
import { type LogBatch, logBatch } from '../event/batch.ts';
import type { Event, EventType, LogEvent } from '../event/event.ts';
import { Finalizer, type Status } from '../event/finalizer.ts';
import { check } from '../schema/schema.ts';
import { FakeClock, sleep } from '../std/clock.ts';
import { log, testContext } from '../testing/component.ts';
import { batching, requestLimits } from './request_options.ts';
import { type BodyEncoder, RouteError, type Target } from './request_parcels.ts';
import { type OutgoingRequest, type RequestSinkOptions, requestSink, type Verdict } from './request_sink.ts';

const DELIVERED: Verdict = { outcome: 'delivered' };
const RETRY: Verdict = { outcome: 'retry', reason: 'busy', afterMs: 0 };

const messageOf = (event: Event): string => String((event as LogEvent & { value: { message: string } }).value.message);

/** Writes the message of each event and a newline; `bad` cannot be written. */
const LINES: BodyEncoder = {
  copiesFramesOf: () => false,
  append(event: Event, _type: EventType, out: ByteSink) {
    if (messageOf(event) === 'bad') throw new EncodeError('it is bad');
    out.text(`${messageOf(event)}\n`);
  },
  appendFrame() {},
  frameForm: undefined,
};

type Send = (request: OutgoingRequest<string>, stop: AbortSignal) => Promise<Verdict>;

interface Setup {
  readonly batch?: Record<string, unknown>;
  readonly request?: Record<string, unknown>;
  readonly send?: Send;
  readonly options?: Partial<RequestSinkOptions<string>>;
}

function setUp({ batch = {}, request = {}, send, options = {} }: Setup = {}) {
  const clock = new FakeClock();
  const test = testContext('sink', 'test', { clock });
  const bodies: string[] = [];
  const sink = requestSink<string>(test.context, {
    batch: check(batching({ max_bytes: 10_000, timeout_secs: 1 }), batch).value!,
    request: check(requestLimits(), { retry_jitter_mode: 'None', ...request }).value!,
    measure: 'encoded',
    route: { key: '', value: 'here' },
    encoder: () => LINES,
    finishBody: (body) => body,
    send: (outgoing, stop) => {
      bodies.push(outgoing.body.toString());
      return send ? send(outgoing, stop) : Promise.resolve(DELIVERED);
    },
    protocol: 'test',
    ...options,
  });
  const statuses: (Status | undefined)[] = [];
  const batchOf = (...messages: string[]): LogBatch => {
    const index = statuses.push(undefined) - 1;
    return logBatch(
      messages.map((message) => log(message)),
      new Finalizer((status) => {
        statuses[index] = status;
      }),
    );
  };
  return { ...test, clock, sink, bodies, statuses, batchOf };
}

test('a batch goes out when its time is over', async () => {
  const { sink, clock, bodies, statuses, batchOf } = setUp();
  sink.write(batchOf('a', 'b'));
  await clock.advance(600);
  sink.write(batchOf('c'));
  await clock.advance(300);
  assert.deepEqual([bodies, statuses], [[], [undefined, undefined]]);
  await clock.advance(100);
  assert.deepEqual([bodies, statuses], [['a\nb\nc\n'], ['delivered', 'delivered']]);
});

test('a batch goes out as soon as it has its events or bytes, and splits what comes in', async () => {
  const byEvents = setUp({ batch: { max_events: 2 } });
  byEvents.sink.write(byEvents.batchOf('a', 'b', 'c', 'd', 'e'));
  await byEvents.clock.advance(0);
  assert.deepEqual([byEvents.bodies, byEvents.statuses], [['a\nb\n', 'c\nd\n'], [undefined]]);
  await byEvents.clock.advance(1000);
  assert.deepEqual([byEvents.bodies, byEvents.statuses], [['a\nb\n', 'c\nd\n', 'e\n'], ['delivered']]);
  const byBytes = setUp({ batch: { max_bytes: 7 }, request: { concurrency: 9 } });
  byBytes.sink.write(byBytes.batchOf('aa', 'bb', 'cc', 'a long one', 'd'));
  await byBytes.clock.advance(1000);
  assert.deepEqual(byBytes.bodies, ['aa\nbb\n', 'cc\n', 'a long one\n', 'd\n']);
  assert.deepEqual(byBytes.statuses, ['delivered']);
});

test('the memory of events is what counts where bodies are smaller than that', async () => {
  const { sink, clock, bodies, batchOf } = setUp({ batch: { max_bytes: 600 }, options: { measure: 'memory' } });
  sink.write(batchOf('a', 'b', 'c'));
  await clock.advance(1000);
  assert.deepEqual(bodies, ['a\nb\n', 'c\n']);
});

test('memory of bodies that a burst needed is given back while bodies go on going out', async () => {
  const { sink, clock, ledger, batchOf } = setUp({
    batch: { max_bytes: 100_000 },
    request: { concurrency: 1 },
    send: async () => {
      await sleep(clock, 500);
      return DELIVERED;
    },
  });
  const body = () => batchOf('x'.repeat(99_999));
  for (let index = 0; index < 6; index++) void sink.write(body());
  await clock.advance(4_000);
  const burst = ledger.bytesOf('requests');
  assert.ok(burst > 500_000, `${burst} bytes`);
  for (let second = 0; second < 12; second++) {
    void sink.write(body());
    await clock.advance(1_000);
  }
  const steady = ledger.bytesOf('requests');
  assert.ok(steady >= 100_000 && steady < 250_000, `${steady} bytes`);
  await clock.advance(10_000);
  assert.equal(ledger.bytesOf('requests'), 0);
  assert.equal(clock.pending, 0);
});

test('events with different targets go out in different requests', async () => {
  const targets: string[] = [];
  const { sink, clock, bodies, statuses, batchOf } = setUp({
    request: { concurrency: 4 },
    send: async ({ target }) => {
      targets.push(target);
      return DELIVERED;
    },
    options: {
      route: (event): Target<string> => ({ key: messageOf(event)[0]!, value: `to ${messageOf(event)[0]}` }),
    },
  });
  sink.write(batchOf('a1', 'b1', 'a2', 'c1'));
  await clock.advance(1000);
  assert.deepEqual(bodies, ['a1\na2\n', 'b1\n', 'c1\n']);
  assert.deepEqual(targets, ['to a', 'to b', 'to c']);
  assert.deepEqual(statuses, ['delivered']);
});

test('an event that goes nowhere or cannot be encoded is counted, and its batch rejected', async () => {
  const { sink, clock, bodies, statuses, batchOf, recorder } = setUp({
    options: {
      route: (event) =>
        messageOf(event) === 'lost' ? new RouteError('template_failed', 'no field') : { key: '', value: '' },
    },
  });
  sink.write(batchOf('a', 'bad', 'lost', 'b'));
  sink.write(batchOf('c'));
  await clock.advance(1000);
  assert.deepEqual(bodies, ['a\nb\nc\n']);
  assert.deepEqual(statuses, ['rejected', 'delivered']);
  assert.equal(recorder.read('component_errors_total', { error_type: 'template_failed' }), 1);
  assert.equal(recorder.read('component_errors_total', { error_type: 'encoder_failed' }), 1);
  assert.equal(recorder.read('component_discarded_events_total'), 2);
});

test('more targets than there is room for send the oldest off before its time', async () => {
  const { sink, clock, bodies, batchOf } = setUp({
    request: { concurrency: 2000 },
    options: { route: (event) => ({ key: messageOf(event), value: '' }) },
  });
  sink.write(batchOf(...Array.from({ length: 1001 }, (_, index) => `m${index}`)));
  await clock.advance(0);
  assert.deepEqual(bodies, ['m0\n']);
});

test('a request that fails in a way that may pass is sent again, after growing waits', async () => {
  const times: number[] = [];
  const { sink, clock, statuses, batchOf, recorder } = setUp({
    batch: { max_events: 1 },
    send: async () => {
      times.push(clock.monotonic());
      return times.length < 5 ? RETRY : DELIVERED;
    },
  });
  const start = clock.monotonic();
  sink.write(batchOf('a'));
  await clock.advance(20_000);
  assert.deepEqual(
    times.map((time) => time - start),
    [0, 1000, 2000, 4000, 7000],
  );
  assert.deepEqual(statuses, ['delivered']);
  assert.equal(recorder.read('component_sent_events_total'), 1);
  assert.equal(recorder.read('component_discarded_events_total'), 0);
});

test('a rejection in place of a verdict is tried again too', async () => {
  let calls = 0;
  const { sink, clock, statuses, batchOf } = setUp({
    batch: { max_events: 1 },
    send: async () => {
      calls += 1;
      if (calls === 1) throw new Error('connection reset');
      return DELIVERED;
    },
  });
  sink.write(batchOf('a'));
  await clock.advance(2000);
  assert.deepEqual(statuses, ['delivered']);
});

test('what is refused, or out of retries, is counted and ends as rejected or errored', async () => {
  const verdicts: Verdict[] = [{ outcome: 'rejected', reason: 'no' }, RETRY, RETRY];
  const { sink, clock, statuses, batchOf, recorder } = setUp({
    batch: { max_events: 2 },
    request: { retry_attempts: 1 },
    send: async () => verdicts.shift()!,
  });
  sink.write(batchOf('a', 'b'));
  sink.write(batchOf('c', 'd'));
  await clock.advance(5000);
  assert.deepEqual(statuses, ['rejected', 'errored']);
  assert.equal(recorder.read('component_discarded_events_total', { intentional: 'false' }), 4);
  assert.equal(recorder.read('component_errors_total', { error_type: 'request_failed', stage: 'sending' }), 2);
});

test('a request without an answer ends after its time and is sent again', async () => {
  const signals: AbortSignal[] = [];
  const { sink, clock, statuses, batchOf } = setUp({
    batch: { max_events: 1 },
    request: { timeout_secs: 5 },
    send: (_, stop) => {
      signals.push(stop);
      return signals.length === 1 ? new Promise(() => {}) : Promise.resolve(DELIVERED);
    },
  });
  sink.write(batchOf('a'));
  await clock.advance(4999);
  assert.equal(signals[0]!.aborted, false);
  await clock.advance(1);
  assert.equal(signals[0]!.aborted, true);
  assert.deepEqual(statuses, [undefined]);
  await clock.advance(1000);
  assert.deepEqual(statuses, ['delivered']);
});

test('with one request at a time the order is kept through retries', async () => {
  let calls = 0;
  const { sink, clock, bodies, statuses, batchOf } = setUp({
    batch: { max_events: 1 },
    request: { concurrency: 'none' },
    send: async () => (++calls % 2 === 1 ? RETRY : DELIVERED),
  });
  sink.write(batchOf('a', 'b', 'c'));
  await clock.advance(10_000);
  assert.deepEqual(bodies, ['a\n', 'a\n', 'b\n', 'b\n', 'c\n', 'c\n']);
  assert.deepEqual(statuses, ['delivered']);
});

test('bodies that are made at different speeds still go out in order', async () => {
  const { sink, clock, bodies, batchOf } = setUp({
    batch: { max_events: 1 },
    request: { concurrency: 8 },
    options: {
      finishBody: (body) =>
        body.toString() === 'slow\n' ? sleep(clock, 500).then(() => Buffer.from('SLOW')) : Buffer.from(body),
    },
  });
  sink.write(batchOf('slow', 'quick'));
  await clock.advance(100);
  assert.deepEqual(bodies, []);
  await clock.advance(1000);
  assert.deepEqual(bodies, ['SLOW', 'quick\n']);
});

test('a body that cannot be made costs its events and nothing more', async () => {
  const { sink, clock, bodies, statuses, batchOf } = setUp({
    batch: { max_events: 1 },
    options: {
      finishBody: (body) => {
        if (body.toString() === 'a\n') throw new Error('no');
        return body.toString() === 'b\n' ? Promise.reject(new Error('no')) : body;
      },
    },
  });
  sink.write(batchOf('a'));
  sink.write(batchOf('b'));
  sink.write(batchOf('c'));
  await clock.advance(100);
  assert.deepEqual(bodies, ['c\n']);
  assert.deepEqual(statuses, ['rejected', 'rejected', 'delivered']);
});

test('no more requests start in a window than the rate limit allows, retries included', async () => {
  const times: number[] = [];
  const { sink, clock, batchOf } = setUp({
    batch: { max_events: 1 },
    request: { concurrency: 100, rate_limit_num: 2, rate_limit_duration_secs: 3 },
    send: async () => {
      times.push(clock.monotonic());
      return times.length === 1 ? RETRY : DELIVERED;
    },
  });
  const start = clock.monotonic();
  sink.write(batchOf('a', 'b', 'c', 'd'));
  await clock.advance(20_000);
  const counts = new Map<number, number>();
  for (const time of times) {
    const window = Math.floor((time - start) / 3000);
    counts.set(window, (counts.get(window) ?? 0) + 1);
  }
  assert.deepEqual([...counts.values()], [2, 2, 1]);
});

for (const [concurrency, least, most, where] of [
  [100, 7, 11, 'under way'],
  [1, 3, 5, 'waiting for a slow other side'],
] as const)
  test(`takes no further batch while it holds as many bytes as may be ${where}`, async () => {
    const answers: (() => void)[] = [];
    const { sink, clock, statuses, batchOf } = setUp({
      batch: { max_bytes: 1_000_000 },
      request: { concurrency },
      send: () => new Promise((resolve) => answers.push(() => resolve(DELIVERED))),
    });
    const megabyte = 'x'.repeat(999_999);
    let wait: Promise<void> | undefined;
    let taken = 0;
    while (!wait && taken < 100) {
      wait = sink.write(batchOf(megabyte));
      taken += 1;
    }
    assert.ok(taken >= least && taken <= most, `${taken} batches of a megabyte were taken`);
    let isOpen = false;
    void wait!.then(() => {
      isOpen = true;
    });
    await clock.advance(0);
    assert.equal(isOpen, false);
    answers[0]!();
    await clock.advance(0);
    assert.equal(isOpen, true);
    assert.equal(statuses[0], 'delivered');
  });

test('the end sends what gathers and waits for what is under way', async () => {
  const answers: (() => void)[] = [];
  let closed = false;
  const { sink, clock, bodies, statuses, batchOf } = setUp({
    send: () => new Promise((resolve) => answers.push(() => resolve(DELIVERED))),
    options: {
      close: async () => {
        closed = true;
      },
    },
  });
  sink.write(batchOf('a'));
  const ended = sink.end();
  await clock.advance(0);
  assert.deepEqual([bodies, statuses, closed], [['a\n'], [undefined], false]);
  answers[0]!();
  await ended;
  assert.deepEqual([statuses, closed], [['delivered'], true]);
});

test('retries go on after the end until the time is over; what is left then is errored and counted', async () => {
  const { sink, clock, bodies, statuses, batchOf, recorder } = setUp({
    batch: { max_events: 1 },
    send: async () => RETRY,
  });
  sink.write(batchOf('a', 'b'));
  const abort = new AbortController();
  const ended = sink.end(abort.signal);
  await clock.advance(10_000);
  assert.ok(bodies.length >= 5);
  assert.deepEqual(statuses, [undefined]);
  abort.abort();
  await ended;
  assert.deepEqual(statuses, ['errored']);
  assert.equal(recorder.read('component_discarded_events_total'), 2);
  assert.equal(clock.pending, 0);
});

test('a request under way when the time is over is given up at once', async () => {
  const { sink, clock, statuses, batchOf } = setUp({ send: () => new Promise(() => {}) });
  sink.write(batchOf('a'));
  const abort = new AbortController();
  const ended = sink.end(abort.signal);
  await clock.advance(1);
  abort.abort();
  await ended;
  assert.deepEqual(statuses, ['errored']);
  assert.equal(clock.pending, 0);
});

test('every event is delivered once while the other side fails in all ways, and its bounds hold', async () => {
  const received = new Map<string, number>();
  let call = 0;
  let open = 0;
  let openMax = 0;
  const { sink, clock, statuses, batchOf } = setUp({
    batch: { max_events: 7 },
    request: { concurrency: 5, timeout_secs: 2, retry_jitter_mode: 'Full' },
    send: async ({ body }, stop) => {
      openMax = Math.max(openMax, (open += 1));
      const turn = call++ % 5;
      try {
        if (turn === 1) return { outcome: 'retry', reason: '429', afterMs: 1500 };
        if (turn === 2) throw new Error('reset');
        if (turn === 3) {
          await sleep(clock, 60_000, stop);
          return RETRY;
        }
        await sleep(clock, 20);
        for (const line of body.toString().trim().split('\n')) received.set(line, (received.get(line) ?? 0) + 1);
        return DELIVERED;
      } finally {
        open -= 1;
      }
    },
  });
  for (let i = 0; i < 50; i++) {
    const wait = sink.write(batchOf(...Array.from({ length: 10 }, (_, k) => `e${i * 10 + k}`)));
    await clock.advance(10);
    await wait;
  }
  const ended = sink.end();
  await clock.advance(600_000);
  await ended;
  assert.equal(received.size, 500);
  assert.ok([...received.values()].every((count) => count === 1));
  assert.deepEqual(new Set(statuses), new Set(['delivered']));
  assert.ok(openMax > 1 && openMax <= 5, `${openMax} at once`);
});

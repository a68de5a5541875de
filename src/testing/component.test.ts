import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineSink, defineSource } from '../component/define.ts';
import { finish, logBatch } from '../event/batch.ts';
import { Finalizer, type Status } from '../event/finalizer.ts';
import { uint } from '../schema/schema.ts';
import { log, parseConfig, runSink, startSource } from './component.ts';

const described = { status: 'stable', summary: 'For tests.', examples: [] } as const;

/** Sends as many events as it is told to, each in a batch, and notes what became of them. */
const statuses: Status[] = [];
const source = defineSource({
  ...described,
  type: 'counted',
  options: { count: uint('How many.') },
  outputs: () => [{ port: undefined, types: ['log'] }],
  acknowledges: true,
  build: ({ count }) => ({
    async run(output, stop) {
      for (let i = 0; i < count && !stop.aborted; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        await output.send(logBatch([log(`${i}`)], new Finalizer((status) => void statuses.push(status))));
      }
    },
  }),
});

test('waits for events, and does not wait for ever for those that will not come', async () => {
  const on = await startSource(source, { count: 3 });
  await on.received(2);
  await on.ended;
  await on.received(3);
  assert.deepEqual(on.values, [{ message: '0' }, { message: '1' }, { message: '2' }]);
  await assert.rejects(on.received(4), /ended with 3 events, 4 were waited for/);
  const early = await startSource(source, { count: 1 });
  await assert.rejects(early.received(2), /ended with 1 events/);
});

test('finishes batches with the status that is asked for, or leaves it to the test', async () => {
  statuses.length = 0;
  const refused = await startSource(source, { count: 1 }, { status: 'rejected' });
  await refused.ended;
  const held = await startSource(source, { count: 1 }, { hold: true });
  await held.ended;
  assert.deepEqual(statuses, ['rejected']);
  finish(held.held[0]!, 'errored');
  assert.deepEqual(statuses, ['rejected', 'errored']);
});

test('a sink is given batches of the type that is asked for, and what becomes of them is told in order', async () => {
  const types: string[] = [];
  const sink = defineSink({
    ...described,
    type: 'noting',
    options: {},
    inputs: () => ['log', 'trace'],
    build: () => ({
      write(batch) {
        types.push(batch.type);
        finish(batch, types.length === 1 ? 'errored' : 'delivered');
        return undefined;
      },
      async end() {},
    }),
  });
  const { statuses: ended } = await runSink(sink, {}, [[log('a')], [log('b')]], { type: 'trace' });
  assert.deepEqual(types, ['trace', 'trace']);
  assert.deepEqual(ended, ['errored', 'delivered']);
});

test('a wrong configuration is told with all its problems', () => {
  assert.throws(() => parseConfig(source, { cuont: 1, x: 2 }), /cuont: unknown option.*x: unknown option/s);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish, type LogBatch, layoutOf, logBatch, metricBatch, share } from '../event/batch.ts';
import { EMPTY_METADATA } from '../event/metadata.ts';
import type { ObjectValue } from '../event/value.ts';
import { isPending, Lab, memory, message, messageOf, type Spec, settle } from '../testing/topology.ts';

test('a batch reaches every consumer at once, and the source hears of it when the last has finished', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: {} },
    sinks: { a: { inputs: ['in'] }, b: { inputs: ['in'], holds: true }, c: { inputs: ['in'] } },
  });
  assert.equal(lab.source('in').send('one', 'two'), undefined);
  for (const id of ['a', 'b', 'c']) assert.deepEqual(lab.sink(id).messages, ['one', 'two']);
  assert.deepEqual(lab.source('in').statuses, []);
  lab.sink('b').open('rejected');
  assert.deepEqual(lab.source('in').statuses, ['rejected']);
  await topology.stop(undefined);
});

test('a raw batch is shared as it is, and its slot is free when all have finished', async () => {
  const lab = new Lab({ slots: 2 });
  const kinds: string[] = [];
  const topology = await lab.start({
    sources: { in: {} },
    transforms: {
      pass: {
        inputs: ['in'],
        process(batch, emit) {
          kinds.push(batch.kind);
          emit(batch);
        },
      },
    },
    sinks: { a: { inputs: ['in'], holds: true }, b: { inputs: ['pass'] } },
  });
  lab.source('in').sendRaw('one', 'two');
  assert.deepEqual(kinds, ['raw']);
  assert.deepEqual(lab.sink('a').messages, ['one', 'two']);
  assert.deepEqual(lab.sink('b').messages, ['one', 'two']);
  lab.sink('a').open();
  await topology.stop(undefined);
  assert.deepEqual(lab.source('in').statuses, ['delivered']);
  assert.equal(lab.arena.freeSlots, 2);
});

/** A transform that upper-cases messages in place. */
const shout: Pick<NonNullable<Spec['transforms']>[string], 'writes' | 'process'> = {
  writes: true,
  process(batch, emit) {
    assert.equal(batch.kind, 'decoded');
    for (const event of (batch as LogBatch).events) {
      const value = event.value as ObjectValue;
      value['message'] = messageOf(event).toUpperCase();
    }
    emit(batch);
  },
};

test('a transform that writes gets copies only while others hold the events', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: {} },
    transforms: { first: { inputs: ['in'], ...shout }, second: { inputs: ['first'], ...shout } },
    sinks: { plain: { inputs: ['in'], holds: true }, loud: { inputs: ['second'] }, middle: { inputs: ['first'] } },
  });
  const shared = message('one');
  lab.source('in').sendBatch(logBatch([shared], lab.source('in').finalizer()));
  assert.equal(messageOf(shared), 'one');
  assert.deepEqual(lab.sink('plain').messages, ['one']);
  assert.deepEqual(lab.sink('loud').messages, ['ONE']);
  lab.sink('plain').open();
  await settle();
  const own = message('two');
  lab.source('in').sendBatch(logBatch([own], lab.source('in').finalizer()));
  assert.equal(messageOf(own), 'TWO');
  await topology.stop(undefined);
});

test('a copied metric does not share its tags', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: {} },
    transforms: {
      tag: {
        inputs: ['in'],
        writes: true,
        process(batch, emit) {
          if (batch.type === 'metric') for (const event of batch.events) event.tags?.set('host', 'changed');
          emit(batch);
        },
      },
    },
    sinks: { plain: { inputs: ['in'], holds: true }, tagged: { inputs: ['tag'] } },
  });
  const tags = new Map([['host', 'a']]);
  const value = { type: 'counter', value: 1 } as const;
  lab
    .source('in')
    .sendBatch(metricBatch([{ name: 'hits', tags, kind: 'incremental', value, metadata: EMPTY_METADATA }]));
  assert.equal(tags.get('host'), 'a');
  lab.sink('plain').open();
  await topology.stop(undefined);
});

test('batches go only where their type is taken; one that nobody takes is finished', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: {} },
    sinks: { logs: { inputs: ['in'], types: ['log'] }, metrics: { inputs: ['in'], types: ['metric'] } },
  });
  const source = lab.source('in');
  const value = { type: 'gauge', value: 1 } as const;
  source.send('a log');
  source.sendBatch(
    metricBatch([{ name: 'a_metric', kind: 'absolute', value, metadata: EMPTY_METADATA }], source.finalizer()),
  );
  source.sendBatch({ ...logBatch([], source.finalizer()), type: 'trace', events: [message('a trace')], count: 1 });
  assert.deepEqual(lab.sink('logs').messages, ['a log']);
  assert.deepEqual(lab.sink('metrics').messages, ['a_metric']);
  assert.deepEqual(source.statuses, ['delivered', 'delivered', 'delivered']);
  await topology.stop(undefined);
});

test('named outputs go their own ways, each counted', async () => {
  const lab = new Lab();
  const ports = [
    { port: undefined, types: ['log'] },
    { port: 'odd', types: ['log'] },
    { port: 'unused', types: ['log'] },
  ] as const;
  const topology = await lab.start({
    sources: { in: {} },
    transforms: {
      route: {
        inputs: ['in'],
        outputs: ports,
        process(batch, emit) {
          emit(share(batch), 'odd');
          emit(share(batch), 'unused');
          emit(batch);
        },
      },
    },
    sinks: { rest: { inputs: ['route'] }, odd: { inputs: ['route.odd'] } },
  });
  lab.source('in').send('x', 'y');
  assert.deepEqual(lab.sink('odd').messages, ['x', 'y']);
  assert.deepEqual(lab.sink('rest').messages, ['x', 'y']);
  assert.deepEqual(lab.source('in').statuses, ['delivered']);
  for (const output of ['_default', 'odd', 'unused'])
    assert.equal(lab.recorder.read('component_sent_events_total', { component_id: 'route', output }), 2);
  await topology.stop(undefined);
});

test('a full buffer holds the source back, through transforms, until the sink goes on', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: {} },
    transforms: { one: { inputs: ['in'] }, two: { inputs: ['one'] } },
    sinks: { slow: { inputs: ['two'], holds: true, buffer: [memory({ max_events: 2 })] } },
  });
  const source = lab.source('in');
  // One is being written, two wait in the buffer; each transform keeps one more that is not taken below.
  for (const text of ['a', 'b', 'c', 'd', 'e']) assert.equal(source.send(text), undefined);
  const wait = source.send('f');
  assert.ok(await isPending(wait));
  assert.equal(lab.recorder.read('source_buffer_utilization_level', { component_id: 'in' }), 1);
  lab.sink('slow').letGo();
  await wait;
  assert.equal(lab.recorder.read('source_buffer_utilization_level', { component_id: 'in' }), 0);
  lab.sink('slow').open();
  await settle();
  assert.deepEqual(lab.sink('slow').messages, ['a', 'b', 'c', 'd', 'e', 'f']);
  assert.deepEqual(source.statuses, Array(6).fill('delivered'));
  await topology.stop(undefined);
});

test('a slow sink holds up the others no longer than its buffer lasts, and the log names it', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: {} },
    sinks: {
      dead: { inputs: ['in'], holds: true, buffer: [memory({ max_events: 3 })] },
      lossy: { inputs: ['in'], holds: true, buffer: [memory({ max_events: 3, when_full: 'drop_newest' })] },
      well: { inputs: ['in'] },
    },
  });
  const source = lab.source('in');
  for (const text of ['a', 'b', 'c', 'd']) assert.equal(source.send(text), undefined);
  const wait = source.send('e');
  assert.deepEqual(lab.sink('well').messages, ['a', 'b', 'c', 'd', 'e']);
  await lab.clock.advance(4_999);
  assert.ok(await isPending(wait));
  assert.deepEqual(
    lab.lines('dead').filter((line) => line.includes('holds up')),
    [],
  );
  await lab.clock.advance(1);
  const said = lab.records.filter(({ message: text }) => text === 'The sink holds up its inputs');
  assert.deepEqual(
    said.map(({ fields }) => [fields['component_id'], fields['held_up_secs'], fields['waits_for'], fields['inputs']]),
    [['dead', 5, 'its write of 1 events', 'in']],
  );
  assert.equal(said[0]!.fields['buffer'], '3 of 3 events');
  await lab.clock.advance(60_000);
  assert.equal(lab.lines('dead').filter((line) => line.includes('holds up')).length, 3);
  lab.sink('dead').open();
  await wait;
  assert.ok(lab.lines('dead').includes('The sink takes events again'));
  lab.sink('lossy').open();
  await topology.stop(undefined);
  assert.equal(lab.recorder.read('buffer_discarded_events_total', { component_id: 'lossy' }), 1);
  assert.deepEqual(source.statuses, Array(5).fill('delivered'));
});

test('a sink that is only slower than its source is not complained about', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: {} },
    sinks: { slow: { inputs: ['in'], holds: true, buffer: [memory({ max_events: 1 })] } },
  });
  const source = lab.source('in');
  const waits = Array.from({ length: 10 }, (_, i) => source.send(String(i)));
  for (let i = 0; i < 10; i++) {
    await lab.clock.advance(3_000);
    lab.sink('slow').letGo();
    await settle();
  }
  await Promise.all(waits);
  assert.deepEqual(
    lab.lines('slow').filter((line) => line.includes('holds up')),
    [],
  );
  lab.sink('slow').open();
  await topology.stop(undefined);
});

test('counts what each component receives and sends', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: {} },
    transforms: { half: { inputs: ['in'], process: (batch, emit) => (batch.count > 1 ? emit(batch) : finish(batch)) } },
    sinks: { out: { inputs: ['half'] } },
  });
  lab.source('in').send('a', 'b');
  lab.source('in').send('c');
  assert.deepEqual(
    topology
      .summary()
      .map(({ id, receivedEvents, sentEvents, droppedEvents, errors }) => [
        id,
        receivedEvents,
        sentEvents,
        droppedEvents,
        errors,
      ]),
    [
      ['in', 0, 3, 0, 0],
      ['half', 3, 2, 0, 0],
      ['out', 2, 0, 0, 0],
    ],
  );
  await topology.stop(undefined);
  assert.equal(lab.recorder.read('buffer_sent_events_total', { component_id: 'out' }), 2);
});

test('a transform that throws rejects the batch, gives its bytes back, and goes on', async () => {
  const lab = new Lab({ slots: 1 });
  const topology = await lab.start({
    sources: { in: {} },
    transforms: {
      bad: {
        inputs: ['in'],
        process(batch, emit) {
          if (batch.count === 1) throw new Error('one is too few');
          if (batch.count === 3) {
            emit(share(batch));
            throw new Error('three are too many');
          }
          emit(batch);
        },
      },
    },
    sinks: { out: { inputs: ['bad'] }, other: { inputs: ['in'] } },
  });
  const source = lab.source('in');
  source.sendRaw('a');
  source.send('b');
  source.sendRaw('c', 'd', 'e');
  source.sendRaw('f', 'g');
  assert.deepEqual(source.statuses, ['rejected', 'rejected', 'rejected', 'delivered']);
  assert.deepEqual(lab.sink('out').messages, ['c', 'd', 'e', 'f', 'g']);
  assert.equal(lab.recorder.read('component_errors_total', { component_id: 'bad' }), 3);
  assert.equal(lab.recorder.read('component_discarded_events_total', { component_id: 'bad', intentional: 'false' }), 2);
  await topology.stop(undefined);
  assert.equal(lab.arena.freeSlots, 1);
});

test('a raw batch that cannot be decoded for a transform that writes is rejected', async () => {
  const lab = new Lab({ slots: 1 });
  const topology = await lab.start({
    sources: { in: {} },
    transforms: { write: { inputs: ['in'], ...shout } },
    sinks: { out: { inputs: ['write'] } },
  });
  const source = lab.source('in');
  const slot = lab.arena.claim()!;
  source.sendBatch({
    kind: 'raw',
    type: 'log',
    hold: slot,
    frames: new Int32Array(2),
    count: 1,
    sizeBytes: 0,
    delimiter: 10,
    ingestedMs: 0,
    streamOffset: -1,
    layout: layoutOf({
      decodeFrame() {
        throw new Error('not to be decoded');
      },
    }),
    finalizer: source.finalizer(),
  });
  assert.deepEqual(source.statuses, ['rejected']);
  assert.equal(lab.arena.freeSlots, 1);
  assert.equal(lab.recorder.read('component_errors_total', { component_id: 'write' }), 1);
  await topology.stop(undefined);
});

test('a sink that throws or rejects loses the batch, counted, and is given the next', async () => {
  const lab = new Lab({ slots: 1 });
  let writes = 0;
  const topology = await lab.start({
    sources: { in: {} },
    sinks: {
      out: {
        inputs: ['in'],
        write(batch) {
          writes += 1;
          if (writes === 1) throw new Error('thrown');
          if (writes === 2) return Promise.reject(new Error('rejected'));
          finish(batch);
          return undefined;
        },
      },
    },
  });
  const source = lab.source('in');
  source.sendRaw('a');
  source.sendRaw('b');
  source.sendRaw('c');
  await settle();
  assert.deepEqual(source.statuses, ['rejected', 'rejected', 'delivered']);
  assert.equal(lab.recorder.read('component_errors_total', { component_id: 'out' }), 2);
  assert.equal(lab.recorder.read('component_discarded_events_total', { component_id: 'out' }), 2);
  await topology.stop(undefined);
  assert.equal(lab.arena.freeSlots, 1);
});

test('what a transform emits on its own is bounded while it waits, and the rest is counted', async () => {
  const lab = new Lab();
  let emit: (text: string) => void = () => {};
  const topology = await lab.start({
    sources: { in: {} },
    transforms: { timer: { inputs: ['in'], start: (out) => (emit = (text) => out(logBatch([message(text)]))) } },
    sinks: { dead: { inputs: ['timer'], holds: true, buffer: [memory({ max_events: 1 })] } },
  });
  for (let i = 0; i < 500; i++) emit(String(i));
  assert.equal(lab.recorder.read('component_discarded_events_total', { component_id: 'timer' }), 500 - 102);
  lab.sink('dead').open();
  await topology.stop(undefined);
  assert.equal(lab.sink('dead').messages.length, 102);
});

test('a source that is told what became of a batch and throws is an error, not the end', async () => {
  const lab = new Lab();
  const topology = await lab.start({ sources: { in: {} }, sinks: { out: { inputs: ['in'] } } });
  const source = lab.source('in');
  const finalizer = source.finalizer();
  finalizer.release();
  source.sendBatch(logBatch([message('a')], finalizer));
  source.send('b');
  assert.equal(lab.recorder.read('component_errors_total', { component_id: 'in' }), 1);
  assert.deepEqual(lab.sink('out').messages, ['a', 'b']);
  await topology.stop(undefined);
});

test('two thousand transforms in a row pass batches on, and end, without filling the stack', async () => {
  const lab = new Lab();
  const row = Array.from({ length: 2000 }, (_, i) => `t${i}`);
  const process: NonNullable<Spec['transforms']>[string]['process'] = (batch, emit) => emit(batch);
  const transforms = Object.fromEntries(row.map((id, i) => [id, { inputs: [i === 0 ? 'in' : row[i - 1]!], process }]));
  const topology = await lab.start({
    sources: { in: {} },
    transforms,
    sinks: { out: { inputs: [row.at(-1)!] } },
  });
  await lab.source('in').send('one', 'two');
  await topology.stop(undefined);
  assert.deepEqual(lab.sink('out').messages, ['one', 'two']);
  assert.deepEqual(lab.source('in').statuses, ['delivered']);
});

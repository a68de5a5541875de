import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { type Batch, finish, logBatch } from '../event/batch.ts';
import { isPending, Lab, memory, message, settle } from '../testing/topology.ts';
import { TopologyError } from './topology.ts';

test('stops in order: sources, what is below them from the top down, then sources close', async () => {
  const lab = new Lab();
  const kept: Batch[] = [];
  const order: string[] = [];
  const topology = await lab.start({
    sources: { in: {} },
    transforms: {
      keep: {
        inputs: ['in'],
        process: (batch) => void kept.push(batch),
        end(emit) {
          order.push(`keep ends, source runs: ${lab.source('in').isRunning}`);
          for (const batch of kept) emit(batch);
        },
      },
      pass: { inputs: ['keep'], end: () => void order.push('pass ends') },
    },
    sinks: { out: { inputs: ['pass'], holds: true, buffer: [memory({ max_events: 1 })] } },
  });
  const source = lab.source('in');
  for (const text of ['a', 'b', 'c']) source.send(text);
  const stopped = topology.stop(undefined);
  assert.equal(topology.state, 'stopping');
  await settle();
  assert.deepEqual(order, ['keep ends, source runs: false']);
  assert.deepEqual(lab.sink('out').messages, ['a']);
  assert.ok(!source.isClosed);
  lab.sink('out').letGo();
  await settle();
  assert.deepEqual(order, ['keep ends, source runs: false', 'pass ends']);
  assert.ok(!lab.sink('out').hasEnded);
  assert.ok(!source.isClosed);
  lab.sink('out').open();
  assert.deepEqual(await stopped, { forced: [], abandonedBatches: 0 });
  assert.deepEqual(lab.sink('out').messages, ['a', 'b', 'c']);
  assert.deepEqual(source.statuses, ['delivered', 'delivered', 'delivered']);
  assert.ok(source.isClosed);
  assert.equal(topology.state, 'stopped');
  assert.deepEqual(await topology.finished, { forced: [], abandonedBatches: 0 });
});

test('what waits in buffers and in line is delivered before the end', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: {} },
    transforms: { t: { inputs: ['in'] } },
    sinks: { out: { inputs: ['t'], holds: true, buffer: [memory({ max_events: 2 })] } },
  });
  const texts = Array.from({ length: 10 }, (_, i) => String(i));
  for (const text of texts) lab.source('in').send(text);
  const stopped = topology.stop(60_000);
  await settle();
  lab.sink('out').open();
  await stopped;
  assert.deepEqual(lab.sink('out').messages, texts);
  assert.deepEqual(lab.source('in').statuses, Array(10).fill('delivered'));
});

test('ends by itself when all sources came to their end and everything was delivered', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { a: {}, b: {} },
    sinks: { out: { inputs: ['a', 'b'], holds: true }, only_a: { inputs: ['a'] } },
  });
  lab.source('a').send('from a');
  lab.source('a').end();
  await settle();
  assert.equal(topology.state, 'running');
  assert.ok(lab.sink('only_a').hasEnded);
  assert.ok(!lab.sink('out').hasEnded);
  assert.ok(!lab.source('a').isClosed, 'what it sent is still held');
  lab.sink('out').open();
  await settle();
  assert.ok(lab.source('a').isClosed, 'a source closes once all it sent was delivered');
  lab.source('b').send('from b');
  lab.source('b').end();
  assert.deepEqual(await topology.finished, { forced: [], abandonedBatches: 0 });
  assert.deepEqual(lab.sink('out').messages, ['from a', 'from b']);
});

test('after the limit what remains is named and cut off, and sources are told their batches failed', async () => {
  const lab = new Lab({ slots: 4 });
  const topology = await lab.start({
    sources: { in: {} },
    transforms: { t: { inputs: ['in'] } },
    sinks: {
      dead: { inputs: ['t'], holds: true, buffer: [memory({ max_events: 1 })] },
      well: { inputs: ['in'] },
    },
  });
  const source = lab.source('in');
  for (const text of ['a', 'b', 'c', 'd', 'e']) source.sendRaw(text);
  const stopped = topology.stop(10_000);
  await lab.clock.advance(9_999);
  assert.equal(topology.state, 'stopping');
  const progress = lab.records.find(({ message: text }) => text === 'Waiting for components to end');
  assert.equal(progress?.fields['remaining_components'], 't, dead');
  assert.equal(progress?.fields['left_secs'], 5);
  await lab.clock.advance(1);
  assert.deepEqual(await stopped, { forced: ['t', 'dead'], abandonedBatches: 0 });
  const said = lab.records.find(({ message: text }) => text.startsWith('The time to stop is over'));
  assert.equal(said?.fields['remaining_components'], 't, dead');
  assert.deepEqual(source.statuses, Array(5).fill('errored'));
  assert.ok(source.isClosed);
  assert.deepEqual(lab.sink('well').messages, ['a', 'b', 'c', 'd', 'e']);
  assert.equal(lab.arena.freeSlots, 4);
  const lost = { component_id: 'dead', intentional: 'false' };
  assert.equal(lab.recorder.read('buffer_discarded_events_total', lost), 2);
});

test('a sink and a source that obey nothing are left to themselves, and nothing waits for them', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: { ignoresStop: true } },
    sinks: { out: { inputs: ['in'], holds: true, ignoresAbort: true } },
  });
  const source = lab.source('in');
  source.send('a');
  const stopped = topology.stop(0);
  await lab.clock.advance(2_000);
  assert.deepEqual(await stopped, { forced: ['in', 'out'], abandonedBatches: 1 });
  assert.deepEqual(source.statuses, ['errored']);
  assert.ok(lab.lines('out').includes('The sink did not stop and is left to itself'));
  assert.ok(lab.lines('in').includes('The source did not stop and is left to itself'));
  assert.ok(source.isClosed);
  const late = source.send('late');
  assert.ok(late instanceof Promise, 'a source that goes on is slowed down');
  await late;
  lab.sink('out').letGo();
  assert.deepEqual(source.statuses, ['errored', 'errored'], 'nothing is told twice');
});

test('a sender that waits is let go when the time is over', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: {} },
    sinks: { dead: { inputs: ['in'], holds: true, buffer: [memory({ max_events: 1 })] } },
  });
  const waits = ['a', 'b', 'c'].map((text) => lab.source('in').send(text));
  assert.ok(await isPending(waits[2]));
  const stopped = topology.stop(5_000);
  await settle();
  const sooner = topology.stop(1_000);
  assert.equal(sooner, stopped);
  await lab.clock.advance(1_000);
  await stopped;
  assert.ok(!(await isPending(waits[2])));
  assert.deepEqual(lab.source('in').statuses, ['errored', 'errored', 'errored']);
});

test('batches that a transform lost are told to the source as failed, and said', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: {} },
    transforms: { hole: { inputs: ['in'], process: () => {} } },
    sinks: { out: { inputs: ['hole'] } },
  });
  lab.source('in').send('a');
  assert.deepEqual(await topology.stop(undefined), { forced: [], abandonedBatches: 1 });
  assert.deepEqual(lab.source('in').statuses, ['errored']);
  assert.ok(lab.lines().includes('Batches were given up'));
});

test('a transform that is cut off may let go of what it holds, but nothing more is sent', async () => {
  const lab = new Lab();
  const kept: Batch[] = [];
  const topology = await lab.start({
    sources: { in: { ignoresStop: true } },
    transforms: {
      keep: {
        inputs: ['in'],
        process: (batch) => void kept.push(batch),
        end(emit) {
          for (const batch of kept) emit(batch);
        },
      },
    },
    sinks: { out: { inputs: ['keep'] } },
  });
  lab.source('in').send('a');
  const stopped = topology.stop(100);
  await lab.clock.advance(1_200);
  assert.deepEqual(await stopped, { forced: ['in', 'keep', 'out'], abandonedBatches: 0 });
  assert.deepEqual(lab.source('in').statuses, ['errored']);
  assert.deepEqual(lab.sink('out').messages, []);
  assert.equal(lab.recorder.read('component_discarded_events_total', { component_id: 'keep' }), 1);
});

test('a source that fails is the end of the topology: the rest drains, and `finished` tells', async () => {
  const lab = new Lab();
  const topology = await lab.start({ sources: { bad: {}, good: {} }, sinks: { out: { inputs: ['bad', 'good'] } } });
  lab.source('good').send('a');
  lab.source('bad').fail(new Error('the disk is gone'));
  await assert.rejects(topology.finished, (error) => {
    assert.ok(error instanceof TopologyError);
    assert.deepEqual(error.problems, [{ component: 'bad', message: 'the disk is gone' }]);
    return true;
  });
  assert.equal(topology.state, 'stopped');
  assert.deepEqual(lab.sink('out').messages, ['a']);
  assert.ok(lab.source('good').isClosed);
});

test('a source that sends to an output it does not declare is caught', async () => {
  const lab = new Lab();
  const topology = await lab.start({ sources: { in: {} }, sinks: { out: { inputs: ['in'] } } });
  const source = lab.source('in');
  assert.throws(() => source.sendBatch(logBatch([message('a')], source.finalizer()), 'nowhere'), /it declares/);
  assert.deepEqual(source.statuses, ['rejected']);
  await topology.stop(undefined);
});

test('an empty batch and a batch that ends at once are no trouble', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { in: {} },
    transforms: { drop: { inputs: ['in'], process: (batch) => finish(batch) } },
    sinks: { out: { inputs: ['drop'] } },
  });
  lab.source('in').send();
  lab.source('in').send('a');
  assert.deepEqual(lab.source('in').statuses, ['delivered', 'delivered']);
  await topology.stop(undefined);
});

test('the process lives until the last delivery, though only a timer of ours is left', async () => {
  const script = `
    import { Lab } from '${import.meta.resolve('../testing/topology.ts')}';
    import { finish } from '${import.meta.resolve('../event/batch.ts')}';
    import { sleep, systemClock } from '${import.meta.resolve('../std/clock.ts')}';
    const lab = new Lab({ clock: systemClock });
    const write = async (batch) => {
      await sleep(systemClock, 20);
      console.log('delivered');
      finish(batch);
    };
    const topology = await lab.start({ sources: { in: {} }, sinks: { out: { inputs: ['in'], write } } });
    await new Promise((resolve) => setImmediate(resolve));
    lab.source('in').send('a');
    lab.source('in').end();
    await topology.finished;
    console.log('finished');
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  assert.match(stdout, /^delivered\nfinished\n/);
});

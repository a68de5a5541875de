import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Batch, finish } from '../event/batch.ts';
import { defineCounter } from '../telemetry/telemetry.ts';
import { isPending, Lab, memory, type Spec, settle } from '../testing/topology.ts';
import { type ReloadResult, startTopology, type Topology, TopologyError } from './topology.ts';

async function reload(lab: Lab, topology: Topology, spec: Spec): Promise<ReloadResult> {
  const result = await topology.reload(lab.config(spec));
  await settle();
  return result;
}

function changes(result: ReloadResult): unknown {
  if (!result.ok) assert.fail(result.problems.map(({ component, message }) => `${component}: ${message}`).join('; '));
  const { ok, ...rest } = result;
  return rest;
}

const base: Spec = {
  sources: { in: {} },
  transforms: { t: { inputs: ['in'] } },
  sinks: { out: { inputs: ['t'] } },
};

test('what did not change is not touched and loses nothing', async () => {
  const lab = new Lab();
  const topology = await lab.start({ ...base, sinks: { out: { inputs: ['t'], holds: true } } });
  const source = lab.source('in');
  for (const text of ['a', 'b', 'c']) source.send(text);
  const result = await reload(lab, topology, {
    ...base,
    sinks: { out: { inputs: ['t'], holds: true }, more: { inputs: ['in'] } },
  });
  assert.deepEqual(changes(result), { added: ['more'], changed: [], removed: [], unchanged: ['in', 't', 'out'] });
  source.send('d');
  assert.equal(lab.builtSources('in').length, 1);
  assert.equal(lab.builtSinks('out').length, 1);
  assert.ok(source.isRunning);
  assert.deepEqual(lab.sink('more').messages, ['d']);
  lab.sink('out').open();
  await topology.stop(undefined);
  assert.deepEqual(lab.sink('out').messages, ['a', 'b', 'c', 'd']);
  assert.deepEqual(source.statuses, Array(4).fill('delivered'));
});

test('the batches of a changed sink are delivered by the old one while the new one takes what comes', async () => {
  const lab = new Lab();
  const sink = { inputs: ['in'], holds: true };
  const topology = await lab.start({ sources: { in: {} }, sinks: { out: sink } });
  for (const text of ['a', 'b', 'c']) lab.source('in').send(text);
  const result = await reload(lab, topology, { sources: { in: {} }, sinks: { out: { ...sink, version: 2 } } });
  assert.deepEqual(changes(result), { added: [], changed: ['out'], removed: [], unchanged: ['in'] });
  const [old, now] = lab.builtSinks('out');
  lab.source('in').send('d');
  assert.deepEqual(now!.messages, ['d']);
  assert.deepEqual(old!.messages, ['a']);
  old!.open();
  await settle();
  assert.deepEqual(old!.messages, ['a', 'b', 'c']);
  assert.ok(old!.hasEnded);
  now!.open();
  await topology.stop(undefined);
  assert.deepEqual(lab.source('in').statuses, Array(4).fill('delivered'));
});

test('a dead sink holds up no reload: its inputs go on at once, and it is cut off after the limit', async () => {
  const lab = new Lab({ gracefulShutdownLimitMs: 20_000 });
  const sinks = { dead: { inputs: ['t'], holds: true, buffer: [memory({ max_events: 1 })] }, well: { inputs: ['in'] } };
  const topology = await lab.start({ ...base, sinks });
  const source = lab.source('in');
  const waits = ['a', 'b', 'c', 'd'].map((text) => source.send(text));
  assert.ok(await isPending(waits[3]));
  const result = await reload(lab, topology, { ...base, sinks: { well: { inputs: ['in'] } } });
  assert.deepEqual(changes(result), { added: [], changed: [], removed: ['dead'], unchanged: ['in', 't', 'well'] });
  assert.ok(!(await isPending(waits[3])));
  assert.equal(source.send('e'), undefined);
  assert.deepEqual(lab.sink('well').messages, ['a', 'b', 'c', 'd', 'e']);
  await lab.clock.advance(20_000);
  assert.ok(lab.sink('dead').hasEnded);
  // The last one was still in line before the transform when the sink went, and reached nobody else.
  assert.deepEqual([...source.statuses].sort(), ['delivered', 'delivered', 'errored', 'errored', 'errored']);
  await topology.stop(undefined);
});

test('a changed transform hands on what it held, and the new one starts afresh', async () => {
  const lab = new Lab();
  const held: Batch[] = [];
  const keeping = (version: number): Spec => ({
    ...base,
    transforms: {
      t: {
        inputs: ['in'],
        version,
        process: (batch) => void held.push(batch),
        end(emit) {
          for (const batch of held.splice(0)) emit(batch);
        },
      },
    },
  });
  const topology = await lab.start(keeping(1));
  lab.source('in').send('a');
  const result = await reload(lab, topology, keeping(2));
  assert.deepEqual(changes(result), { added: [], changed: ['t'], removed: [], unchanged: ['in', 'out'] });
  assert.deepEqual(lab.sink('out').messages, ['a']);
  lab.source('in').send('b');
  await topology.stop(undefined);
  assert.deepEqual(lab.sink('out').messages, ['a', 'b']);
  assert.deepEqual(lab.source('in').statuses, ['delivered', 'delivered']);
});

test('a sink whose inputs changed is rewired and keeps what it holds', async () => {
  const lab = new Lab();
  const spec = (inputs: string[]): Spec => ({
    sources: { a: {}, b: {} },
    sinks: { out: { inputs, holds: true }, all: { inputs: ['a', 'b'] } },
  });
  const topology = await lab.start(spec(['a']));
  lab.source('a').send('from a');
  lab.source('b').send('lost on it');
  assert.deepEqual(changes(await reload(lab, topology, spec(['b']))), {
    added: [],
    changed: [],
    removed: [],
    unchanged: ['a', 'b', 'out', 'all'],
  });
  lab.source('a').send('no more from a');
  lab.source('b').send('from b');
  lab.sink('out').open();
  await topology.stop(undefined);
  assert.equal(lab.builtSinks('out').length, 1);
  assert.deepEqual(lab.sink('out').messages, ['from a', 'from b']);
});

test('what cannot be built leaves the old graph as it was', async () => {
  const lab = new Lab();
  const topology = await lab.start(base);
  const result = await reload(lab, topology, {
    sources: { in: { version: 2 }, extra: { resources: ['tcp:127.0.0.1:1'] } },
    transforms: { t: { inputs: ['in'] } },
    sinks: {
      out: { inputs: ['t'], version: 2 },
      bad: {
        inputs: ['extra'],
        onBuild: () => {
          throw new Error('no such bucket');
        },
      },
    },
  });
  assert.deepEqual(result, { ok: false, problems: [{ component: 'bad', message: 'no such bucket' }], fatal: false });
  const [source, unused] = lab.builtSources('in');
  assert.ok(source!.isRunning);
  assert.ok(unused!.isClosed);
  assert.ok(lab.source('extra').isClosed);
  source!.send('still here');
  assert.deepEqual(lab.builtSinks('out')[0]!.messages, ['still here']);
  assert.equal(topology.state, 'running');
  await topology.stop(undefined);
});

test('a transform that cannot start leaves the old graph as it was', async () => {
  const lab = new Lab();
  const topology = await lab.start(base);
  const start = (): never => {
    throw new Error('no timers');
  };
  const result = await reload(lab, topology, {
    sources: { in: {}, more: {} },
    transforms: { t: { inputs: ['in', 'more'], version: 2, start } },
    sinks: { out: { inputs: ['t'] }, new: { inputs: ['t'] } },
  });
  assert.deepEqual(result, { ok: false, problems: [{ component: 't', message: 'no timers' }], fatal: false });
  lab.source('in').send('a');
  assert.deepEqual(lab.sink('out').messages, ['a']);
  assert.ok(lab.sink('new').hasEnded);
  assert.ok(lab.source('more').isClosed);
  await topology.stop(undefined);
  assert.deepEqual(lab.source('in').statuses, ['delivered']);
});

test('a failed healthcheck refuses the reload where health is required', async () => {
  const lab = new Lab();
  const globals = { healthchecks: { enabled: true, requireHealthy: true } };
  const topology = await lab.start({ ...base, globals });
  const healthcheck = () => Promise.reject(new Error('down'));
  const result = await reload(lab, topology, {
    ...base,
    sinks: { ...base.sinks, ill: { inputs: ['in'], healthcheck } },
    globals,
  });
  assert.deepEqual(result, {
    ok: false,
    problems: [{ component: 'ill', message: 'the healthcheck failed: down' }],
    fatal: false,
  });
  assert.ok(lab.sink('ill').hasEnded);
  await topology.stop(undefined);
});

test('a changed global option is refused by name', async () => {
  const lab = new Lab();
  const topology = await lab.start(base);
  const result = await reload(lab, topology, { ...base, globals: { timezone: 'Europe/Berlin', dataDir: '/data' } });
  assert.deepEqual(result, {
    ok: false,
    problems: [
      {
        component: undefined,
        message: '`data_dir`, `timezone` changed: global options take effect only after a restart',
      },
    ],
    fatal: false,
  });
  await topology.stop(undefined);
});

test('a changed source hands over: the old one reads no more before the new one runs', async () => {
  const lab = new Lab();
  const spec = (version: number): Spec => ({ sources: { in: { version } }, sinks: { out: { inputs: ['in'] } } });
  const topology = await lab.start(spec(1));
  lab.source('in').send('a');
  assert.deepEqual(changes(await reload(lab, topology, spec(2))), {
    added: [],
    changed: ['in'],
    removed: [],
    unchanged: ['out'],
  });
  const [old, now] = lab.builtSources('in');
  assert.ok(!old!.isRunning && old!.isClosed);
  now!.send('b');
  assert.deepEqual(lab.sink('out').messages, ['a', 'b']);
  assert.ok(!lab.sink('out').hasEnded);
  await topology.stop(undefined);
});

test('a source that keeps positions is followed only when the old one has written them, or had its time', async () => {
  const lab = new Lab();
  const spec = (version: number): Spec => ({
    sources: { in: { version, keepsState: true } },
    sinks: { out: { inputs: ['in'], holds: true } },
  });
  const topology = await lab.start(spec(1));
  lab.source('in').send('a');
  await reload(lab, topology, spec(2));
  const [first, second] = lab.builtSources('in');
  assert.ok(!first!.isRunning && !first!.isClosed && !second!.isRunning);
  lab.sink('out').letGo();
  await settle();
  assert.deepEqual(first!.statuses, ['delivered']);
  assert.ok(first!.isClosed && second!.isRunning);
  second!.send('b');
  await reload(lab, topology, spec(3));
  const third = lab.source('in');
  await lab.clock.advance(10_000);
  assert.deepEqual(second!.statuses, ['errored']);
  assert.ok(second!.isClosed && third.isRunning);
  lab.sink('out').open();
  await topology.stop(undefined);
  assert.deepEqual(second!.statuses, ['errored']);
});

test('a replaced source that still sends is not held back, and is left to itself in the end', async () => {
  const lab = new Lab();
  const spec = (version: number): Spec => ({
    sources: { in: { version, ignoresStop: true } },
    sinks: { dead: { inputs: ['in'], holds: true, buffer: [memory({ max_events: 1 })] } },
  });
  const topology = await lab.start(spec(1));
  const old = lab.source('in');
  const waits = ['a', 'b', 'c'].map((text) => old.send(text));
  assert.ok(await isPending(waits[2]));
  await reload(lab, topology, spec(2));
  assert.ok(!(await isPending(waits[2])));
  assert.equal(old.send('d'), undefined);
  assert.equal(lab.source('in').runs, 0);
  await lab.clock.advance(11_000);
  assert.ok(lab.lines('in').includes('The source did not stop and is left to itself'));
  assert.equal(lab.source('in').runs, 1);
  await old.send('e');
  assert.deepEqual(old.statuses, ['errored'], 'it comes too late');
  lab.sink('dead').open();
  lab.source('in').end();
  await topology.finished;
  assert.deepEqual(lab.sink('dead').messages, ['a', 'b', 'c', 'd']);
  assert.deepEqual(old.statuses, ['errored', ...Array(4).fill('delivered')]);
});

/** A source that holds a port. */
const listening = (version: number, fails = false): Spec => ({
  sources: {
    in: {
      version,
      resources: ['tcp:127.0.0.1:514'],
      onBuild: () => {
        if (fails) throw new Error('bad certificate');
      },
    },
  },
  sinks: { out: { inputs: ['in'], holds: true } },
});

test('a port is handed over from the old source to the new one, and what is below stays', async () => {
  const lab = new Lab();
  const topology = await lab.start(listening(1));
  lab.source('in').send('a');
  assert.ok((await reload(lab, topology, listening(2))).ok);
  const [old, now] = lab.builtSources('in');
  assert.ok(!old!.isRunning && now!.isRunning);
  now!.send('b');
  assert.ok(!lab.sink('out').hasEnded);
  lab.sink('out').open();
  await topology.stop(undefined);
  assert.deepEqual(lab.sink('out').messages, ['a', 'b']);
  assert.deepEqual([old!.statuses, now!.statuses], [['delivered'], ['delivered']]);
});

test('when the new owner of a port cannot be built the old one gets it back', async () => {
  const lab = new Lab();
  const topology = await lab.start(listening(1));
  lab.source('in').send('a');
  const result = await reload(lab, topology, listening(2, true));
  assert.deepEqual(result, { ok: false, problems: [{ component: 'in', message: 'bad certificate' }], fatal: false });
  assert.equal(topology.state, 'running');
  assert.equal(lab.builtSources('in').length, 2);
  lab.source('in').send('b');
  lab.sink('out').open();
  await topology.stop(undefined);
  assert.deepEqual(lab.sink('out').messages, ['a', 'b']);
  assert.deepEqual(lab.builtSinks('out').length, 1);
});

test('when the old owner cannot be built again either, the topology ends and says why', async () => {
  const lab = new Lab();
  let builds = 0;
  const onBuild = (): void => {
    builds += 1;
    if (builds > 1) throw new Error(`failure ${builds}`);
  };
  const spec = (version: number): Spec => ({
    sources: { in: { version, resources: ['fd:0'], onBuild } },
    sinks: { out: { inputs: ['in'], holds: true } },
  });
  const topology = await lab.start(spec(1));
  lab.source('in').send('a');
  const result = await reload(lab, topology, spec(2));
  assert.deepEqual(result, {
    ok: false,
    problems: [
      { component: 'in', message: 'failure 2' },
      { component: 'in', message: 'failure 3' },
    ],
    fatal: true,
  });
  lab.sink('out').open();
  await assert.rejects(topology.finished, TopologyError);
  assert.deepEqual(lab.sink('out').messages, ['a']);
});

/** A sink that listens, such as an exporter. */
const exporting = (version: number, fails = false): Spec => ({
  sources: { in: {} },
  transforms: { t: { inputs: ['in'] } },
  sinks: {
    out: {
      inputs: ['t'],
      version,
      holds: true,
      resources: ['tcp:127.0.0.1:9598'],
      onBuild: () => {
        if (fails) throw new Error('bad certificate');
      },
    },
  },
});

test('a sink that holds a port drains before its successor is built, while senders wait', async () => {
  const lab = new Lab();
  const topology = await lab.start(exporting(1));
  const source = lab.source('in');
  source.send('a');
  const reloading = topology.reload(lab.config(exporting(2)));
  await settle();
  assert.equal(lab.builtSinks('out').length, 1);
  assert.equal(source.send('b'), undefined, 'the transform takes it');
  const wait = source.send('c');
  assert.ok(await isPending(wait));
  lab.sink('out').open();
  assert.ok((await reloading).ok);
  await wait;
  const [old, now] = lab.builtSinks('out');
  now!.open();
  source.send('d');
  await topology.stop(undefined);
  assert.deepEqual([old!.messages, now!.messages], [['a'], ['b', 'c', 'd']]);
  assert.deepEqual(source.statuses, Array(4).fill('delivered'));
});

test('a port that a removed sink still holds is waited for', async () => {
  const lab = new Lab();
  const topology = await lab.start(exporting(1));
  lab.source('in').send('a');
  const without: Spec = { ...exporting(1), sinks: { rest: { inputs: ['t'] } } };
  assert.ok((await reload(lab, topology, without)).ok);
  const reloading = topology.reload(lab.config(exporting(2)));
  await settle();
  assert.equal(lab.builtSinks('out').length, 1);
  lab.sink('out').open();
  assert.ok((await reloading).ok);
  assert.equal(lab.builtSinks('out').length, 2);
  await topology.stop(undefined);
  assert.deepEqual(lab.source('in').statuses, ['delivered']);
});

test('a sink that holds a port and never ends is cut off after the limit', async () => {
  const lab = new Lab({ gracefulShutdownLimitMs: 30_000 });
  const topology = await lab.start(exporting(1));
  lab.source('in').send('a');
  const reloading = topology.reload(lab.config(exporting(2)));
  await lab.clock.advance(30_000);
  assert.ok((await reloading).ok);
  assert.deepEqual(lab.source('in').statuses, ['errored']);
  lab.sink('out').open();
  await topology.stop(undefined);
});

test('when the successor of a sink with a port cannot be built, a new copy of the old one takes what waited', async () => {
  const lab = new Lab();
  const topology = await lab.start(exporting(1));
  const source = lab.source('in');
  source.send('a');
  const reloading = topology.reload(lab.config(exporting(2, true)));
  await settle();
  source.send('b');
  const wait = source.send('c');
  assert.ok(await isPending(wait));
  lab.sink('out').open();
  const result = await reloading;
  assert.deepEqual(result, { ok: false, problems: [{ component: 'out', message: 'bad certificate' }], fatal: false });
  await wait;
  const [old, copy] = lab.builtSinks('out');
  copy!.open();
  await topology.stop(undefined);
  assert.deepEqual([old!.messages, copy!.messages], [['a'], ['b', 'c']]);
  assert.deepEqual(source.statuses, Array(3).fill('delivered'));
});

test('a source that had ended stays so, and what ended below it is built again for new inputs', async () => {
  const lab = new Lab();
  const topology = await lab.start({
    sources: { done: {}, on: {} },
    sinks: { out: { inputs: ['done'] }, other: { inputs: ['on'] } },
  });
  lab.source('done').send('a');
  lab.source('done').end();
  await settle();
  assert.ok(lab.sink('out').hasEnded);
  const result = await reload(lab, topology, {
    sources: { done: {}, on: {} },
    sinks: { out: { inputs: ['done', 'on'] }, other: { inputs: ['on'] }, third: { inputs: ['done'] } },
  });
  assert.deepEqual(changes(result), {
    added: ['third'],
    changed: ['out'],
    removed: [],
    unchanged: ['done', 'on', 'other'],
  });
  lab.source('on').send('b');
  assert.deepEqual(lab.sink('out').messages, ['b']);
  assert.equal(lab.builtSources('done').length, 1);
  assert.ok(lab.sink('third').hasEnded, 'nothing can reach it');
  await topology.stop(undefined);
});

test('a source whose peers are to wait for delivery now is built again', async () => {
  const lab = new Lab();
  const topology = await lab.start(base);
  const result = await reload(lab, topology, { ...base, sources: { in: { acknowledgements: true } } });
  assert.deepEqual(changes(result), { added: [], changed: ['in'], removed: [], unchanged: ['t', 'out'] });
  await topology.stop(undefined);
});

test('an id may change its kind', async () => {
  const lab = new Lab();
  const topology = await lab.start(base);
  lab.source('in').send('a');
  const result = await reload(lab, topology, {
    sources: { t: {} },
    transforms: { in: { inputs: ['t'] } },
    sinks: { out: { inputs: ['in'] } },
  });
  assert.deepEqual(changes(result), { added: [], changed: ['t', 'in'], removed: [], unchanged: ['out'] });
  lab.source('t').send('b');
  await topology.stop(undefined);
  assert.deepEqual(lab.sink('out').messages, ['a', 'b']);
});

test('reloads wait for each other, and one that meets a stop is refused', async () => {
  const lab = new Lab();
  const topology = await lab.start(base);
  const spec = (version: number): Spec => ({ ...base, sinks: { out: { inputs: ['t'], version } } });
  const [first, second] = await Promise.all([
    topology.reload(lab.config(spec(1))),
    topology.reload(lab.config(spec(2))),
  ]);
  assert.ok(first.ok && second.ok);
  assert.equal(lab.builtSinks('out').length, 3);
  const third = topology.reload(lab.config(spec(3)));
  const stopped = topology.stop(undefined);
  assert.deepEqual(await third, {
    ok: false,
    problems: [{ component: undefined, message: 'the topology is stopping' }],
    fatal: false,
  });
  await stopped;
  const late = await topology.reload(lab.config(spec(4)));
  assert.ok(!late.ok);
});

test('a stop in the middle of a handover lets the old sink deliver what waits', async () => {
  const lab = new Lab();
  const topology = await lab.start(exporting(1));
  const source = lab.source('in');
  source.send('a');
  const reloading = topology.reload(lab.config(exporting(2)));
  await settle();
  source.send('b');
  source.send('c');
  const stopped = topology.stop(undefined);
  await settle();
  lab.sink('out').open();
  assert.ok(!(await reloading).ok);
  await stopped;
  assert.deepEqual(source.statuses, ['delivered', 'delivered', 'delivered']);
  assert.equal(lab.builtSinks('out').length, 1);
});

test('a stop while the successor is built has nobody left to deliver what waits: it fails', async () => {
  const lab = new Lab();
  const spec = (version: number): Spec => ({
    sources: { in: {} },
    sinks: {
      out: {
        inputs: ['in'],
        version,
        resources: ['tcp:127.0.0.1:9598'],
        onBuild: () => (version === 1 ? undefined : new Promise(() => {})),
      },
    },
  });
  const topology = await lab.start(spec(1));
  const reloading = topology.reload(lab.config(spec(2)));
  await settle();
  const source = lab.source('in');
  const wait = source.send('a');
  assert.ok(await isPending(wait));
  await topology.stop(undefined);
  assert.ok(!(await reloading).ok);
  await wait;
  assert.deepEqual(source.statuses, ['errored']);
});

test('the last source may be replaced without the topology coming to its end', async () => {
  const lab = new Lab();
  const topology = await lab.start(base);
  const result = await reload(lab, topology, {
    sources: { other: {} },
    transforms: { t: { inputs: ['other'] } },
    sinks: { out: { inputs: ['t'] } },
  });
  assert.ok(result.ok);
  assert.equal(topology.state, 'running');
  lab.source('other').send('a');
  lab.source('other').end();
  await topology.finished;
  assert.deepEqual(lab.sink('out').messages, ['a']);
});

test('a batch that a filter ends while a reload goes on is no trouble', async () => {
  const lab = new Lab();
  const spec = (version: number): Spec => ({
    ...base,
    transforms: { t: { inputs: ['in'], version, process: (batch) => finish(batch) } },
  });
  const topology = await lab.start(spec(1));
  const reloading = topology.reload(lab.config(spec(2)));
  lab.source('in').send('a');
  assert.ok((await reloading).ok);
  lab.source('in').send('b');
  await topology.stop(undefined);
  assert.deepEqual(lab.source('in').statuses, ['delivered', 'delivered']);
});

test('how long metrics live is changed by a reload, without a restart of anything', async () => {
  const lab = new Lab();
  const counted = defineCounter({ name: 'counted_total', doc: 'Counted.' });
  const expiring = (secs: number) => {
    const config = lab.config(base);
    return { ...config, globals: { ...config.globals, metricExpiry: { secs } } };
  };
  const topology = await startTopology(expiring(-1), lab.runtime);
  const counter = lab.runtime.recorder.counter(counted);
  const isRead = (): boolean => lab.runtime.recorder.all().some(({ name }) => name === 'counted_total');
  assert.ok(isRead());
  await lab.clock.advance(400_000);
  assert.ok(isRead());
  assert.deepEqual(changes(await topology.reload(expiring(300))), {
    added: [],
    changed: [],
    removed: [],
    unchanged: ['in', 't', 'out'],
  });
  assert.ok(!isRead());
  counter.add(1);
  assert.ok(isRead());
  await topology.stop(undefined);
});

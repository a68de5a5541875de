import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lab, type Spec, settle } from '../testing/topology.ts';
import { checkTopology, startTopology, TopologyError, type TopologyProblem } from './topology.ts';

/** The problems with which a start is refused. */
async function refusal(lab: Lab, spec: Spec): Promise<readonly TopologyProblem[]> {
  const error = await lab.start(spec).then(
    () => assert.fail('it started'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TopologyError, String(error));
  return error.problems;
}

const throwing = (text: string) => () => {
  throw new Error(text);
};

test('every component that cannot be built is named, and those that were built let go of what they had', async () => {
  const lab = new Lab();
  const spec: Spec = {
    sources: { good: { resources: ['tcp:127.0.0.1:9000'] }, bad: { onBuild: throwing('no such file') } },
    transforms: { t: { inputs: ['good', 'bad'], onBuild: throwing('no such table') } },
    sinks: { out: { inputs: ['t'], resources: ['tcp:127.0.0.1:9001'] }, worse: { inputs: ['t'], buffer: [] } },
  };
  const problems = await refusal(lab, spec);
  assert.deepEqual(problems.map(({ component, message }) => `${component}: ${message}`).sort(), [
    'bad: no such file',
    't: no such table',
    'worse: a buffer needs at least one stage',
  ]);
  assert.ok(lab.source('good').isClosed);
  assert.ok(lab.sink('out').hasEnded);
  const topology = await lab.start({ sources: { good: spec.sources['good']! }, sinks: { out: { inputs: ['good'] } } });
  await topology.stop(undefined);
});

test('an input that does not exist and a resource claimed twice are refused before anything is built', async () => {
  const lab = new Lab();
  const problems = await refusal(lab, {
    sources: { a: { resources: ['fd:0'] }, b: { resources: ['fd:0'] }, c: { resources: ['tcp:127.0.0.1:0'] } },
    sinks: { out: { inputs: ['a', 'b.port'], resources: ['tcp:127.0.0.1:0'] } },
  });
  assert.deepEqual(problems, [
    { component: 'out', message: 'the input `b.port` does not exist' },
    { component: 'b', message: '`a` already uses fd:0' },
  ]);
  assert.equal(lab.builtSources('a').length, 0);
});

test('a transform that cannot start is a reason not to', async () => {
  const lab = new Lab();
  const problems = await refusal(lab, {
    sources: { in: {} },
    transforms: { t: { inputs: ['in'], start: throwing('no timers today') } },
    sinks: { out: { inputs: ['t'] } },
  });
  assert.deepEqual(problems, [{ component: 't', message: 'no timers today' }]);
  assert.ok(lab.source('in').isClosed);
  assert.ok(lab.sink('out').hasEnded);
});

const health: Spec = {
  sources: { in: {} },
  sinks: {
    well: { inputs: ['in'], healthcheck: async () => {} },
    ill: { inputs: ['in'], healthcheck: () => Promise.reject(new Error('connection refused')) },
    silent: { inputs: ['in'], healthcheck: () => new Promise(() => {}), healthcheckTimeoutSecs: 3 },
    off: { inputs: ['in'], healthcheck: throwing('not to be asked'), healthcheckEnabled: false },
    none: { inputs: ['in'] },
  },
};

test('healthchecks are done beside the running topology, and logged', async () => {
  const lab = new Lab();
  const topology = await lab.start(health);
  await lab.clock.advance(3_000);
  await settle();
  const said = (id: string) => lab.records.find(({ fields }) => fields['component_id'] === id);
  assert.equal(said('well')?.message, 'Healthcheck passed');
  assert.equal(said('none')?.message, 'Healthcheck passed');
  assert.equal(said('off')?.message, 'Healthcheck disabled');
  assert.deepEqual([said('ill')?.message, said('ill')?.fields['error']], ['Healthcheck failed', 'connection refused']);
  assert.equal(said('silent')?.fields['error'], 'no answer within 3 seconds');
  assert.equal(topology.state, 'running');
  await topology.stop(undefined);
});

test('with require_healthy a failed healthcheck is a reason not to start', async () => {
  const lab = new Lab();
  const refused = refusal(lab, { ...health, globals: { healthchecks: { enabled: true, requireHealthy: true } } });
  await lab.clock.advance(3_000);
  assert.deepEqual(await refused, [
    { component: 'ill', message: 'the healthcheck failed: connection refused' },
    { component: 'silent', message: 'the healthcheck failed: no answer within 3 seconds' },
  ]);
  assert.equal(lab.source('in').runs, 1);
  assert.ok(!lab.source('in').isRunning);
});

test('healthchecks switched off for all are not done', async () => {
  const lab = new Lab();
  const topology = await lab.start({ ...health, globals: { healthchecks: { enabled: false, requireHealthy: true } } });
  assert.deepEqual(lab.lines('ill'), ['Healthcheck disabled']);
  await topology.stop(undefined);
});

test('sources are told whether to wait for delivery', async () => {
  const lab = new Lab();
  const config = lab.config({ sources: { in: { acknowledgements: true } }, sinks: { out: { inputs: ['in'] } } });
  assert.equal(config.sources.get('in')!.acknowledgements, true);
  let seen: boolean | undefined;
  const source = config.sources.get('in')!;
  const definition = {
    ...source.definition,
    build: (own: unknown, context: Parameters<typeof source.definition.build>[1]) => {
      seen = context.acknowledgements;
      assert.equal(context.stateDir(), '/nonexistent/in');
      assert.equal(context.stateDir('/elsewhere'), '/elsewhere/in');
      return source.definition.build(own, context);
    },
  };
  const topology = await startTopology(
    { ...config, sources: new Map([['in', { ...source, definition }]]) },
    lab.runtime,
  );
  assert.equal(seen, true);
  await topology.stop(undefined);
});

test('checking builds everything, asks for health, and leaves nothing behind', async () => {
  const lab = new Lab();
  const check = (spec: Spec, healthchecks: boolean) => checkTopology(lab.config(spec), lab.runtime, { healthchecks });
  const spec: Spec = {
    sources: { in: { resources: ['fd:0'] } },
    transforms: { t: { inputs: ['in'], onBuild: throwing('no such table') } },
    sinks: { out: { inputs: ['t'], healthcheck: () => Promise.reject(new Error('down')) } },
  };
  assert.deepEqual(await check(spec, true), [
    { component: 't', message: 'no such table' },
    { component: 'out', message: 'the healthcheck failed: down' },
  ]);
  assert.deepEqual(await check(spec, false), [{ component: 't', message: 'no such table' }]);
  assert.deepEqual(await check({ ...spec, sinks: { out: { inputs: ['gone'] } } }, true), [
    { component: 'out', message: 'the input `gone` does not exist' },
  ]);
  assert.equal(lab.builtSources('in').length, 2);
  assert.ok(lab.builtSources('in').every(({ isClosed }) => isClosed));
  assert.ok(lab.builtSinks('out').every(({ hasEnded }) => hasEnded));
});

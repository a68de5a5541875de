// What the loops of the data plane record of a batch that goes from a source through a transform into a sink: the same
// calls in the same order, without the components. Looks at the clock are in it.

import { StageMetrics } from '../../src/buffers/buffer_metrics.ts';
import { bufferSendDuration } from '../../src/buffers/buffers.ts';
import type { RawBatch } from '../../src/event/batch.ts';
import { systemClock } from '../../src/std/clock.ts';
import { componentReceivedBytes, Throughput } from '../../src/telemetry/component_metrics.ts';
import { beginTurn, endTurn, enter, lastLook, leave, look } from '../../src/telemetry/self_time.ts';
import { Latency, Utilization } from '../../src/telemetry/work_metrics.ts';
import { testContext } from '../../src/testing/component.ts';
import { SourceEdge, transformLevel } from '../../src/topology/edge_metrics.ts';

const clock = systemClock;
const BYTES = 27_000;

/** Lines of a file, which have just been read. */
const batch = {
  kind: 'raw',
  type: 'log',
  count: 100,
  sizeBytes: BYTES,
  ingestedMs: clock.now(),
} as const satisfies Partial<RawBatch> as RawBatch;

/** What one component calls for a batch; `inner` is what those behind it call. */
type Record = (inner: () => void) => void;

function source(): Record {
  const { context } = testContext('source', 'file');
  const bytes = context.counter(componentReceivedBytes, { protocol: 'file' });
  const received = Throughput.received(context);
  const edge = new SourceEdge(context, [[undefined, '_default']]);
  const sent = Throughput.sent(context, '_default');
  return (inner) => {
    bytes.add(BYTES);
    received.add(batch.count, BYTES);
    const startMs = beginTurn(clock);
    edge.sending(batch, undefined, startMs);
    sent.add(batch.count, BYTES);
    inner();
    edge.sent(lastLook(clock) - startMs);
    endTurn();
  };
}

function transform(): Record {
  const { context } = testContext('transform', 'remap');
  const received = Throughput.received(context);
  const waited = context.histogram(bufferSendDuration, { stage: '0' });
  const level = transformLevel(context);
  const latency = new Latency(context);
  const utilization = new Utilization(context, clock);
  const sent = Throughput.sent(context, '_default');
  return (inner) => {
    const startMs = lastLook(clock);
    level.came(batch.count, startMs);
    received.add(batch.count, BYTES);
    waited.record(0);
    const outer = enter();
    look(clock);
    sent.add(batch.count, BYTES);
    inner();
    const ownMs = leave(outer, startMs, look(clock));
    utilization.worked(ownMs);
    latency.record(ownMs);
  };
}

function sink(): Record {
  const { context } = testContext('sink', 'http');
  const stage = new StageMetrics(context, clock, 'test', 'memory', 0, { unit: 'events', max: 500 });
  const received = Throughput.received(context);
  const utilization = new Utilization(context, clock);
  const sent = Throughput.sent(context);
  return () => {
    stage.received(batch, BYTES, 0);
    stage.resized(batch.count, BYTES);
    stage.resized(-batch.count, -BYTES);
    stage.sent(batch, BYTES);
    received.add(batch.count, BYTES);
    const startMs = lastLook(clock);
    const outer = enter();
    sent.add(batch.count, BYTES);
    utilization.worked(leave(outer, startMs, look(clock)));
  };
}

/** Records for so many batches, each of which goes through three components. */
export function batchRecords(): (times: number) => void {
  const [first, second, third] = [source(), transform(), sink()];
  const nothing = (): void => {};
  const last = (): void => third(nothing);
  const behind = (): void => second(last);
  return (times) => {
    for (let i = 0; i < times; i++) first(behind);
  };
}

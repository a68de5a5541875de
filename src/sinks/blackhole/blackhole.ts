// Takes events and throws them away: for tests and measurements of what is above it.

import { acknowledgements } from '../../component/common_options.ts';
import { defineSink } from '../../component/define.ts';
import { type Batch, estimatedBytes, finish } from '../../event/batch.ts';
import { uint } from '../../schema/schema.ts';
import { type Clock, sleep } from '../../std/clock.ts';
import { componentSentBytes, Throughput } from '../../telemetry/component_metrics.ts';

export const sink = defineSink({
  type: 'blackhole',
  status: 'stable',
  summary: 'Send observability events nowhere, which is useful for debugging.',
  options: {
    acknowledgements: acknowledgements(),
    print_interval_secs: uint('Seconds between two lines that say how much was taken; 0 for none.', {
      default: 0,
      unit: 'seconds',
    }),
    rate: uint('Most events taken in a second.', { optional: true, min: 1, unit: 'events' }),
  },
  examples: [{ title: 'Throw everything away, and say how much every ten seconds', config: 'print_interval_secs: 10' }],
  inputs: () => ['log', 'metric', 'trace'],
  build(config, context) {
    const { clock } = context;
    const sent = Throughput.sent(context);
    const sentBytes = context.counter(componentSentBytes, { protocol: 'blackhole' });
    const stop = new AbortController();
    const total = { events: 0, bytes: 0 };
    const reports =
      config.print_interval_secs > 0
        ? repeat(clock, config.print_interval_secs * 1000, () =>
            // The pace is the user's, and no sign of trouble.
            context.log
              .unlimited()
              .info('Collected events.', { events: total.events, raw_bytes_collected: total.bytes }),
          )
        : undefined;
    let freeAtMs = clock.monotonic();
    return {
      frameForm: 'discard',
      write(batch: Batch) {
        const { count } = batch;
        const bytes = estimatedBytes(batch);
        total.events += count;
        total.bytes += bytes;
        sent.add(count, bytes);
        sentBytes.add(bytes);
        finish(batch);
        if (config.rate === undefined) return undefined;
        const now = clock.monotonic();
        freeAtMs = Math.max(freeAtMs, now) + (count * 1000) / config.rate;
        return sleep(clock, freeAtMs - now, stop.signal);
      },
      async end() {
        stop.abort();
        reports?.end();
      },
    };
  },
});

/** Calls `report` after each interval, and once more at the end. */
function repeat(clock: Clock, intervalMs: number, report: () => void): { end(): void } {
  let timer = clock.after(intervalMs, tick);
  function tick(): void {
    report();
    timer = clock.after(intervalMs, tick);
  }
  return {
    end() {
      timer.cancel();
      report();
    },
  };
}

// Takes events and throws them away: for tests and measurements of what is above it.

import { acknowledgements } from '../../component/common_options.ts';
import { defineSink } from '../../component/define.ts';
import { type Batch, estimatedBytes, finish } from '../../event/batch.ts';
import { uint } from '../../schema/schema.ts';
import { sleep, type Timer } from '../../std/clock.ts';

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
    const stop = new AbortController();
    const total = { events: 0, bytes: 0 };
    const report = (): void =>
      context.log.info('Collected events', { events: total.events, raw_bytes_collected: total.bytes });
    const isReporting = config.print_interval_secs > 0;
    const reportLater = (): Timer =>
      context.clock.after(config.print_interval_secs * 1000, () => {
        report();
        timer = reportLater();
      });
    let timer = isReporting ? reportLater() : undefined;
    let free = context.clock.monotonic();
    return {
      write(batch: Batch) {
        total.events += batch.count;
        total.bytes += estimatedBytes(batch);
        const { count } = batch;
        finish(batch);
        if (config.rate === undefined) return undefined;
        free = Math.max(free, context.clock.monotonic()) + (count * 1000) / config.rate;
        return sleep(context.clock, free - context.clock.monotonic(), stop.signal);
      },
      async end() {
        stop.abort();
        timer?.cancel();
        if (isReporting) report();
      },
    };
  },
});

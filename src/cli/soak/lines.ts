// Lines as applications write them, made up from a seed: no two runs differ, and no two lines are the same.

import type { Random } from '../../std/random.ts';

export type LineForm = 'json' | 'text' | 'syslog' | 'statsd';

/** Makes one line, without its end. */
export type LineMaker = () => string;

const LEVELS = ['debug', 'info', 'info', 'info', 'warn', 'error'] as const;
const PATHS = ['/', '/login', '/api/orders', '/api/items', '/static/app.js', '/healthz'] as const;
const WORDS = ['order accepted', 'payment refused', 'cache miss', 'retrying request', 'session closed'] as const;

/** Lines of one form; `sample`, where there is one, in turn and as they are. */
export function lineMaker(form: LineForm, random: Random, sample: readonly string[] = []): LineMaker {
  let count = 0;
  if (sample.length > 0) return () => sample[count++ % sample.length]!;
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const below = (limit: number): number => Math.floor(random() * limit);
  const makers: Readonly<Record<LineForm, LineMaker>> = {
    json: () =>
      JSON.stringify({
        timestamp: new Date().toISOString(),
        level: pick(LEVELS),
        message: `${pick(WORDS)} ${count++}`,
        path: pick(PATHS),
        status: pick([200, 200, 200, 204, 404, 500]),
        duration_ms: below(900),
        user: `user${below(500)}`,
        request_id: below(2 ** 31).toString(16),
      }),
    text: () =>
      `${new Date().toISOString()} ${pick(LEVELS).toUpperCase()} [worker-${below(8)}] ${pick(WORDS)} ${count++} path=${pick(PATHS)} took=${below(900)}ms`,
    syslog: () =>
      `<${8 * below(20) + below(8)}>1 ${new Date().toISOString()} host${below(20)} shop ${1000 + below(50)} ID${count++} - ${pick(WORDS)}`,
    statsd: () =>
      `${pick(['shop.orders:1|c', 'shop.queue:17|g', `shop.latency:${below(900)}|ms`])}|#region:r${below(4)}`,
  };
  return makers[form];
}

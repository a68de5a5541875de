// Asks the other sides of sinks whether they are there.

import type { SinkContext } from '../component/context.ts';
import type { Sink } from '../component/define.ts';
import type { SinkConfig } from '../config/config.ts';
import { reasonOf, type TopologyProblem } from './runtime.ts';
import { within } from './waits.ts';

export interface Checked {
  readonly config: SinkConfig;
  readonly sink: Sink;
  readonly context: SinkContext;
}

/** Checks all at once, logs what comes of each, and returns why those that failed did. Never rejects. */
export async function checkHealth(
  sinks: readonly Checked[],
  enabled: boolean,
  stop?: AbortSignal,
): Promise<readonly TopologyProblem[]> {
  const reasons = await Promise.all(sinks.map((one) => checkOne(one, enabled, stop)));
  return reasons.flatMap((reason, index) =>
    reason === undefined ? [] : [{ component: sinks[index]!.config.id, message: `the healthcheck failed: ${reason}` }],
  );
}

async function checkOne(
  { config, sink, context }: Checked,
  enabled: boolean,
  stop: AbortSignal | undefined,
): Promise<string | undefined> {
  if (!enabled || !config.healthcheck.enabled) {
    context.log.info('Healthcheck disabled');
    return undefined;
  }
  if (!sink.healthcheck) {
    context.log.info('Healthcheck passed');
    return undefined;
  }
  const ended = new AbortController();
  let reason: string | undefined;
  const check = (async () => sink.healthcheck!(ended.signal))().catch((error: unknown) => {
    reason = reasonOf(error);
  });
  const { timeout } = config.healthcheck;
  if (!(await within(context.clock, timeout * 1000, check, stop)))
    reason = stop?.aborted ? 'stopped' : `no answer within ${timeout} seconds`;
  ended.abort();
  if (stop?.aborted) return reason;
  if (reason === undefined) context.log.info('Healthcheck passed');
  else context.log.error('Healthcheck failed', { error: reason });
  return reason;
}

// The configurations that are attacked: a source that takes metrics from anybody, what may stand behind it, and the
// exporter that shows what everything stands at. A second exporter shows what the process tells of itself.

import type { Protocol } from './attackers.ts';

export interface Scenario {
  readonly name: string;
  readonly protocol: Protocol;
  /** A transform between the source and the exporter. */
  readonly between?: Readonly<Record<string, unknown>>;
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'statsd', protocol: 'statsd' },
  { name: 'log_to_metric', protocol: 'log_to_metric' },
  { name: 'prometheus_remote_write', protocol: 'prometheus_remote_write' },
  {
    name: 'tag_cardinality_limit',
    protocol: 'statsd',
    between: { type: 'tag_cardinality_limit', mode: 'exact', value_limit: 500, limit_exceeded_action: 'drop_tag' },
  },
  { name: 'aggregate', protocol: 'statsd', between: { type: 'aggregate', interval_ms: 1000 } },
  {
    name: 'incremental_to_absolute',
    protocol: 'statsd',
    between: { type: 'incremental_to_absolute', cache: { time_to_live: 300 } },
  },
];

export interface Ports {
  readonly attacked: number;
  readonly exported: number;
  readonly internal: number;
}

/** A configuration for one scenario. */
export function configOf({ protocol, between }: Scenario, ports: Ports, memory: string | undefined): object {
  const address = `127.0.0.1:${ports.attacked}`;
  const source =
    protocol === 'statsd'
      ? { type: 'statsd', mode: 'tcp', address }
      : protocol === 'log_to_metric'
        ? { type: 'socket', mode: 'tcp', address, decoding: { codec: 'json' } }
        : { type: 'prometheus_remote_write', address };
  const transforms: Record<string, object> = {};
  let last = 'attacked';
  if (protocol === 'log_to_metric') {
    const metrics = [{ type: 'counter', field: 'message', name: 'attack', tags: { id: '{{ id }}' } }];
    transforms['made'] = { type: 'log_to_metric', inputs: [last], metrics };
    last = 'made';
  }
  if (between) {
    transforms['between'] = { ...between, inputs: [last] };
    last = 'between';
  }
  return {
    ...(memory === undefined ? {} : { memory }),
    sources: { attacked: source, self: { type: 'internal_metrics', scrape_interval_secs: 1 } },
    transforms,
    sinks: {
      exported: {
        type: 'prometheus_exporter',
        inputs: [last],
        address: `127.0.0.1:${ports.exported}`,
        suppress_timestamp: true,
      },
      internal: { type: 'prometheus_exporter', inputs: ['self'], address: `127.0.0.1:${ports.internal}` },
    },
  };
}

// The pipeline of an arm, as a user would write it: logs of files and of containers, requests of one event each, and the
// metrics of the pipeline itself where Prometheus would scrape them.

import { join } from 'node:path';
import type { Variant } from './arms.ts';

export interface Setting {
  readonly variant: Variant;
  readonly folder: string;
  /** Of the receiver, and of the exporter. */
  readonly port: number;
  readonly metricsPort: number;
  /** Undefined: the sink's own limits. */
  readonly batchEvents: number | undefined;
  readonly concurrency: number;
}

/** Where the files are that are read: a plain one, and one as a container runtime writes it. */
export function logFiles(folder: string): { readonly plain: string; readonly container: string } {
  return {
    plain: join(folder, 'logs/app.log'),
    container: join(folder, 'pods/shop_web-7d4b9c6f5-x2x9k_1f0c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b/web/0.log'),
  };
}

export function configuration({ variant, folder, port, metricsPort, batchEvents, concurrency }: Setting): string {
  const { plain, container } = logFiles(folder);
  const http = `
  out:
    type: http
    inputs: [logs]
    uri: http://127.0.0.1:${port}/
    encoding: {codec: json}
    framing: {method: newline_delimited}
    request: {concurrency: ${concurrency}}${batchEvents === undefined ? '' : `\n    batch: {max_events: ${batchEvents}}`}`;
  const blackhole = `
  out:
    type: blackhole
    inputs: [logs]`;
  const reading = `
  metrics:
    type: prometheus_exporter
    inputs: [own]
    address: 127.0.0.1:${metricsPort}`;
  // Series that are seldom written (of rotated files, of names that are used again) would go and come back, and the size of
  // the registry with them. More memory than any arm takes: near its budget a process reads less, and the arms would not do the same work.
  return `data_dir: ${folder}
memory: 4GiB
expire_metrics_secs: 86400
sources:
  logs:
    type: file
    include: ["${plain}*", "${container}*"]
    glob_minimum_cooldown_ms: 200${variant === 'unread' ? '' : '\n  own: {type: internal_metrics, scrape_interval_secs: 1}'}
sinks:${variant === 'blackhole' ? blackhole : http}${variant === 'unread' ? '' : reading}
`;
}

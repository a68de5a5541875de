// How long one event takes from the write into a file to the arrival at an HTTP server, at a steady rate.

import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ready } from '../measure.ts';
import { sleep, start } from '../process.ts';
import type { Installation } from '../programs.ts';

export interface Latency {
  readonly events: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly cpuPercent: number;
}

/** The first second finds the file and warms the compiler up. */
const WARM_UP_EVENTS = 3_000;

/** Sends `seconds` of events after a warming-up. `batch` is the option of the sink, YAML. */
export async function latency(
  { program, args }: Installation,
  folder: string,
  perSecond: number,
  seconds: number,
  batch: string,
): Promise<Latency> {
  const dataDir = mkdtempSync(join(folder, 'latency-'));
  const total = WARM_UP_EVENTS + perSecond * seconds;
  const tookMs = new Float64Array(total).fill(Number.NaN);
  let arrived = 0;
  const server = http.createServer((request, response) => {
    let text = '';
    request
      .setEncoding('utf8')
      .on('data', (chunk: string) => {
        text += chunk;
      })
      .on('end', () => {
        const nowMs = performance.now();
        for (const [, number, sentMs] of text.matchAll(/n=(\d+) t=([\d.]+)/g)) {
          if (Number.isNaN(tookMs[Number(number)])) arrived++;
          tookMs[Number(number)] = nowMs - Number(sentMs);
        }
        response.end();
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const config = join(dataDir, 'latency.yaml');
  const port = (server.address() as AddressInfo).port;
  const log = join(dataDir, 'in.log');
  writeFileSync(log, '');
  writeFileSync(config, configuration(dataDir, log, port, batch));
  const subject = start(program, [...args, '--config', config, '-q']);
  try {
    await ready(subject, undefined, () => 'Sluice');
    await write(log, 0, WARM_UP_EVENTS, perSecond);
    const before = subject.usage();
    const startMs = performance.now();
    await write(log, WARM_UP_EVENTS, total, perSecond);
    const usedSeconds = subject.usage().cpuSeconds - before.cpuSeconds;
    const cpuPercent = (usedSeconds * 100_000) / (performance.now() - startMs);
    for (const limitMs = performance.now() + 10_000; arrived < total && performance.now() < limitMs; ) await sleep(20);
    if (arrived < total) throw new Error(`${total - arrived} of ${total} events did not arrive: ${subject.output()}`);
    const sorted = tookMs.slice(WARM_UP_EVENTS).sort();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
    return { events: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1), cpuPercent };
  } finally {
    await subject.stop();
    server.closeAllConnections();
    server.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function configuration(dataDir: string, log: string, port: number, batch: string): string {
  return `data_dir: ${dataDir}
acknowledgements: {enabled: true}
sources: {in: {type: file, include: ["${log}"]}}
sinks:
  out:
    type: http
    inputs: [in]
    uri: http://127.0.0.1:${port}/
    encoding: {codec: json}
    framing: {method: newline_delimited}
    batch: ${batch}
`;
}

/** Writes the events `first` to `end` one by one, each at its time. */
async function write(path: string, first: number, end: number, perSecond: number): Promise<void> {
  const file = openSync(path, 'a');
  const startMs = performance.now();
  for (let number = first; number < end; ) {
    const due = Math.min(end, first + Math.floor(((performance.now() - startMs) * perSecond) / 1000) + 1);
    for (; number < due; number++) writeSync(file, `n=${number} t=${performance.now().toFixed(3)} request handled\n`);
    await sleep(1);
  }
  closeSync(file);
}

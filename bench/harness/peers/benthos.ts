// Benthos, built from its module. It reads the files that are there when it starts, so it has no file jobs.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APACHE_PATTERN, type Job, type Setting } from '../job_list.ts';
import { freePort } from '../ports.ts';
import { start } from '../process.ts';
import type { Program } from '../programs.ts';

const httpPorts = new WeakMap<Setting, number>();

export function benthos(binary: string): Program {
  return {
    name: 'Benthos',
    has: ({ id, input }) => (input === 'tcp' && id in MAPPINGS) || 'no such input',
    async start(job, setting) {
      const httpPort = await freePort();
      httpPorts.set(setting, httpPort);
      const path = join(setting.dataDir, 'benthos.yaml');
      writeFileSync(path, configuration(job, setting, httpPort));
      return start(binary, ['-c', path], { GOMAXPROCS: String(setting.threads) });
    },
    async linesTaken(setting) {
      const response = await fetch(`http://127.0.0.1:${httpPorts.get(setting)}/metrics`);
      return Number(/"output_sent.*?:\s*(\d+)/.exec(await response.text())?.[1] ?? Number.NaN);
    },
  };
}

const MAPPINGS: Readonly<Record<string, string>> = {
  W1: '',
  W5: '',
  W3: `root = content().string().re_find_object("${APACHE_PATTERN.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}").without("0")`,
  W4: 'root = {"message": content().string(), "timestamp": now(), "host": "127.0.0.1", "source_type": "socket"}',
  W11: 'root = if this.tenant != "t-42" { deleted() }',
};

function configuration({ id, output }: Job, setting: Setting, httpPort: number): string {
  const address = `127.0.0.1:${setting.outPort}`;
  const target = {
    none: 'drop: {}',
    tcp: `socket: {network: tcp, address: "${address}", codec: lines}`,
    http: `http_client:
    url: http://${address}/
    verb: POST
    max_in_flight: 4
    batching: {byte_size: 1000000, period: 1s, processors: [{archive: {format: lines}}]}`,
    file: '',
    discard: '',
    scrape: '',
  }[output];
  const mapping = MAPPINGS[id];
  return `http: {address: "127.0.0.1:${httpPort}"}
logger: {level: WARN}
input:
  socket_server: {network: tcp, address: "127.0.0.1:${setting.inPort}", scanner: {lines: {}}}
pipeline:
  threads: 1
  processors: ${mapping ? `[{mapping: ${JSON.stringify(mapping)}}]` : '[]'}
output:
  ${target}
metrics: {json_api: {}}
`;
}

// An OpenTelemetry Collector, built from its modules. It writes OTLP in JSON, to HTTP or a file, as it has no plain TCP
// output; so jobs that end in TCP end in HTTP here.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APACHE_PATTERN, type Job, type Setting } from '../job_list.ts';
import { freePort } from '../ports.ts';
import { start } from '../process.ts';
import type { Program } from '../programs.ts';

const metricsPorts = new WeakMap<Setting, number>();

export function otelCollector(binary: string): Program {
  return {
    name: 'OTel Collector',
    disorders: true,
    has: ({ id }) => id in OPERATORS || 'no such input or output',
    output: ({ output }) => (output === 'tcp' ? 'http' : output),
    form: ({ output }) => (output === 'none' ? 'lines' : 'otlp'),
    async start(job, setting) {
      const metricsPort = await freePort();
      metricsPorts.set(setting, metricsPort);
      const path = join(setting.dataDir, 'otel.yaml');
      writeFileSync(path, configuration(job, setting, metricsPort));
      return start(binary, ['--config', path]);
    },
    async linesTaken(setting) {
      const response = await fetch(`http://127.0.0.1:${metricsPorts.get(setting)}/metrics`);
      const counts = (await response.text()).matchAll(/^otelcol_receiver_accepted_log_records\S*\s(\S+)$/gm);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    },
  };
}

const PARSE = '{type: json_parser, parse_to: body}';

/** Operators of the receiver, which is where a collector parses and drops most cheaply. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  W1: [],
  W12: [],
  W3: [`{type: regex_parser, parse_to: body, regex: '${APACHE_PATTERN}'}`],
  W4: [],
  W6: [
    PARSE,
    "{type: filter, expr: 'body.request.status == 404'}",
    "{type: add, field: body.level, value: 'EXPR(upper(body.level))'}",
    "{type: add, field: body.ok, value: 'EXPR(body.request.status < 400)'}",
    '{type: remove, field: body.user_id}',
  ],
  W11: [PARSE, `{type: filter, expr: 'body.tenant != "t-42"'}`],
};

function configuration({ id, input, output }: Job, setting: Setting, metricsPort: number): string {
  const receiver = input === 'tcp' ? 'tcplog' : 'filelog';
  const place =
    input === 'tcp'
      ? `listen_address: 127.0.0.1:${setting.inPort}`
      : `include: ["${setting.inDir}/*.log"]\n    start_at: beginning\n    include_file_name: false`;
  const exporter = output === 'none' ? 'nop' : output === 'file' ? 'file' : 'otlp_http';
  const target = {
    nop: '',
    file: `path: ${setting.outFile}`,
    otlp_http: `logs_endpoint: http://127.0.0.1:${setting.outPort}/\n    encoding: json\n    compression: none\n    sending_queue: {block_on_overflow: true}`,
  }[exporter];
  return `receivers:
  ${receiver}:
    ${place}
    operators: [${OPERATORS[id]!.join(', ')}]
processors:
  batch: {send_batch_size: 4096, send_batch_max_size: 4096}
exporters:
  ${exporter}:
    ${target}
service:
  telemetry:
    metrics:
      readers:
        - pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metricsPort}}}}
  pipelines:
    logs: {receivers: [${receiver}], processors: [batch], exporters: [${exporter}]}
`;
}

// The agents that read the logs: each parses the lines of the container runtime, merges their parts, keeps its positions
// on disk, and sends what comes of it to a server.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../../scripts/debian.ts';
import { goProgram } from '../peers/go_program.ts';
import { ensureRsyslog } from '../peers/rsyslog.ts';
import { type Subject, start } from '../process.ts';
import { type Installation, writeConfig } from '../programs.ts';

/** Where things are in one run. */
export interface Place {
  /** Below it are the folders of pods. */
  readonly logsDir: string;
  /** The agent's own. */
  readonly dataDir: string;
  readonly httpPort: number;
  readonly tcpPort: number;
  readonly kubeconfig: string;
  readonly files: number;
}

export interface Agent {
  readonly name: string;
  start(place: Place): Subject;
}

/** Asks the API server for the pods, and adds what it knows of them to every line. `memory` is its budget, and `threads` how many run; both its own unless given. */
export function sluiceAgent(
  { program, args }: Installation,
  { threads, memory }: { readonly threads?: string | undefined; readonly memory?: string | undefined },
): Agent {
  return {
    name: 'Sluice',
    start({ logsDir, dataDir, httpPort, kubeconfig }) {
      const path = writeConfig(
        `data_dir: ${dataDir}
${memory === undefined ? '' : `memory: ${memory}\n`}sources:
  logs: { type: kubernetes_logs, self_node_name: node-1, kube_config_file: ${kubeconfig} }
sinks:
  out:
    type: http
    inputs: [logs]
    uri: http://127.0.0.1:${httpPort}/
    encoding: { codec: json }
    framing: { method: newline_delimited }
    batch: { max_bytes: 1000000 }
    request: { concurrency: 1 }
    acknowledgements: { enabled: true }
`,
        dataDir,
      );
      const given = threads === undefined ? [] : ['--threads', threads];
      return start(program, [...args, '--config', path, '-q', ...given], { SLUICE_POD_LOGS_DIR: logsDir });
    },
  };
}

/** What it knows of pods is what their paths say. */
function otelAgent(binary: string): Agent {
  return {
    name: 'OTel Collector',
    start({ logsDir, dataDir, httpPort, files }) {
      const path = join(dataDir, 'otel.yaml');
      writeFileSync(
        path,
        `extensions:
  file_storage: {directory: ${dataDir}}
receivers:
  filelog:
    include: ["${logsDir}/*/*/*.log"]
    start_at: beginning
    include_file_path: true
    max_concurrent_files: ${4 * files}
    storage: file_storage
    operators: [{type: container}]
processors:
  batch: {send_batch_size: 4096, send_batch_max_size: 4096}
exporters:
  otlp_http:
    logs_endpoint: http://127.0.0.1:${httpPort}/
    encoding: json
    compression: none
    sending_queue: {block_on_overflow: true, num_consumers: 1}
service:
  extensions: [file_storage]
  telemetry: {metrics: {level: none}}
  pipelines:
    logs: {receivers: [filelog], processors: [batch], exporters: [otlp_http]}
`,
      );
      return start(binary, ['--config', path]);
    },
  };
}

/** It follows the names of files, takes lines as they are, and adds the path. */
const rsyslogAgent: Agent = {
  name: 'rsyslog',
  start({ logsDir, dataDir, tcpPort }) {
    const path = join(dataDir, 'rsyslog.conf');
    writeFileSync(
      path,
      `global(workDirectory="${dataDir}" maxMessageSize="64k")
main_queue(queue.workerThreads="1")
module(load="imfile")
input(type="imfile" file="${logsDir}/*/*/*.log" tag="bench:" addMetadata="on" persistStateInterval="1000")
template(name="line" type="string" string="%$!metadata!filename% %rawmsg%\\n")
action(type="omfwd" template="line" target="127.0.0.1" port="${tcpPort}" protocol="tcp" queue.type="linkedlist" queue.size="50000")
`,
    );
    return start(findProgram('rsyslogd')!, ['-n', '-f', path, '-i', join(dataDir, 'pid')]);
  },
};

const PEERS: Readonly<Record<string, () => Promise<Agent | string>>> = {
  otel: async () => {
    const built = await goProgram('otelcol');
    return 'path' in built ? otelAgent(built.path) : built.why;
  },
  rsyslog: async () => (await ensureRsyslog()) || rsyslogAgent,
};

/** Those of the named peers that can be had; of the others it says why not. */
export async function peerAgents(names: readonly string[]): Promise<Agent[]> {
  const found: Agent[] = [];
  for (const name of names) {
    const find = PEERS[name];
    if (!find) throw new Error(`there is no peer ${name}; there are ${Object.keys(PEERS).join(', ')}`);
    const peer = await find();
    if (typeof peer === 'string') console.error(`${name} is left out: ${peer}`);
    else found.push(peer);
  }
  return found;
}

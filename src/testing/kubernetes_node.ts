// A node of a cluster for tests of the source `kubernetes_logs`: an API server, a folder of logs, one namespace.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectValue } from '../event/value.ts';
import { source } from '../sources/kubernetes_logs/kubernetes_logs.ts';
import { type RunningSource, type SourceOptions, startSource, temporaryFolder } from './component.ts';
import { kubeconfig, kubernetesApi } from './kubernetes_api.ts';

export async function kubernetesNode() {
  const folder = temporaryFolder();
  const api = await kubernetesApi();
  const at = (...names: string[]): string => join(folder.path, ...names);
  mkdirSync(at('pods'));
  writeFileSync(at('token'), 'first\n');
  writeFileSync(at('config'), kubeconfig(api.url, at('token')));
  api.put('nodes', { metadata: { name: 'node-1', uid: 'n1', labels: { zone: 'a' } } });
  api.put('namespaces', { metadata: { name: 'default', uid: 'ns1', labels: { team: 'blue' } } });
  const start = (config: Record<string, unknown> = {}, options: SourceOptions = {}): Promise<RunningSource> => {
    process.env['SLUICE_POD_LOGS_DIR'] = at('pods');
    const given = { self_node_name: 'node-1', kube_config_file: at('config'), glob_minimum_cooldown_ms: 50, ...config };
    return startSource(source, given, { dataDir: at('data'), ...options });
  };
  /** The path of a log file, whose folder is made. */
  const log = (name: string, uid: string, container = 'main', file = '0.log', namespace = 'default'): string => {
    mkdirSync(at('pods', `${namespace}_${name}_${uid}`, container), { recursive: true });
    return at('pods', `${namespace}_${name}_${uid}`, container, file);
  };
  const dispose = async (): Promise<void> => {
    await api.stop();
    folder[Symbol.dispose]();
  };
  return { api, at, start, log, [Symbol.asyncDispose]: dispose };
}

let second = 0;

/** A line as containerd writes it, each with another time. */
export function cri(message: string, tag = 'F', stream = 'stdout'): string {
  second += 1;
  return `2026-11-27T05:24:${String(second % 60).padStart(2, '0')}.${String(second).padStart(9, '0')}Z ${stream} ${tag} ${message}\n`;
}

export function messagesOf({ values }: RunningSource): unknown[] {
  return values.map((value) => (value as ObjectValue)['message']);
}

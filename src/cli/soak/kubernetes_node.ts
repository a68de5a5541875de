// A made-up node of a Kubernetes cluster: an API server that tells of it, of its pods and of their namespaces, and the
// folder of its pods' logs. Agents find it by a kubeconfig file, and pods come and go on it as somebody says.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubeconfigText, ListWatchServer } from '../../net/kubernetes/list_watch_server.ts';
import { type Clock, systemClock } from '../../std/clock.ts';
import { ContainerLog } from './container_log.ts';
import type { Wanted } from './selected.ts';

/** Where an agent finds a node. */
export interface NodePlace {
  readonly name: string;
  readonly kubeConfig: string;
  /** The folder of the logs of all pods. */
  readonly logs: string;
}

export interface PodNames {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** A kubelet says so often that its node is there. */
const HEARTBEAT_MS = 10_000;
/** So often a server tells watches how far it is. */
const BOOKMARK_MS = 60_000;
/** The object of a pod that has ended is deleted after this time, and its logs after that one. */
const DELETE_MS = 2_000;
const REMOVE_MS = 12_000;
export const CONTAINER = 'app';

export class KubernetesNode implements NodePlace {
  readonly name = 'soak-node';
  readonly kubeConfig: string;
  readonly logs: string;
  readonly api: ListWatchServer;
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #namespaces = new Set<string>();
  /** What is to be done for pods that have ended, in the order of their end. */
  readonly #ended = new Set<PodNames>();
  #isClosed = false;

  private constructor(folder: string, clock: Clock) {
    this.kubeConfig = join(folder, 'kubeconfig');
    this.logs = join(folder, 'pods');
    this.api = new ListWatchServer({ clock });
    this.#clock = clock;
    this.#startedMs = clock.now();
  }

  /** Everything of it is in `folder`. */
  static async start(folder: string, clock: Clock = systemClock): Promise<KubernetesNode> {
    mkdirSync(folder, { recursive: true });
    const node = new KubernetesNode(folder, clock);
    mkdirSync(node.logs);
    await node.api.start();
    const token = join(folder, 'token');
    writeFileSync(token, 'soak\n');
    writeFileSync(node.kubeConfig, kubeconfigText(node.api.url, token));
    node.#beat();
    node.#bookmark();
    return node;
  }

  /** The containers of a pod start, in the order of a real node: what the server says comes before the first line. */
  run(pod: PodNames, wanted: Wanted): ContainerLog {
    this.#needNamespace(pod.namespace, wanted);
    this.api.put('pods', podObject(pod, wanted, this.name, 'Running'));
    return new ContainerLog(join(this.#folderOf(pod), CONTAINER));
  }

  /** Something about a pod has changed that no log is told of. */
  touch(pod: PodNames, wanted: Wanted, note: string): void {
    this.api.put('pods', podObject(pod, wanted, this.name, 'Running', note));
  }

  /** A pod has ended. Its object goes soon, its logs a little later. */
  end(pod: PodNames, wanted: Wanted, log: ContainerLog): void {
    log.close();
    this.#ended.add(pod);
    this.api.put('pods', podObject(pod, wanted, this.name, 'Succeeded'));
    this.#clock.after(DELETE_MS, () => this.api.delete('pods', pod.uid));
    this.#clock.after(REMOVE_MS, () => {
      this.#ended.delete(pod);
      if (!this.#isClosed) rmSync(this.#folderOf(pod), { recursive: true, force: true });
    });
  }

  /** Pods whose logs are still there though they have ended. */
  get ended(): number {
    return this.#ended.size;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.api.stop();
  }

  #folderOf({ namespace, name, uid }: PodNames): string {
    return join(this.logs, `${namespace}_${name}_${uid}`);
  }

  #needNamespace(name: string, { namespaceLabels }: Wanted): void {
    if (this.#namespaces.has(name)) return;
    this.#namespaces.add(name);
    const labels = { 'kubernetes.io/metadata.name': name, ...namespaceLabels };
    this.api.put('namespaces', { metadata: { name, uid: `namespace-${name}`, labels } });
  }

  #beat(): void {
    if (this.#isClosed) return;
    const labels = { 'kubernetes.io/hostname': this.name, 'topology.kubernetes.io/zone': 'soak' };
    const heard = new Date(this.#clock.now()).toISOString();
    const status = { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: heard }] };
    this.api.put('nodes', { metadata: { name: this.name, uid: `node-${this.#startedMs}`, labels }, status });
    this.#clock.after(HEARTBEAT_MS, () => this.#beat());
  }

  #bookmark(): void {
    if (this.#isClosed) return;
    this.api.bookmark();
    this.#clock.after(BOOKMARK_MS, () => this.#bookmark());
  }
}

function podObject(
  { namespace, name, uid }: PodNames,
  { labels, fields }: Wanted,
  nodeName: string,
  phase: string,
  note = '',
): Parameters<ListWatchServer['put']>[1] {
  const of = (part: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(fields)
        .filter(([field]) => field.startsWith(`${part}.`))
        .map(([field, value]) => [field.slice(part.length + 1), value]),
    );
  const image = `registry.example.com/${CONTAINER}:1`;
  const ip = `10.0.0.${1 + (Number.parseInt(uid.slice(0, 8), 16) % 250)}`;
  return {
    metadata: {
      name,
      namespace,
      uid,
      labels: { app: CONTAINER, 'pod-template-hash': name.split('-').at(-2) ?? '', ...labels },
      annotations: { 'soak/note': note },
      ownerReferences: [{ kind: 'ReplicaSet', name: name.slice(0, name.lastIndexOf('-')) }],
    },
    spec: { containers: [{ name: CONTAINER, image }], ...of('spec'), nodeName },
    status: {
      podIP: ip,
      podIPs: [{ ip }],
      containerStatuses: [{ name: CONTAINER, containerID: `containerd://${uid}`, imageID: image }],
      phase,
      ...of('status'),
    },
  };
}

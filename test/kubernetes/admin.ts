// What an administrator does with a real API server: makes namespaces, pods and accounts, labels and deletes them.

import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from '../../scripts/cluster.ts';
import { ROOT } from '../../scripts/command.ts';

/** Requests under way at a time. */
const AT_ONCE = 8;

export interface Created {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
}

/** Where objects of the kinds in the manifest of the rights are made. */
const PATHS: Readonly<Record<string, string>> = {
  ServiceAccount: '/api/v1/namespaces/default/serviceaccounts',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
};

export class Admin {
  readonly #cluster: Cluster;
  readonly #agent: Agent;
  /** Requests that changed something. */
  changes = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE, ca: readFileSync(cluster.certificate) });
  }

  /** The account of the agent, with the rights of the published manifest and no others. */
  async allowAgent(): Promise<void> {
    const manifest = readFileSync(join(ROOT, 'deploy/kustomize/agent/rbac.yaml'), 'utf8');
    for (const document of parseAllDocuments(manifest)) {
      const object = document.toJS() as { kind: string };
      await this.#send('POST', PATHS[object.kind]!, object);
    }
  }

  /** Gives a user the rights of the agent. */
  async allowUser(name: string): Promise<void> {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'sluice' };
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }];
    await this.#send('POST', PATHS['ClusterRoleBinding']!, { metadata: { name }, roleRef, subjects });
  }

  /** A token of the agent's account, good until it is revoked by its name. */
  async token(name: string): Promise<string> {
    await this.#send('POST', '/api/v1/namespaces/default/secrets', { metadata: { name } });
    const path = '/api/v1/namespaces/default/serviceaccounts/sluice/token';
    const boundObjectRef = { apiVersion: 'v1', kind: 'Secret', name };
    const answer = await this.#send('POST', path, { spec: { expirationSeconds: 3600, boundObjectRef } });
    return (answer as { status: { token: string } }).status.token;
  }

  async revoke(name: string): Promise<void> {
    await this.#send('DELETE', `/api/v1/namespaces/default/secrets/${name}`);
  }

  async node(name: string): Promise<void> {
    await this.#send('POST', '/api/v1/nodes', { metadata: { name, labels: { zone: 'z1' } } });
  }

  async namespace(name: string): Promise<void> {
    await this.#send('POST', '/api/v1/namespaces', { metadata: { name, labels: { team: `team-of-${name}` } } });
  }

  /** A pod that runs on the node. */
  async pod(namespace: string, name: string, node: string, version: number): Promise<Created> {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const labels = { app: name, version: String(version) };
    const containers = [{ name: 'main', image: 'registry.example.com/app:1' }];
    const spec = { nodeName: node, containers, terminationGracePeriodSeconds: 0 };
    const pod = (await this.#send('POST', path, { metadata: { name, labels }, spec })) as Created;
    const { uid } = pod.metadata;
    const status = {
      phase: 'Running',
      podIP: '10.0.0.7',
      podIPs: [{ ip: '10.0.0.7' }],
      containerStatuses: [
        {
          name: 'main',
          image: 'app',
          imageID: 'sha256:1',
          containerID: `containerd://${uid}`,
          ready: true,
          restartCount: 0,
        },
      ],
    };
    await this.#send('PATCH', `${path}/${name}/status`, { status });
    return pod;
  }

  async label(namespace: string, name: string, version: number): Promise<void> {
    const metadata = { labels: { version: String(version) } };
    await this.#send('PATCH', `/api/v1/namespaces/${namespace}/pods/${name}`, { metadata });
  }

  async deletePod(namespace: string, name: string): Promise<void> {
    await this.#send('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=0`);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(method: string, path: string, body?: unknown): Promise<unknown> {
    this.changes += 1;
    const text = body === undefined ? '' : JSON.stringify(body);
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = {
      authorization: `Bearer ${this.#cluster.token}`,
      'content-type': type,
      'content-length': Buffer.byteLength(text),
    };
    const { status, answer } = await this.#exchange(method, new URL(path, this.#cluster.url), headers, text);
    if (status >= 300) throw new Error(`${method} ${path}: HTTP ${status}: ${answer.slice(0, 300)}`);
    return JSON.parse(answer);
  }

  #exchange(method: string, url: URL, headers: Record<string, string | number>, body: string) {
    return new Promise<{ status: number; answer: string }>((resolve, reject) => {
      const sent = request(url, { method, headers, agent: this.#agent }, (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          answer += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, answer }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

/** Does something for all items, a few at a time. */
export async function forAll<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) await act(items[next++]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

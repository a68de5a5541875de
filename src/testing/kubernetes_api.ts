// A small API server that speaks list and watch over HTTP, driven by hand: objects are put and deleted, tokens change,
// history expires, connections break, the server goes away and comes back. For tests only.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ApiObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
    readonly resourceVersion?: string;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

type Resource = 'pods' | 'namespaces' | 'nodes';

interface Change {
  readonly version: number;
  readonly resource: Resource;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ApiObject;
}

interface Watch {
  readonly resource: Resource;
  readonly selects: (object: ApiObject) => boolean;
  readonly response: ServerResponse;
}

export interface ApiRequest {
  readonly verb: 'list' | 'watch';
  readonly resource: string;
  readonly query: Readonly<Record<string, string>>;
  readonly token: string | undefined;
}

export interface KubernetesApi {
  readonly url: string;
  readonly requests: ApiRequest[];
  /** The only token that is taken; undefined for any. */
  token: string | undefined;
  /** Objects of a page at most, whatever a request asks for. */
  pageMax: number;
  /** Answers every request with this status while it is set. */
  failure: number | undefined;
  put(resource: Resource, object: ApiObject): void;
  delete(resource: Resource, uid: string): void;
  /** Changes up to now are forgotten: watches of older versions are answered by 410 Gone. */
  expire(): void;
  /** Sends a bookmark to every watch. */
  bookmark(): void;
  /** Sends these bytes to every watch. */
  send(text: string): void;
  /** Ends every watch: orderly, or by breaking its connection. */
  endWatches(how: 'end' | 'break'): void;
  readonly watches: number;
  /** Goes away, and comes back at the same port with the same objects. */
  stop(): Promise<void>;
  start(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1. */
export async function kubernetesApi(): Promise<KubernetesApi> {
  const api = new FakeApi();
  await api.start();
  return api;
}

const PATHS: Readonly<Record<string, Resource>> = {
  '/api/v1/pods': 'pods',
  '/api/v1/namespaces': 'namespaces',
  '/api/v1/nodes': 'nodes',
};

class FakeApi implements KubernetesApi {
  readonly requests: ApiRequest[] = [];
  token: string | undefined;
  pageMax = 1000;
  failure: number | undefined;
  #server: Server | undefined;
  #port = 0;
  #version = 1;
  #oldest = 1;
  readonly #objects: Record<Resource, Map<string, ApiObject>> = {
    pods: new Map(),
    namespaces: new Map(),
    nodes: new Map(),
  };
  readonly #history: Change[] = [];
  readonly #watches = new Set<Watch>();

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get watches(): number {
    return this.#watches.size;
  }

  put(resource: Resource, given: ApiObject): void {
    const objects = this.#objects[resource];
    const version = ++this.#version;
    const object = { ...given, metadata: { ...given.metadata, resourceVersion: String(version) } };
    const type = objects.has(object.metadata.uid) ? 'MODIFIED' : 'ADDED';
    objects.set(object.metadata.uid, object);
    this.#tell({ version, resource, type, object });
  }

  delete(resource: Resource, uid: string): void {
    const object = this.#objects[resource].get(uid);
    if (!object) return;
    this.#objects[resource].delete(uid);
    const version = ++this.#version;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    this.#tell({ version, resource, type: 'DELETED', object: last });
  }

  expire(): void {
    this.#oldest = ++this.#version;
    this.#history.length = 0;
  }

  bookmark(): void {
    const object = { metadata: { resourceVersion: String(this.#version) } };
    this.send(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  send(text: string): void {
    for (const { response } of this.#watches) response.write(text);
  }

  endWatches(how: 'end' | 'break'): void {
    for (const { response } of this.#watches) how === 'end' ? response.end() : response.destroy();
    this.#watches.clear();
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => this.#answer(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#watches.clear();
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #tell(change: Change): void {
    this.#history.push(change);
    for (const watch of this.#watches) send(watch, change);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://api');
    const query = Object.fromEntries(url.searchParams);
    const resource = PATHS[url.pathname];
    const verb = query['watch'] === 'true' ? 'watch' : 'list';
    const token = request.headers.authorization?.replace(/^Bearer /, '');
    this.requests.push({ verb, resource: resource ?? url.pathname, query, token });
    if (this.failure !== undefined) refuse(response, this.failure, 'told to fail');
    else if (this.token !== undefined && token !== this.token) refuse(response, 401, 'Unauthorized');
    else if (!resource) refuse(response, 404, 'no such resource');
    else if (verb === 'watch') this.#watch(resource, query, response);
    else this.#list(resource, query, response);
  }

  #list(resource: Resource, query: Readonly<Record<string, string>>, response: ServerResponse): void {
    const selected = [...this.#objects[resource].values()].filter(selectorOf(query['fieldSelector']));
    const from = Number(query['continue'] ?? 0);
    const limit = Math.min(Number(query['limit'] ?? this.pageMax), this.pageMax);
    const items = selected.slice(from, from + limit);
    const next = from + limit < selected.length ? { continue: String(from + limit) } : {};
    const metadata = { resourceVersion: String(this.#version), ...next };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind: 'List', metadata, items }));
  }

  #watch(resource: Resource, query: Readonly<Record<string, string>>, response: ServerResponse): void {
    const from = Number(query['resourceVersion']);
    if (from < this.#oldest) {
      refuse(response, 410, 'too old resource version');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const watch: Watch = { resource, selects: selectorOf(query['fieldSelector']), response };
    for (const change of this.#history) if (change.version > from) send(watch, change);
    this.#watches.add(watch);
    response.on('close', () => this.#watches.delete(watch));
  }
}

function send({ resource, selects, response }: Watch, { type, object, ...change }: Change): void {
  if (change.resource === resource && selects(object)) response.write(`${JSON.stringify({ type, object })}\n`);
}

function refuse(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ kind: 'Status', status: 'Failure', code, message }));
}

/** The two selectors that agents use: by name, and by node. */
function selectorOf(text: string | undefined): (object: ApiObject) => boolean {
  const [name, value] = (text ?? '').split('=');
  if (name === 'spec.nodeName') return ({ spec }) => spec?.['nodeName'] === value;
  if (name === 'metadata.name') return ({ metadata }) => metadata.name === value;
  return () => true;
}

/** A kubeconfig file for it, whose token is in a file. */
export function kubeconfig(url: string, tokenFile: string): string {
  return `apiVersion: v1
kind: Config
current-context: test
contexts: [{ name: test, context: { cluster: test, user: agent } }]
clusters: [{ name: test, cluster: { server: "${url}" } }]
users: [{ name: agent, user: { tokenFile: "${tokenFile}" } }]
`;
}

/** A running pod of one container, on the node `node-1`. */
export function pod(
  name: string,
  uid: string,
  labels: Readonly<Record<string, string>> = {},
  namespace = 'default',
): ApiObject {
  return {
    metadata: {
      name,
      namespace,
      uid,
      labels,
      annotations: { note: name },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web' }],
    },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'image:1' }] },
    status: {
      phase: 'Running',
      podIP: '10.0.0.1',
      podIPs: [{ ip: '10.0.0.1' }],
      containerStatuses: [{ name: 'main', containerID: `containerd://${uid}`, imageID: 'sha256:1' }],
    },
  };
}

// A small API server that speaks list and watch of pods, namespaces and nodes over HTTP, for a soak and for tests: objects
// are put and deleted by whoever has it, and agents follow them as they follow a real one.
//
// Invariant: a watch from version v is told every change after v in order, or is refused with 410 Gone where changes after
// v are forgotten. What is remembered has limits, and a watch whose reader does not read is broken off.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../std/clock.ts';

/** The members that are looked at here; all others are passed on. */
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

export type Resource = 'pods' | 'namespaces' | 'nodes';

export interface ApiRequest {
  readonly verb: 'list' | 'watch';
  /** The path where it is that of no resource. */
  readonly resource: string;
  readonly query: Readonly<Record<string, string>>;
  readonly token: string | undefined;
}

export interface ListWatchOptions {
  readonly clock?: Clock;
  /** Objects of a page at most, whatever a request asks for. */
  readonly pageMax?: () => number;
  /** Hears of each request, and may refuse it with a status. */
  readonly onRequest?: (request: ApiRequest) => number | undefined;
}

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

const PATHS: Readonly<Record<string, Resource>> = {
  '/api/v1/pods': 'pods',
  '/api/v1/namespaces': 'namespaces',
  '/api/v1/nodes': 'nodes',
};

const PAGE_MAX = 1_000;
/** Changes that are remembered for watches to come. */
const HISTORY_MAX = 10_000;
const WATCHES_MAX = 1_000;
/** A watch for which so much waits is broken off. */
const UNREAD_MAX_BYTES = 8_388_608;

export class ListWatchServer {
  readonly #options: ListWatchOptions;
  readonly #clock: Clock;
  #server: Server | undefined;
  #port = 0;
  #version = 1;
  /** Watches from before this version cannot be told all that came after. */
  #oldest = 1;
  readonly #objects: Record<Resource, Map<string, ApiObject>> = {
    pods: new Map(),
    namespaces: new Map(),
    nodes: new Map(),
  };
  #history: Change[] = [];
  readonly #watches = new Set<Watch>();

  constructor(options: ListWatchOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

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

  /** Changes up to now are forgotten: watches of older versions are answered by 410 Gone. */
  expire(): void {
    this.#oldest = ++this.#version;
    this.#history = [];
  }

  /** Tells every watch the present version. */
  bookmark(): void {
    const object = { metadata: { resourceVersion: String(this.#version) } };
    this.send(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  /** Sends these bytes to every watch. */
  send(text: string): void {
    for (const watch of this.#watches) this.#write(watch, text);
  }

  /** Ends every watch: orderly, or by breaking its connection. */
  endWatches(how: 'end' | 'break'): void {
    for (const { response } of this.#watches) how === 'end' ? response.end() : response.destroy();
    this.#watches.clear();
  }

  /** Listens on 127.0.0.1, at the same port each time. */
  async start(): Promise<void> {
    const server = createServer((request, response) => this.#answer(request, response));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Goes away, with all connections; objects stay for the next `start`. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#watches.clear();
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  #tell(change: Change): void {
    this.#history.push(change);
    // Cut by halves, so that it is seldom copied.
    if (this.#history.length > HISTORY_MAX) {
      const forgotten = this.#history.length >> 1;
      this.#oldest = this.#history[forgotten - 1]!.version;
      this.#history = this.#history.slice(forgotten);
    }
    for (const watch of this.#watches) this.#tellOne(watch, change);
  }

  #tellOne(watch: Watch, { resource, type, object }: Change): void {
    if (resource === watch.resource && watch.selects(object))
      this.#write(watch, `${JSON.stringify({ type, object })}\n`);
  }

  #write(watch: Watch, text: string): void {
    watch.response.write(text);
    if (watch.response.writableLength <= UNREAD_MAX_BYTES) return;
    watch.response.destroy();
    this.#watches.delete(watch);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://api');
    const query = Object.fromEntries(url.searchParams);
    const resource = PATHS[url.pathname];
    const verb = query['watch'] === 'true' ? 'watch' : 'list';
    const token = request.headers.authorization?.replace(/^Bearer /, '');
    const refusal = this.#options.onRequest?.({ verb, resource: resource ?? url.pathname, query, token });
    if (refusal !== undefined) refuse(response, refusal, refusal === 401 ? 'Unauthorized' : 'told to fail');
    else if (!resource) refuse(response, 404, 'no such resource');
    else if (verb === 'watch') this.#watch(resource, query, response);
    else this.#list(resource, query, response);
  }

  #list(resource: Resource, query: Readonly<Record<string, string>>, response: ServerResponse): void {
    const pageMax = this.#options.pageMax?.() ?? PAGE_MAX;
    const selected = [...this.#objects[resource].values()].filter(selectorOf(query['fieldSelector']));
    const from = Number(query['continue'] ?? 0);
    const limit = Math.min(Number(query['limit'] ?? pageMax), pageMax);
    const items = selected.slice(from, from + limit);
    const next = from + limit < selected.length ? { continue: String(from + limit) } : {};
    const metadata = { resourceVersion: String(this.#version), ...next };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind: 'List', metadata, items }));
  }

  #watch(resource: Resource, query: Readonly<Record<string, string>>, response: ServerResponse): void {
    const from = Number(query['resourceVersion']);
    if (from < this.#oldest) refuse(response, 410, 'too old resource version');
    else if (this.#watches.size >= WATCHES_MAX) refuse(response, 429, 'too many watches');
    else this.#tellFrom(from, resource, query, response);
  }

  #tellFrom(from: number, resource: Resource, query: Readonly<Record<string, string>>, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const watch: Watch = { resource, selects: selectorOf(query['fieldSelector']), response };
    for (const change of this.#history) if (change.version > from) this.#tellOne(watch, change);
    this.#watches.add(watch);
    const seconds = Number(query['timeoutSeconds'] ?? 0);
    const timer = seconds > 0 ? this.#clock.after(seconds * 1000, () => response.end()) : undefined;
    response.on('close', () => {
      timer?.cancel();
      this.#watches.delete(watch);
    });
  }
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
export function kubeconfigText(url: string, tokenFile: string): string {
  return `apiVersion: v1
kind: Config
current-context: local
contexts: [{ name: local, context: { cluster: local, user: agent } }]
clusters: [{ name: local, cluster: { server: "${url}" } }]
users: [{ name: agent, user: { tokenFile: "${tokenFile}" } }]
`;
}

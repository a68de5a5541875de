// An API server for tests: the small one of `net/kubernetes`, with what tests want beside it. It remembers what it was
// asked, takes one token only, and fails when it is told to.

import {
  type ApiObject,
  type ApiRequest,
  kubeconfigText,
  ListWatchServer,
} from '../net/kubernetes/list_watch_server.ts';

export type { ApiObject, ApiRequest };

export interface KubernetesApi
  extends Pick<
    ListWatchServer,
    'url' | 'put' | 'delete' | 'expire' | 'bookmark' | 'send' | 'endWatches' | 'watches' | 'stop' | 'start'
  > {
  readonly requests: ApiRequest[];
  /** The only token that is taken; undefined for any. */
  token: string | undefined;
  /** Objects of a page at most, whatever a request asks for. */
  pageMax: number;
  /** Answers every request with this status while it is set. */
  failure: number | undefined;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1. */
export async function kubernetesApi(): Promise<KubernetesApi> {
  const server = new ListWatchServer({
    pageMax: () => api.pageMax,
    onRequest: (request) => {
      api.requests.push(request);
      if (api.failure !== undefined) return api.failure;
      return api.token !== undefined && request.token !== api.token ? 401 : undefined;
    },
  });
  const api: KubernetesApi = Object.assign(server, {
    requests: [],
    token: undefined,
    pageMax: 1000,
    failure: undefined,
    [Symbol.asyncDispose]: () => server.stop(),
  });
  await server.start();
  return api;
}

/** A kubeconfig file for it, whose token is in a file. */
export const kubeconfig = kubeconfigText;

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

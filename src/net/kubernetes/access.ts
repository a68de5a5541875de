// Where the API server is and how requests to it prove who they are: from the service account of a pod, or from a
// kubeconfig file.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TlsConfig } from '../tls/options.ts';
import { readKubeconfig } from './kubeconfig.ts';

/** How requests prove who they are. Certificates are a part of TLS. */
export type Identity =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  /** The file is read again: tokens of service accounts are good for an hour. */
  | { readonly kind: 'token_file'; readonly path: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'exec'; readonly command: ExecCommand };

/** A program that prints credentials. */
export interface ExecCommand {
  readonly apiVersion: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What the plugin is told of the cluster, JSON, where it wants to know. */
  readonly clusterJson: string | undefined;
  /** What a user is told when the program is not there. */
  readonly installHint: string | undefined;
}

export interface Access {
  readonly server: URL;
  /** What the server's certificate must name, in place of the host of `server`. */
  readonly serverName: string | undefined;
  readonly tls: Partial<TlsConfig>;
  readonly proxy: string | undefined;
  readonly identity: Identity;
}

/** There is no way to the API server; the message says what was looked for. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Where the service account of a pod is mounted. */
  readonly serviceAccount: string;
}

const SURROUNDINGS: Surroundings = {
  env: process.env,
  home: homedir(),
  serviceAccount: '/var/run/secrets/kubernetes.io/serviceaccount',
};

/** Larger files are no kubeconfig. */
const FILE_MAX_BYTES = 4_194_304;

/** Files that KUBECONFIG can name. */
const FILES_MAX = 16;

/**
 * The access that `file` describes; without one, that of the files in `KUBECONFIG` or of `~/.kube/config`, then that of
 * the pod this process runs in. Throws `AccessError`.
 */
export function findAccess(file: string | undefined, surroundings: Surroundings = SURROUNDINGS): Access {
  if (file !== undefined) return accessOf([file]);
  const { env, home, serviceAccount } = surroundings;
  const named = (env['KUBECONFIG'] ?? '').split(':').filter((path) => path !== '' && existsSync(path));
  const own = join(home, '.kube', 'config');
  if (named.length > 0) return accessOf(named.slice(0, FILES_MAX));
  if (existsSync(own)) return accessOf([own]);
  const host = env['KUBERNETES_SERVICE_HOST'];
  if (host === undefined || host === '')
    throw new AccessError(
      'no way to the Kubernetes API is known: set `kube_config_file` or KUBECONFIG, or run in a pod with a service account',
    );
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    serverName: undefined,
    tls: { ca_file: join(serviceAccount, 'ca.crt') },
    proxy: undefined,
    identity: { kind: 'token_file', path: join(serviceAccount, 'token') },
  };
}

function accessOf(paths: readonly string[]): Access {
  const files = paths.map((path) => ({ path, text: textOf(path) }));
  try {
    return readKubeconfig(files);
  } catch (cause) {
    const message = `${paths.join(':')} is no kubeconfig that can be used: ${(cause as Error).message}`;
    throw new AccessError(message, { cause });
  }
}

function textOf(path: string): string {
  try {
    if (statSync(path).size > FILE_MAX_BYTES) throw new Error(`it is larger than ${FILE_MAX_BYTES} bytes`);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AccessError(`${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

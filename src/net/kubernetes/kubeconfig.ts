// Reads the current context of a kubeconfig file: its cluster, and its user. Files it names are relative to its own
// folder, as kubectl takes them.

import { isAbsolute, join } from 'node:path';
import { getField } from '../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { parseYamlText } from '../../vrl/vrl.ts';
import type { TlsConfig } from '../tls/options.ts';
import type { Access, ExecCommand, Identity } from './access.ts';

/** The access of the current context. Throws an error that says what is missing. */
export function readKubeconfig(text: string, folder: string): Access {
  const root = parseYamlText(text);
  if (!isObject(root)) throw new Error('it is not a YAML object');
  const current = textOf(root, 'current-context');
  if (current === undefined) throw new Error('`current-context` is not set');
  const context = named(root, 'contexts', 'context', current);
  const clusterName = required(context, 'cluster', `context \`${current}\``);
  const cluster = named(root, 'clusters', 'cluster', clusterName);
  const userName = textOf(context, 'user');
  const user = userName === undefined ? {} : named(root, 'users', 'user', userName);
  const server = new URL(required(cluster, 'server', `cluster \`${clusterName}\``));
  if (!['http:', 'https:'].includes(server.protocol)) throw new Error(`\`${server.href}\` is neither http nor https`);
  return {
    server,
    tls: tlsOf(cluster, user, folder),
    proxy: textOf(cluster, 'proxy-url'),
    identity: identityOf(user, folder),
  };
}

function tlsOf(cluster: ObjectValue, user: ObjectValue, folder: string): Partial<TlsConfig> {
  const settings = {
    ca_file: dataOrFile(cluster, 'certificate-authority', folder),
    crt_file: dataOrFile(user, 'client-certificate', folder),
    key_file: dataOrFile(user, 'client-key', folder),
    server_name: textOf(cluster, 'tls-server-name'),
    verify_certificate: getField(cluster, 'insecure-skip-tls-verify') === true ? false : undefined,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function identityOf(user: ObjectValue, folder: string): Identity {
  const tokenFile = textOf(user, 'tokenFile');
  const token = textOf(user, 'token');
  const name = textOf(user, 'username');
  const exec = getField(user, 'exec');
  if (tokenFile !== undefined) return { kind: 'token_file', path: inFolder(tokenFile, folder) };
  if (token !== undefined) return { kind: 'token', token };
  if (name !== undefined) return { kind: 'basic', user: name, password: textOf(user, 'password') ?? '' };
  if (isObject(exec)) return { kind: 'exec', command: execOf(exec, folder) };
  if (getField(user, 'auth-provider') !== undefined)
    throw new Error('`auth-provider` is gone from Kubernetes; use an `exec` plugin');
  return { kind: 'none' };
}

function execOf(exec: ObjectValue, folder: string): ExecCommand {
  const command = required(exec, 'command', '`exec`');
  const args = getField(exec, 'args');
  const env = getField(exec, 'env');
  const pairs = Array.isArray(env) ? env.filter(isObject) : [];
  return {
    apiVersion: textOf(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
    // A name is looked up in PATH; a path with folders in it is relative to the file.
    program: command.includes('/') ? inFolder(command, folder) : command,
    args: Array.isArray(args) ? args.map(String) : [],
    env: Object.fromEntries(pairs.map((pair) => [textOf(pair, 'name') ?? '', textOf(pair, 'value') ?? ''])),
    folder,
    installHint: textOf(exec, 'installHint'),
  };
}

/** The member `<name>-data`, which is Base64 of PEM, or the path in `<name>`. */
function dataOrFile(object: ObjectValue, name: string, folder: string): string | undefined {
  const data = textOf(object, `${name}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const path = textOf(object, name);
  return path === undefined ? undefined : inFolder(path, folder);
}

function inFolder(path: string, folder: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/** The entry of a list that has the name, by its member. */
function named(root: ObjectValue, list: string, member: string, name: string): ObjectValue {
  const entries = getField(root, list);
  const entry = Array.isArray(entries)
    ? entries.find((one) => isObject(one) && getField(one, 'name') === name)
    : undefined;
  const found = isObject(entry) ? getField(entry, member) : undefined;
  if (!isObject(found)) throw new Error(`there is no \`${name}\` in \`${list}\``);
  return found;
}

function required(object: ObjectValue, name: string, where: string): string {
  const text = textOf(object, name);
  if (text === undefined) throw new Error(`${where} has no \`${name}\``);
  return text;
}

function textOf(object: ObjectValue, name: string): string | undefined {
  const value: Value | undefined = getField(object, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

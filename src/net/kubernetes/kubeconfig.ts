// Reads the current context of kubeconfig files: its cluster, and its user. Of several files the first that names
// something says what it is. Files they name are relative to the folder of the one that names them, as kubectl has it.

import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { stringifyJson } from '../../event/json.ts';
import { getField } from '../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { parseYamlText } from '../../vrl/vrl.ts';
import type { TlsConfig } from '../tls/options.ts';
import type { Access, ExecCommand, Identity } from './access.ts';
import { isToken } from './credentials.ts';

export interface KubeconfigFile {
  readonly path: string;
  readonly text: string;
}

/** A part of a file, and the folder of the file. */
interface Part {
  readonly object: ObjectValue;
  readonly folder: string;
}

const PEM_MARK = '-----BEGIN ';

/** The version of the credential API that is assumed of a plugin that names none, and the only other there is. */
const EXEC_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

/** Where a cluster holds what its credential plugins are told of it. */
const EXEC_EXTENSION = 'client.authentication.k8s.io/exec';

/** The access of the current context. Throws an error that says what is missing. */
export function readKubeconfig(files: readonly KubeconfigFile[]): Access {
  const parts = files.map(({ path, text }) => ({ object: parsed(path, text), folder: dirname(path) }));
  const current = parts.map(({ object }) => textOf(object, 'current-context')).find((name) => name !== undefined);
  if (current === undefined) throw new Error('`current-context` is not set');
  const context = named(parts, 'contexts', 'context', current).object;
  const clusterName = required(context, 'cluster', `context \`${current}\``);
  const cluster = named(parts, 'clusters', 'cluster', clusterName);
  const userName = textOf(context, 'user');
  const user = userName === undefined ? NOBODY : named(parts, 'users', 'user', userName);
  const proxy = textOf(cluster.object, 'proxy-url');
  if (proxy !== undefined) urlOf(proxy, 'proxy-url');
  return {
    server: urlOf(required(cluster.object, 'server', `cluster \`${clusterName}\``), 'server'),
    serverName: textOf(cluster.object, 'tls-server-name'),
    tls: { ...trustOf(cluster), ...certificateOf(user) },
    proxy,
    identity: identityOf(user, cluster),
  };
}

const NOBODY: Part = { object: {}, folder: '.' };

function parsed(path: string, text: string): ObjectValue {
  const root = parseYamlText(text);
  if (!isObject(root)) throw new Error(`${path} is not a YAML object`);
  return root;
}

function urlOf(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new Error(`\`${name}\` is neither an http nor an https URL`);
  return url;
}

function trustOf(cluster: Part): Partial<TlsConfig> {
  const authority = dataOrFile(cluster, 'certificate-authority');
  if (!isInsecure(cluster)) return authority === undefined ? {} : { ca_file: authority };
  if (authority !== undefined)
    throw new Error('`certificate-authority` says whom to trust, and `insecure-skip-tls-verify` to trust anybody');
  return { verify_certificate: false };
}

function isInsecure(cluster: Part): boolean {
  return getField(cluster.object, 'insecure-skip-tls-verify') === true;
}

function certificateOf(user: Part): Partial<TlsConfig> {
  const certificate = dataOrFile(user, 'client-certificate');
  const key = dataOrFile(user, 'client-key');
  if (certificate !== undefined && key !== undefined) return { crt_file: certificate, key_file: key };
  if (certificate !== undefined) throw new Error('`client-certificate` needs `client-key` beside it');
  if (key !== undefined) throw new Error('`client-key` needs `client-certificate` beside it');
  return {};
}

function identityOf(user: Part, cluster: Part): Identity {
  const { object, folder } = user;
  const refused = ['as', 'as-uid', 'as-groups', 'as-user-extra'].find((name) => isPresent(object, name));
  if (refused !== undefined) throw new Error(`\`${refused}\`: acting as another user is not supported`);
  const tokenFile = textOf(object, 'tokenFile');
  const token = textOf(object, 'token');
  const name = textOf(object, 'username');
  const exec = getField(object, 'exec');
  if (tokenFile !== undefined) return { kind: 'token_file', path: inFolder(tokenFile, folder) };
  if (token !== undefined) {
    if (!isToken(token)) throw new Error('`token` has characters that a token cannot have');
    return { kind: 'token', token };
  }
  if (name !== undefined) return { kind: 'basic', user: name, password: textOf(object, 'password') ?? '' };
  if (isObject(exec)) return { kind: 'exec', command: execOf(exec, folder, cluster) };
  if (isPresent(object, 'auth-provider'))
    throw new Error('`auth-provider` is gone from Kubernetes; use an `exec` plugin');
  return { kind: 'none' };
}

function execOf(exec: ObjectValue, folder: string, cluster: Part): ExecCommand {
  const command = required(exec, 'command', '`exec`');
  const apiVersion = textOf(exec, 'apiVersion') ?? EXEC_VERSIONS[0]!;
  if (!EXEC_VERSIONS.includes(apiVersion))
    throw new Error(`\`exec.apiVersion\` is ${apiVersion}; it can be ${EXEC_VERSIONS.join(' or ')}`);
  if (textOf(exec, 'interactiveMode') === 'Always')
    throw new Error('`exec.interactiveMode` is Always: the plugin wants to ask somebody, and nobody is here');
  return {
    apiVersion,
    // A name is looked up in PATH; a path with folders in it is relative to the file.
    program: command.includes('/') ? inFolder(command, folder) : command,
    args: list(exec, 'args').map((arg) => {
      if (typeof arg !== 'string') throw new Error('`exec.args` must be texts; put numbers in quotes');
      return arg;
    }),
    env: Object.fromEntries(list(exec, 'env').map(variable)),
    clusterJson: getField(exec, 'provideClusterInfo') === true ? stringifyJson(clusterInfo(cluster)) : undefined,
    installHint: textOf(exec, 'installHint'),
  };
}

function variable(entry: Value): [string, string] {
  if (!isObject(entry)) throw new Error('`exec.env` must be objects of `name` and `value`');
  return [required(entry, 'name', '`exec.env`'), textOf(entry, 'value') ?? ''];
}

/** The cluster as a plugin gets to know it. */
function clusterInfo(cluster: Part): ObjectValue {
  const { object } = cluster;
  const info: ObjectValue = {};
  for (const name of ['server', 'tls-server-name', 'proxy-url']) {
    const text = textOf(object, name);
    if (text !== undefined) info[name] = text;
  }
  if (isInsecure(cluster)) info['insecure-skip-tls-verify'] = true;
  const authority = dataOrFile(cluster, 'certificate-authority');
  if (authority !== undefined) {
    const pem = authority.includes(PEM_MARK) ? Buffer.from(authority) : readFileSync(authority);
    info['certificate-authority-data'] = pem.toString('base64');
  }
  for (const entry of list(object, 'extensions'))
    if (isObject(entry) && getField(entry, 'name') === EXEC_EXTENSION)
      info['config'] = getField(entry, 'extension') ?? null;
  return info;
}

/** The member `<name>-data`, which is Base64 of PEM, or the path in `<name>`. */
function dataOrFile({ object, folder }: Part, name: string): string | undefined {
  const data = textOf(object, `${name}-data`);
  if (data !== undefined) {
    const pem = Buffer.from(data, 'base64').toString('utf8');
    if (!pem.includes(PEM_MARK)) throw new Error(`\`${name}-data\` is not Base64 of PEM`);
    return pem;
  }
  const path = textOf(object, name);
  return path === undefined ? undefined : inFolder(path, folder);
}

function inFolder(path: string, folder: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/** The entry of a list that has the name, by its member. */
function named(parts: readonly Part[], name: string, member: string, wanted: string): Part {
  for (const { object, folder } of parts) {
    for (const entry of list(object, name)) {
      if (!isObject(entry) || getField(entry, 'name') !== wanted) continue;
      const found = getField(entry, member);
      if (isObject(found)) return { object: found, folder };
    }
  }
  throw new Error(`there is no \`${wanted}\` in \`${name}\``);
}

function list(object: ObjectValue, name: string): readonly Value[] {
  const value = getField(object, name);
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`\`${name}\` is not a list`);
  return value;
}

function isPresent(object: ObjectValue, name: string): boolean {
  const value = getField(object, name);
  return value !== undefined && value !== null && value !== '';
}

function required(object: ObjectValue, name: string, where: string): string {
  const text = textOf(object, name);
  if (text === undefined) throw new Error(`${where} has no \`${name}\``);
  return text;
}

/** The text of a member; undefined when it is not there or empty. */
function textOf(object: ObjectValue, name: string): string | undefined {
  const value = getField(object, name);
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (value === undefined || value === null) return undefined;
  throw new Error(`\`${name}\` is not text; put it in quotes`);
}

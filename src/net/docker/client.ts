// Asks a Docker Engine: over its unix socket, HTTP, or HTTPS with a client certificate. Answers are read as streams with
// no buffer of ours, so whoever reads slowly makes the engine wait.

import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ClientTls } from '../tls/tls.ts';

/** Where the engine is. */
export type DockerAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'http' | 'https'; readonly host: string; readonly port: number };

export const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';

const PORT = 2375;
const TLS_PORT = 2376;

/** The address, or text that says what is wrong with it. A text without a scheme is a path. */
export function parseDockerHost(text: string): DockerAddress | string {
  const [, scheme, rest] = /^([a-z]+):\/\/(.*)$/s.exec(text) ?? [undefined, undefined, text];
  switch (scheme) {
    case undefined:
    case 'unix':
    case 'npipe':
      return rest === '' ? `\`${text}\` names no socket` : { kind: 'socket', path: rest! };
    case 'http':
    case 'tcp':
    case 'https':
      return networkAddress(text, scheme === 'https' ? 'https' : 'http', rest!);
    default:
      return `\`${text}\`: the scheme must be unix, npipe, http, tcp or https`;
  }
}

function networkAddress(text: string, kind: 'http' | 'https', authority: string): DockerAddress | string {
  const url = URL.parse(`http://${authority}`);
  if (!url || url.hostname === '') return `\`${text}\` names no host`;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port =
    url.port === '' && !/:80(?:\/|$)/.test(authority) ? (kind === 'https' ? TLS_PORT : PORT) : Number(url.port || 80);
  return { kind, host, port };
}

/** The client certificate that Docker's own tools use. */
export function defaultDockerCertificates(environment: NodeJS.ProcessEnv) {
  const folder = environment['DOCKER_CERT_PATH'] ?? environment['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  return { ca_file: join(folder, 'ca.pem'), crt_file: join(folder, 'cert.pem'), key_file: join(folder, 'key.pem') };
}

/** The engine refused. */
export class DockerError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(`the Docker engine answered ${status}: ${message}`);
    this.name = 'DockerError';
    this.status = status;
  }
}

/** Larger answers are refused: a list of ten thousand containers takes about as much. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const REFUSAL_BYTES_MAX = 4096;

/** An engine that does not begin to answer in this time does not. */
const ANSWER_TIMEOUT_MS = 120_000;

export class DockerClient {
  readonly #address: DockerAddress;
  readonly #tls: ClientTls | undefined;

  constructor(address: DockerAddress, tls: ClientTls | undefined) {
    this.#address = address;
    this.#tls = tls;
  }

  /** The answer as a value. Rejects with `DockerError` when it is a refusal. */
  async get(path: string, query: Readonly<Record<string, string>>, stop: AbortSignal): Promise<unknown> {
    const answer = await this.stream(path, query, stop);
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of answer as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > ANSWER_BYTES_MAX) throw new Error(`the answer to ${path} is larger than ${ANSWER_BYTES_MAX} bytes`);
      parts.push(part);
    }
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  }

  /** The body of the answer. Rejects with `DockerError` when it is a refusal; it ends when `stop` aborts. */
  async stream(path: string, query: Readonly<Record<string, string>>, stop: AbortSignal): Promise<IncomingMessage> {
    const answer = await this.#ask(`${path}?${new URLSearchParams(query)}`, stop);
    if (answer.statusCode === 200) return answer;
    throw new DockerError(answer.statusCode ?? 0, await refusal(answer));
  }

  #ask(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const request = this.#address.kind === 'https' ? secureRequest : plainRequest;
    return new Promise((resolve, reject) => {
      const asked = request({ ...this.#where(), path, signal, agent: false }, (answer) => {
        asked.setTimeout(0);
        resolve(answer);
      });
      asked.setTimeout(ANSWER_TIMEOUT_MS, () => asked.destroy(new Error('the Docker engine does not answer')));
      asked.on('error', reject);
      asked.end();
    });
  }

  #where(): RequestOptions {
    const address = this.#address;
    if (address.kind === 'socket') return { socketPath: address.path, headers: { host: 'localhost' } };
    const { host, port } = address;
    return { host, port, ...this.#tls?.options(host) };
  }
}

async function refusal(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of answer.setEncoding('utf8')) {
    text += part;
    if (text.length > REFUSAL_BYTES_MAX) break;
  }
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return String(message ?? text);
  } catch {
    return text.slice(0, REFUSAL_BYTES_MAX).trim();
  }
}

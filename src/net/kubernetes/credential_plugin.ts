// Runs a credential plugin: a program that prints an `ExecCredential` object, as kubectl runs it. It gets no input, has
// a limit in time and output, and ends together with whatever it started. What it prints is secret and said nowhere.

import { type ChildProcess, spawn } from 'node:child_process';
import { parseJson } from '../../event/json.ts';
import { getField } from '../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import type { Clock } from '../../std/clock.ts';
import type { ExecCommand } from './access.ts';

/** A plugin that takes longer hangs. */
export const PLUGIN_MAX_MS = 30_000;

/** Bytes that a plugin prints at most. */
export const OUTPUT_MAX_BYTES = 1_048_576;

/** Of what it says on standard error, the end. */
const SAID_MAX_CHARACTERS = 500;

export interface PluginAnswer {
  readonly token: string | undefined;
  /** PEM. */
  readonly certificate: { readonly cert: string; readonly key: string } | undefined;
  /** Milliseconds since the epoch; undefined when they are good until refused. */
  readonly expiresMs: number | undefined;
}

/** Rejects with what went wrong and, where the program is missing, the hint of the kubeconfig file. */
export async function askPlugin(command: ExecCommand, clock: Clock, stop: AbortSignal): Promise<PluginAnswer> {
  try {
    return answerOf(await output(command, clock, stop), command.apiVersion);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const hint = code === 'ENOENT' && command.installHint ? `; ${command.installHint}` : '';
    throw new Error(`the credential plugin \`${command.program}\` failed: ${message}${hint}`, { cause });
  }
}

function output(command: ExecCommand, clock: Clock, stop: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  if (stop.aborted) return Promise.reject(new Error('it was not waited for'));
  // A group of its own: a script that hangs mostly hangs in a program that it called.
  const child = spawn(command.program, [...command.args], {
    env: { ...process.env, ...command.env, KUBERNETES_EXEC_INFO: infoOf(command) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  child.once('error', reject);
  const giveUp = (why: string): void => {
    reject(new Error(why));
    kill(child);
  };
  const onStop = (): void => giveUp('it was not waited for');
  const timer = clock.after(PLUGIN_MAX_MS, () => giveUp(`it took longer than ${PLUGIN_MAX_MS / 1000} seconds`));
  stop.addEventListener('abort', onStop, { once: true });
  const said = lastWords(child);
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Without descriptors left there are no streams, and an error follows.
  child.stdout?.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > OUTPUT_MAX_BYTES) giveUp(`it printed more than ${OUTPUT_MAX_BYTES} bytes`);
    else pieces.push(piece);
  });
  child.once('close', (code, signal) => {
    if (code === 0) return resolve(Buffer.concat(pieces).toString('utf8'));
    const how = signal ? `signal ${signal} ended it` : `it ended with code ${code}`;
    reject(new Error(said() === '' ? how : `${how}, and said: ${said()}`));
  });
  return promise.finally(() => {
    timer.cancel();
    stop.removeEventListener('abort', onStop);
  });
}

/** What the plugin is told, in the variable that plugins read. */
function infoOf({ apiVersion, clusterJson }: ExecCommand): string {
  const cluster = clusterJson === undefined ? '' : `,"cluster":${clusterJson}`;
  return `{"apiVersion":"${apiVersion}","kind":"ExecCredential","spec":{"interactive":false${cluster}}}`;
}

function lastWords(child: ChildProcess): () => string {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_MAX_CHARACTERS);
  });
  return () => said.trim();
}

/** Kills it and what it started, and waits for neither to close its output. */
function kill(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All of them have ended meanwhile.
  }
}

function answerOf(text: string, apiVersion: string): PluginAnswer {
  const root = objectOf(text);
  if (textOf(root, 'kind') !== 'ExecCredential') throw new Error('what it printed is no ExecCredential');
  const version = textOf(root, 'apiVersion');
  if (version !== apiVersion) throw new Error(`it was asked for ${apiVersion} and answered in ${version}`);
  const status = getField(root, 'status');
  if (!isObject(status)) throw new Error('it gave no `status`');
  const token = textOf(status, 'token');
  const cert = textOf(status, 'clientCertificateData');
  const key = textOf(status, 'clientKeyData');
  if ((cert === undefined) !== (key === undefined)) throw new Error('it gave only one of a certificate and its key');
  if (token === undefined && cert === undefined) throw new Error('it gave neither a token nor a certificate');
  // Anything else would be taken for the path of a file.
  for (const pem of [cert, key])
    if (pem !== undefined && !pem.includes('-----BEGIN ')) throw new Error('its certificate or key is not PEM');
  const expires = textOf(status, 'expirationTimestamp');
  const expiresMs = expires === undefined ? undefined : Date.parse(expires);
  if (Number.isNaN(expiresMs)) throw new Error('its `expirationTimestamp` is no time');
  return { token, certificate: cert === undefined ? undefined : { cert, key: key! }, expiresMs };
}

function objectOf(text: string): ObjectValue {
  let value: Value;
  try {
    value = parseJson(text);
  } catch {
    // The parser's message would quote what was printed.
    throw new Error('what it printed is no JSON');
  }
  if (!isObject(value)) throw new Error('what it printed is no ExecCredential');
  return value;
}

function textOf(object: ObjectValue, name: string): string | undefined {
  const value = getField(object, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

// What the tests of hostile input share: a process that is attacked, raw connections, and the three claims made after
// each attack: it was counted and said, memory stayed flat, and a good event still comes through.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { LogLine, SluiceProcess } from './process.ts';

/** How much more memory than at its start a process may ever have taken, MiB; attacks here would take thousands. */
const GROWTH_MAX_MIB = 250;

export interface Attack {
  readonly process: SluiceProcess;
  /** Sends one good event that holds this text, by the same door. */
  readonly sendGood: (text: string) => Promise<unknown>;
  /** Peak of memory before the attacks. */
  readonly startMib: number;
}

export function attackOn(process: SluiceProcess, sendGood: Attack['sendGood']): Attack {
  return { process, sendGood, startMib: process.memory()?.peak ?? 0 };
}

let goodOnes = 0;

/** Runs an attack; afterwards every log line of `said` was written, in this attack and not before. */
export async function survives(
  { process, sendGood, startMib }: Attack,
  said: readonly Readonly<Record<string, unknown>>[],
  attack: () => Promise<unknown>,
): Promise<void> {
  const before = process.logs.length;
  await attack();
  for (const fields of said)
    await process.until(`a log line about the attack: ${Object.values(fields).join(' ')}`, () =>
      isLogged(process.logs.slice(before), fields),
    );
  assertFlat(process, startMib);
  const text = `good ${++goodOnes}`;
  await sendGood(text);
  await process.until(`the good event after the attack, ${text}`, () => process.stdout.includes(text));
}

/** Fails when the process ever took much more memory than at its start. */
export function assertFlat(process: SluiceProcess, startMib: number, growthMib = GROWTH_MAX_MIB): void {
  const memory = process.memory();
  if (!memory) return;
  assert.ok(
    memory.peak < startMib + growthMib,
    `memory went from ${startMib.toFixed(0)} MiB to ${memory.peak.toFixed(0)} MiB`,
  );
}

function isLogged(lines: readonly LogLine[], fields: Readonly<Record<string, unknown>>): boolean {
  return lines.some((line) =>
    Object.entries(fields).every(([name, value]) =>
      value instanceof RegExp ? value.test(String(line[name])) : line[name] === value,
    ),
  );
}

/**
 * An open connection whose errors nobody minds: the process may cut it off. With `allowHalfOpen` it may still send when
 * the process has ended its side.
 */
export async function open(port: number, { allowHalfOpen = false } = {}): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Sends bytes, waits until the process closes the connection, and gives what it answered. */
export async function exchange(port: number, bytes: string | Buffer, { end = false } = {}): Promise<string> {
  const socket = await open(port);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text;
  });
  socket.write(bytes);
  if (end) socket.end();
  await closed(socket);
  return answer;
}

/** Resolves when a connection is closed, with an error or without. */
export function closed(socket: Socket): Promise<void> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Resolves with the first bytes of the answer; with nothing when the process cuts the connection off without one. */
export async function answered(socket: Socket): Promise<string> {
  const first = new Promise<string>((resolve) =>
    socket.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1'))),
  );
  return Promise.race([first, closed(socket).then(() => '')]);
}

/** Sends one buffer `times` times, as fast as it is taken; ends early when the process closes the connection. */
export async function pour(socket: Socket, buffer: Buffer, times: number): Promise<void> {
  const over = closed(socket);
  for (let i = 0; i < times && !socket.destroyed; i += 1) {
    if (socket.write(buffer)) continue;
    const drained = Promise.withResolvers<void>();
    socket.once('drain', drained.resolve);
    await Promise.race([drained.promise, over]);
    socket.off('drain', drained.resolve);
  }
}

/** The status line's number of a raw HTTP answer. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

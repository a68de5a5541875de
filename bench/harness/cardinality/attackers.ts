// Peers that send metrics whose tags never repeat, as fast as they are taken, and among them a few series that do: those
// are counted, and must be told exactly afterwards.

import { once } from 'node:events';
import net from 'node:net';
import { encodeSeries } from '../../../src/codecs/prometheus/write_write_request.ts';
import { snappyCompress } from '../../../src/std/snappy.ts';
import { sleep } from '../process.ts';

/** Series that come again in every payload. */
export const KNOWN_SERIES = 20;
/** Series in a payload that nobody has seen before. */
const NEW_SERIES = 1_000;

export type Protocol = 'statsd' | 'log_to_metric' | 'prometheus_remote_write';

export interface Attack {
  /** Payloads that were sent whole. Each counts 1 more in every known series. */
  readonly payloads: number;
  readonly newSeries: number;
}

/** Attacks `port` until `untilMs` of `performance.now()`, and resolves when the last payload was taken. */
export function attack(protocol: Protocol, port: number, untilMs: number): Promise<Attack> {
  return protocol === 'prometheus_remote_write' ? attackByHttp(port, untilMs) : attackByTcp(protocol, port, untilMs);
}

async function attackByTcp(protocol: Protocol, port: number, untilMs: number): Promise<Attack> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const line =
    protocol === 'statsd'
      ? (id: string) => `attack:1|c|#id:${id}\n`
      : (id: string) => `{"message":"attacked","id":"${id}"}\n`;
  let payloads = 0;
  while (performance.now() < untilMs) {
    const text = ids(payloads).map(line).join('');
    payloads += 1;
    if (!socket.write(text)) await drained(socket);
  }
  await new Promise((resolve) => socket.end(() => resolve(undefined)));
  socket.destroySoon();
  return { payloads, newSeries: payloads * NEW_SERIES };
}

/** A peer that is gone takes no more. */
async function drained(socket: net.Socket): Promise<void> {
  const { promise: gone, reject } = Promise.withResolvers<never>();
  const close = (): void => reject(new Error('the connection was closed'));
  socket.once('close', close);
  await Promise.race([once(socket, 'drain'), gone]);
  socket.off('close', close);
}

/** Known series first: they are there before the limit is reached. */
function ids(payload: number): string[] {
  const all: string[] = [];
  for (let i = 0; i < KNOWN_SERIES; i++) all.push(`known-${i}`);
  for (let i = 0; i < NEW_SERIES; i++) all.push(`new-${payload}-${i}-${'x'.repeat(16)}`);
  return all;
}

/** The values are absolute: what is known stands at the number of payloads. */
async function attackByHttp(port: number, untilMs: number): Promise<Attack> {
  let payloads = 0;
  while (performance.now() < untilMs) {
    const bodies = ids(payloads).map((id) =>
      encodeSeries(
        {
          name: 'attack_total',
          help: '',
          labels: [['id', id]],
          timestampMs: undefined,
          value: { type: 'counter', value: payloads + 1 },
        },
        Date.now(),
      ),
    );
    const body = snappyCompress(Buffer.concat(bodies));
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: new Uint8Array(body) });
    await response.arrayBuffer();
    // A known series counts whatever becomes of the others: 400 says that some of them found no room.
    if (response.status < 500) payloads += 1;
    else await sleep(50);
  }
  return { payloads, newSeries: payloads * NEW_SERIES };
}

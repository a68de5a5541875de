// The network for functions that cannot wait: a worker thread does the work, and the thread of the program sleeps until
// it is done or the deadline has passed.
//
//   program thread                     worker
//   post the job          ──port──▶    work …
//   Atomics.wait(signal)               post the reply, raise the signal
//   take the reply        ◀──port──
//
// A thread of a program has one worker of its own, started by its first job and kept; it does not keep the process up.

import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { startOwnWorker } from '../../std/own_files.ts';

export type Job =
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly method: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body: string;
      readonly httpProxy: string | undefined;
      readonly httpsProxy: string | undefined;
    }
  | {
      readonly kind: 'dns';
      readonly name: Uint8Array;
      readonly type: number;
      readonly class: number;
      /** As `host:port`; those of the system when left out. */
      readonly servers: readonly string[] | undefined;
      readonly timeoutMs: number;
      readonly attempts: number;
      readonly tcp: boolean;
    }
  | { readonly kind: 'reverse'; readonly address: string };

/** The text or bytes that were asked for, or the reason why there are none. */
export type Reply = { readonly result: string | Uint8Array } | { readonly error: string };

interface Bridge {
  readonly worker: Worker;
  readonly port: MessagePort;
  /** Counts replies. */
  readonly signal: Int32Array;
}

let bridge: Bridge | undefined;

/** Has the worker do a job, and sleeps meanwhile. A worker that is late is ended. */
export function runBlocking(job: Job, deadlineMs: number): Reply {
  bridge ??= start();
  const { worker, port, signal } = bridge;
  const before = Atomics.load(signal, 0);
  port.postMessage(job);
  Atomics.wait(signal, 0, before, deadlineMs);
  const received = receiveMessageOnPort(port) as { message: Reply } | undefined;
  if (received) return received.message;
  bridge = undefined;
  void worker.terminate();
  port.close();
  return { error: 'operation timed out' };
}

function start(): Bridge {
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const file = import.meta.url.endsWith('.ts') ? './blocking_worker.ts' : './blocking_worker.js';
  const worker = startOwnWorker(new URL(file, import.meta.url), {
    workerData: { port: port2, signal },
    transferList: [port2],
  });
  // What goes wrong in it shows as a job that is late; the event itself must not end the process.
  worker.on('error', () => {});
  worker.unref();
  port1.unref();
  return { worker, port: port1, signal };
}

// The other side of `blocking.ts`: does one job after the other, in a thread of its own.

import { type MessagePort, workerData } from 'node:worker_threads';
import type { Job, Reply } from './blocking.ts';
import { lookUp, lookUpName } from './dns_client.ts';
import { exchange } from './http_exchange.ts';

const { port, signal } = workerData as { readonly port: MessagePort; readonly signal: Int32Array };

port.on('message', async (job: Job) => {
  let reply: Reply;
  try {
    reply = await run(job);
  } catch (error) {
    reply = { error: (error as Error).message };
  }
  port.postMessage(reply);
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
});

function run(job: Job): Promise<Reply> {
  switch (job.kind) {
    case 'http':
      return exchange(job);
    case 'dns':
      return lookUp(job);
    case 'reverse':
      return lookUpName(job.address);
  }
}

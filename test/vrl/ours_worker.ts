// Runs cases in our implementation; `sides.ts` starts it as a worker thread.

import { parentPort, workerData } from 'node:worker_threads';
import type { Case } from './generate.ts';
import { oursReply } from './ours.ts';

const done = workerData as Int32Array;

parentPort!.on('message', (cases: readonly Case[]) => {
  const replies = cases.map((one) => {
    const reply = oursReply(one);
    Atomics.add(done, 0, 1);
    return reply;
  });
  parentPort!.postMessage(replies);
});

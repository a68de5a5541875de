// Free ports on this machine, from below those that the kernel gives to connections: one that is free now stays so.

import { randomInt } from 'node:crypto';
import net from 'node:net';

const FIRST = 15_000;
const LAST = 31_999;
const given = new Set<number>();

/** A port that nobody listens on, and a new one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST + 1);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net
      .createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

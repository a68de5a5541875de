// Listening on unix sockets: the file that names the socket, who may use it, and what a crash left behind.

import { chmodSync } from 'node:fs';
import { lstat, unlink } from 'node:fs/promises';
import { createConnection, type Server } from 'node:net';

/**
 * Listens on `path`. A socket file that nobody listens on any more is replaced; anything else at `path` is an error.
 * `mode` are the permission bits the file gets.
 */
export async function listenOnPath(
  server: Server,
  path: string,
  mode: number | undefined,
  backlog: number,
): Promise<void> {
  try {
    await listen(server, path, backlog);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await isStale(path))) throw error;
    await unlink(path);
    await listen(server, path, backlog);
  }
  try {
    if (mode !== undefined) chmodSync(path, mode);
  } catch (error) {
    server.close();
    throw error;
  }
}

function listen(server: Server, path: string, backlog: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, backlog, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Whether `path` is a stream socket that nobody listens on. */
async function isStale(path: string): Promise<boolean> {
  if (!(await lstat(path)).isSocket()) return false;
  return new Promise((resolve) => {
    const probe = createConnection(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

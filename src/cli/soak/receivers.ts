// What sinks are connected to in place of the world: servers of this process that take everything and keep nothing, a
// scraper, and a keeper of files' sizes.

import { createSocket } from 'node:dgram';
import { readdirSync, statSync, truncateSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { prometheusText } from './metric_load.ts';

export interface Receivers {
  readonly httpPort: number;
  readonly tcpPort: number;
  readonly udpPort: number;
  /** A unix socket that takes streams. */
  readonly unixPath: string;
  /** Asks these addresses for metrics from now on, as Prometheus would. */
  scrape(urls: readonly string[]): void;
  readonly counts: ReceiverCounts;
  close(): Promise<void>;
}

const SCRAPE_MS = 1_000;
/** A file that a sink writes is emptied at this size. */
const FILE_MAX_BYTES = 67_108_864;

/** What came of it so far. */
export interface ReceiverCounts {
  /** Requests to the receiver of HTTP. */
  readonly requests: number;
  readonly scrapes: number;
}

/** Starts them; the files of `output` are kept small. */
export async function startReceivers(folder: string, output: string): Promise<Receivers> {
  let offered = 0;
  const counts = { requests: 0, scrapes: 0 };
  const web = http.createServer((request, response) => {
    counts.requests += 1;
    request.resume().on('end', () => response.end(request.method === 'GET' ? prometheusText(offered++) : ''));
  });
  const sockets = new Set<net.Socket>();
  const drain = (socket: net.Socket): void => {
    sockets.add(
      socket
        .on('error', () => socket.destroy())
        .on('close', () => sockets.delete(socket))
        .resume(),
    );
  };
  const [tcp, unix, udp] = [net.createServer(drain), net.createServer(drain), createSocket('udp4')];
  const unixPath = join(folder, 'receiver.sock');
  await Promise.all([
    new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve)),
    new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve)),
    new Promise<void>((resolve) => unix.listen(unixPath, resolve)),
    new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve)),
  ]);
  let urls: readonly string[] = [];
  const timer = setInterval(() => {
    for (const url of urls) scrapeOne(url, counts);
    emptyLarge(output);
  }, SCRAPE_MS);
  return {
    httpPort: (web.address() as AddressInfo).port,
    tcpPort: (tcp.address() as AddressInfo).port,
    udpPort: udp.address().port,
    unixPath,
    counts,
    scrape: (wanted) => {
      urls = wanted;
    },
    async close() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      web.closeAllConnections();
      udp.close();
      await Promise.all([web, tcp, unix].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

/** Counted when a whole page has come. */
function scrapeOne(url: string, counts: { scrapes: number }): void {
  const count = (): void => {
    counts.scrapes += 1;
  };
  http.get(url, (response) => response.resume().on('end', count)).on('error', () => {});
}

function emptyLarge(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > FILE_MAX_BYTES) truncateSync(path);
  }
}

/** Ports that nobody listens on at present. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer());
  await Promise.all(servers.map((one) => new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))));
  const ports = servers.map((one) => (one.address() as AddressInfo).port);
  await Promise.all(servers.map((one) => new Promise((resolve) => one.close(resolve))));
  return ports;
}

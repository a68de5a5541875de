// Drives sources from outside, at a rate: files that grow and rotate, pods, connections, datagrams, requests, standard input.
// A feed that its peer holds back waits; nothing piles up here.

import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import http from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Random } from '../../std/random.ts';
import { Backlog } from './backlog.ts';
import type { KubernetesNode } from './kubernetes_node.ts';
import type { LineMaker } from './lines.ts';
import { prometheusText, remoteWriteBody } from './metric_load.ts';
import { type PodCounts, Pods } from './pods.ts';
import type { Wanted } from './selected.ts';

/** How a source is driven. Addresses are of this machine. */
export type Feed =
  | { readonly kind: 'files'; readonly folder: string }
  | { readonly kind: 'pods'; readonly wanted: Wanted }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'stream'; readonly to: { readonly port: number } | { readonly path: string } }
  | { readonly kind: 'datagrams'; readonly port: number }
  | { readonly kind: 'requests'; readonly url: string; readonly method: string }
  | { readonly kind: 'remote_write'; readonly url: string }
  | { readonly kind: 'push'; readonly url: string };

/** Sends about `count` events now; false while the peer takes no more. */
type Push = (count: number) => boolean;

interface Pusher {
  readonly push: Push;
  readonly counts?: PodCounts;
  close(): void;
}

/** What feeds go through that is not theirs alone. */
export interface FeedPlace {
  readonly stdin: Writable | null;
  /** Where pods run, if any do. */
  readonly node: KubernetesNode | undefined;
  readonly random: Random;
  /** Events that a source has sent, at its last sample. */
  readonly sent: (id: string) => number;
}

export interface RunningFeeds {
  /** Of all pods that feeds have. */
  readonly pods: readonly PodCounts[];
  stop(): void;
}

const TICK_MS = 50;
/** Events that a feed may be behind its rate: more are never made up for. */
const BEHIND_MAX = 10_000;

/** Starts all feeds. */
export function startFeeds(
  feeds: readonly { readonly id: string; readonly feed: Feed; readonly line: LineMaker }[],
  rate: number,
  place: FeedPlace,
): RunningFeeds {
  const pushers = feeds.map(({ id, feed, line }, index) => {
    const isOfFiles = feed.kind === 'files' || feed.kind === 'pods';
    const backlog = isOfFiles ? new Backlog(() => place.sent(id), performance.now.bind(performance)) : undefined;
    return { pusher: pusherOf(feed, line, place, index), backlog, due: 0 };
  });
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const more = ((now - last) / 1000) * rate;
    last = now;
    for (const one of pushers) {
      one.due = Math.min(BEHIND_MAX, one.due + more);
      const count = Math.floor(one.due);
      if (count === 0 || one.backlog?.isFull || !one.pusher.push(count)) continue;
      one.due -= count;
      one.backlog?.wrote(count);
    }
  }, TICK_MS);
  return {
    get pods() {
      return pushers.flatMap(({ pusher }) => pusher.counts ?? []);
    },
    stop() {
      clearInterval(timer);
      for (const { pusher } of pushers) pusher.close();
    },
  };
}

function pusherOf(feed: Feed, line: LineMaker, { stdin, node, random }: FeedPlace, index: number): Pusher {
  const lines = (count: number): string => Array.from({ length: count }, () => `${line()}\n`).join('');
  if (feed.kind === 'files') return files(feed.folder, lines);
  if (feed.kind === 'pods')
    return new Pods({ node: node!, wanted: feed.wanted, set: `soak-${index}`, line, random, now: Date.now });
  if (feed.kind === 'stdin') return { push: (count) => writeTo(stdin, () => lines(count)), close: () => stdin?.end() };
  if (feed.kind === 'stream') return stream(feed.to, lines);
  if (feed.kind === 'datagrams') return datagrams(feed.port, line);
  let sent = 0;
  if (feed.kind === 'requests') return requests(feed.url, feed.method, (count) => lines(count));
  if (feed.kind === 'remote_write')
    return requests(
      feed.url,
      'POST',
      (count) => remoteWriteBody(Math.min(count, 500), sent++, Date.now()),
      REMOTE_WRITE,
    );
  return requests(feed.url, 'POST', () => prometheusText(sent++));
}

const REMOTE_WRITE = { 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' } as const;

function writeTo(to: Writable | null | undefined, text: () => string): boolean {
  if (!to || to.destroyed || to.writableNeedDrain) return false;
  to.write(text());
  return true;
}

/** A file is rotated at this size, and one old file is kept. */
const FILE_BYTES = 8_388_608;

function files(folder: string, lines: (count: number) => string): Pusher {
  const path = join(folder, 'soak.log');
  let file = openSync(path, 'a');
  let size = 0;
  return {
    push(count) {
      size += writeSync(file, lines(count));
      if (size < FILE_BYTES) return true;
      closeSync(file);
      renameSync(path, join(folder, 'soak.1.log'));
      file = openSync(path, 'a');
      size = 0;
      return true;
    },
    close: () => closeSync(file),
  };
}

/** Connections are replaced now and then: what a source keeps of one must go with it. */
const CONNECTION_EVENTS = 20_000;

function stream(to: { readonly port: number } | { readonly path: string }, lines: (count: number) => string): Pusher {
  let socket: Socket | undefined;
  let sent = 0;
  const open = (): Socket => {
    const opened = 'port' in to ? connect(to.port, '127.0.0.1') : connect(to.path);
    opened.on('error', () => opened.destroy()).resume();
    return opened;
  };
  return {
    push(count) {
      if (!socket || socket.destroyed) socket = open();
      if (socket.connecting || !writeTo(socket, () => lines(count))) return false;
      sent += count;
      if (sent >= CONNECTION_EVENTS) {
        socket.end();
        socket = undefined;
        sent = 0;
      }
      return true;
    },
    close: () => socket?.destroy(),
  };
}

function datagrams(port: number, line: LineMaker): Pusher {
  const socket: Datagrams = createSocket('udp4').on('error', () => {});
  return {
    push(count) {
      for (let i = 0; i < count; i++) socket.send(line(), port, '127.0.0.1');
      return true;
    },
    close: () => void socket.close(),
  };
}

/** One request at a time on connections that are kept. */
function requests(
  url: string,
  method: string,
  body: (count: number) => string | Uint8Array,
  headers: http.OutgoingHttpHeaders = {},
): Pusher {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  let isBusy = false;
  return {
    push(count) {
      if (isBusy) return false;
      isBusy = true;
      const free = (): void => {
        isBusy = false;
      };
      http
        .request(url, { method, agent, headers }, (response) => response.resume().on('end', free).on('error', free))
        .on('error', free)
        .end(body(count));
      return true;
    },
    close: () => agent.destroy(),
  };
}

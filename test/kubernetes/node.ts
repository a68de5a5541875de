// The containers of a node: they write lines, their files are rotated, and removed some time after their pod.
//
// A line says which pod and which line of it it is, when it was written, and the least version of the pod's label that it
// must be annotated with: one that has been there for so long that the agent must know it.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerLog, criLine } from '../../src/testing/container_log.ts';

const TICK_MS = 100;
const LINES_PER_SECOND = 4;
const ROTATE_MS = 10_000;

/** A file stays for so long when its pod is deleted. */
const REMOVE_MS = 6_000;

/** Every so many lines one is written in two parts. */
const SPLIT_EVERY = 10;

export interface RunningPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly log: ContainerLog;
  lines: number;
  nextRotationMs: number;
  owed: number;
  /** The label that lines must have at least, and others that they must have later. */
  version: number;
  readonly coming: { readonly version: number; readonly fromMs: number }[];
}

export class Node {
  readonly folder: string;
  readonly running = new Set<RunningPod>();
  /** All that ever ran, by uid. */
  readonly pods = new Map<string, RunningPod>();
  readonly #timer: NodeJS.Timeout;
  #removals: { readonly folder: string; readonly atMs: number }[] = [];

  constructor(folder: string) {
    this.folder = folder;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** The containers of a pod start. */
  run(namespace: string, name: string, uid: string, version: number): void {
    const log = new ContainerLog(join(this.folder, `${namespace}_${name}_${uid}`, 'main'));
    const nextRotationMs = Date.now() + ROTATE_MS * (1 + Math.random());
    const pod = { namespace, name, uid, log, lines: 0, nextRotationMs, owed: Math.random(), version, coming: [] };
    this.running.add(pod);
    this.pods.set(uid, pod);
  }

  /** The label of a pod has changed, and the agent must know from a certain time on. */
  labelled(uid: string, version: number, fromMs: number): void {
    this.pods.get(uid)?.coming.push({ version, fromMs });
  }

  end(uid: string): void {
    const pod = this.pods.get(uid);
    if (!pod || !this.running.delete(pod)) return;
    pod.log.close();
    this.#removals.push({ folder: join(pod.log.folder, '..'), atMs: Date.now() + REMOVE_MS });
  }

  /** Nothing is written any more. */
  stop(): void {
    clearInterval(this.#timer);
    for (const { log } of this.running) log.close();
    this.running.clear();
  }

  #tick(): void {
    const now = Date.now();
    for (const pod of this.running) {
      pod.owed += (LINES_PER_SECOND * TICK_MS) / 1000;
      while (pod.coming.length > 0 && pod.coming[0]!.fromMs <= now) pod.version = pod.coming.shift()!.version;
      for (; pod.owed >= 1; pod.owed -= 1) this.#write(pod);
      if (now < pod.nextRotationMs) continue;
      pod.log.rotate();
      pod.nextRotationMs = now + ROTATE_MS;
    }
    const due = this.#removals.filter(({ atMs }) => atMs <= now);
    this.#removals = this.#removals.filter(({ atMs }) => atMs > now);
    for (const { folder } of due) rmSync(folder, { recursive: true, force: true });
  }

  #write(pod: RunningPod): void {
    const date = new Date();
    const message = `${pod.uid} ${pod.lines} ${date.getTime()} ${pod.version} a line of ${pod.name}`;
    if (pod.lines++ % SPLIT_EVERY > 0) pod.log.write(criLine(message, true, date));
    else pod.log.write(criLine(message.slice(0, 50), false, date) + criLine(message.slice(50), true, date));
  }
}

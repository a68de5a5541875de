// Pods of a made-up node that write lines: so many run at any time, the oldest ends now and then and another one comes,
// and their logs are rotated when they are large. Now and then a message is written in parts, as a container runtime does
// with long ones and with what is not flushed at a line's end.

import type { Random } from '../../std/random.ts';
import { type ContainerLog, criLine } from './container_log.ts';
import type { KubernetesNode, PodNames } from './kubernetes_node.ts';
import type { LineMaker } from './lines.ts';
import type { Wanted } from './selected.ts';

export interface PodsOptions {
  readonly node: Pick<KubernetesNode, 'run' | 'touch' | 'end'>;
  readonly wanted: Wanted;
  /** Sets of pods on one node are told apart by this. */
  readonly set: string;
  readonly line: LineMaker;
  readonly random: Random;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** What became of the load. */
export interface PodCounts {
  readonly started: number;
  readonly lines: number;
  readonly rotations: number;
}

interface RunningPod {
  readonly names: PodNames;
  readonly log: ContainerLog;
  /** The end of a message whose beginning is written, with its stream. */
  rest: { readonly text: string; readonly stream: Stream } | undefined;
}

type Stream = 'stdout' | 'stderr';

/** With a fixed name there is one at a time. */
const PODS = 10;
const NAMESPACES = 3;
/** So often a pod is replaced: with ten of them each lives for two minutes. */
const REPLACE_MS = 12_000;
/** So often something about a pod changes. */
const TOUCH_MS = 5_000;
/** A log is rotated at this size: smaller than a kubelet's, so that a short soak has rotations too. */
const LOG_BYTES = 1_048_576;
/** Lines of one pod that are written at once. */
const LINES_AT_ONCE = 8;
/** Parts of the lines: those in two pieces, pieces whose second one comes later, and those on the other stream. */
const SPLIT = 0.02;
const LATE = 0.25;
const STDERR = 0.1;

export class Pods {
  readonly #options: PodsOptions;
  readonly #running: RunningPod[] = [];
  #next = 0;
  #started = 0;
  #lines = 0;
  #rotations = 0;
  #replaceMs: number;
  #touchMs: number;

  constructor(options: PodsOptions) {
    this.#options = options;
    const count = options.wanted.fields['metadata.name'] === undefined ? PODS : 1;
    while (this.#running.length < count) this.#start();
    this.#replaceMs = options.now() + REPLACE_MS;
    this.#touchMs = options.now() + TOUCH_MS;
  }

  get counts(): PodCounts {
    return { started: this.#started, lines: this.#lines, rotations: this.#rotations };
  }

  /** Writes `count` messages, a few to each pod in turn. Files take everything. */
  push(count: number): boolean {
    this.#turnOver();
    for (let left = count; left > 0; left -= LINES_AT_ONCE) {
      const pod = this.#running[this.#next % this.#running.length]!;
      this.#next += 1;
      this.#write(pod, Math.min(left, LINES_AT_ONCE));
    }
    return true;
  }

  /** Nothing is written any more. */
  close(): void {
    for (const { log } of this.#running) log.close();
    this.#running.length = 0;
  }

  #turnOver(): void {
    const { node, wanted, now } = this.#options;
    if (now() >= this.#replaceMs) {
      this.#replaceMs = now() + REPLACE_MS;
      const oldest = this.#running.shift()!;
      if (oldest.rest) oldest.log.write(this.#restOf(oldest));
      node.end(oldest.names, wanted, oldest.log);
      this.#start();
    }
    if (now() >= this.#touchMs) {
      this.#touchMs = now() + TOUCH_MS;
      const one = this.#running[this.#next % this.#running.length]!;
      node.touch(one.names, wanted, new Date(now()).toISOString());
    }
  }

  #start(): void {
    const { node, wanted, set, random } = this.#options;
    const hex = (digits: number): string =>
      Array.from({ length: digits }, () => Math.floor(16 * random()).toString(16)).join('');
    const names: PodNames = {
      namespace: wanted.fields['metadata.namespace'] ?? `${set}-${this.#started % NAMESPACES}`,
      name: wanted.fields['metadata.name'] ?? `shop-${hex(9)}-${hex(5)}`,
      uid: `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
    };
    this.#started += 1;
    this.#running.push({ names, log: node.run(names, wanted), rest: undefined });
  }

  #write(pod: RunningPod, count: number): void {
    const { line, random, now } = this.#options;
    const date = new Date(now());
    let text = pod.rest ? this.#restOf(pod) : '';
    for (let i = 0; i < count; i++) {
      const message = line();
      const stream = random() < STDERR ? 'stderr' : 'stdout';
      // What a stream has begun it ends before it goes on; the other one may come between.
      if (pod.rest?.stream === stream) text += this.#restOf(pod);
      if (pod.rest || random() >= SPLIT) text += criLine(message, true, date, stream);
      else {
        const middle = cutOf(message);
        text += criLine(message.slice(0, middle), false, date, stream);
        pod.rest = { text: message.slice(middle), stream };
        if (random() >= LATE) text += this.#restOf(pod);
      }
    }
    pod.log.write(text);
    this.#lines += count;
    if (pod.log.sizeBytes < LOG_BYTES) return;
    const before = pod.log.rotations;
    pod.log.rotate(date);
    this.#rotations += pod.log.rotations - before;
  }

  /** The line that ends the message under way. */
  #restOf(pod: RunningPod): string {
    const { text, stream } = pod.rest!;
    pod.rest = undefined;
    return criLine(text, true, new Date(this.#options.now()), stream);
  }
}

/** Somewhere in the middle, and between two characters. */
function cutOf(message: string): number {
  const middle = message.length >> 1;
  return /[\uDC00-\uDFFF]/.test(message[middle] ?? '') ? middle + 1 : middle;
}

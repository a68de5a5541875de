// One run of a configuration under load: everything that it needs is made for it, and gone afterwards.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, renderConfig } from '../../config/config.ts';
import { seededRandom } from '../../std/random.ts';
import type { MemorySample } from '../profile/memory_sample.ts';
import { type Allocations, type Watched, watchChild } from './child.ts';
import { type RunningFeeds, startFeeds } from './feeds.ts';
import { KubernetesNode } from './kubernetes_node.ts';
import { lineMaker } from './lines.ts';
import type { PodCounts } from './pods.ts';
import { freePorts, type ReceiverCounts, startReceivers } from './receivers.ts';
import type { EventsSent } from './report_memory.ts';
import { type Document, rewrite } from './rewrite.ts';

export interface ArmOptions {
  readonly config: Config;
  readonly secs: number;
  readonly rate: number;
  readonly sample: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Flags of the command that the process is to have as well. */
  readonly flags: readonly string[];
  readonly stop: AbortSignal;
  /** Whether to find out afterwards which code allocates. */
  readonly watchesAllocations?: boolean;
  /** Hears what was changed, before anything runs. */
  readonly onChanges?: (notes: readonly string[]) => void;
}

export interface ArmResult {
  readonly samples: readonly MemorySample[];
  /** Of the sources that are driven, or of all where none is. */
  readonly events: number;
  /** Driven sources that gave nothing, so that nothing is known of what comes after them. */
  readonly silent: readonly string[];
  /** What was written for it and what it sent, when the last sample was taken. */
  readonly load: { readonly secs: number; readonly pods: readonly PodCounts[]; readonly receivers: ReceiverCounts };
  readonly allocations: Allocations | undefined;
}

/** Samples of a run: enough to judge, and no more than can be kept for days. */
function sampleMsOf(secs: number): number {
  return Math.min(10_000, Math.max(100, Math.min(1_000, (secs * 1000) / 60), (secs * 1000) / 5_000));
}

/** Allocations are watched for a part of the time, afterwards. */
function watchSecsOf(secs: number): number {
  return Math.min(60, Math.max(4, secs / 6));
}

/** Rejects with what the process said when it ends before its time. */
export async function runArm(document: Document, options: ArmOptions): Promise<ArmResult> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
  const output = join(folder, 'output');
  mkdirSync(output);
  const receivers = await startReceivers(folder, output);
  const ports = await freePorts(options.config.sources.size + options.config.sinks.size);
  const port = (): number => ports.pop()!;
  const node = readsPods(options.config) ? await KubernetesNode.start(join(folder, 'node')) : undefined;
  const rewritten = rewrite(document, options.config, { folder, output, receivers, port, node });
  options.onChanges?.(rewritten.notes);
  const path = join(folder, 'config.json');
  writeFileSync(path, renderConfig(rewritten.document, 'json'));
  const child = watchChild({
    config: path,
    sampleMs: Math.round(sampleMsOf(options.secs)),
    env: node ? { ...options.env, SLUICE_POD_LOGS_DIR: node.logs } : options.env,
    flags: options.flags,
  });
  let running: RunningFeeds | undefined;
  try {
    await child.started;
    receivers.scrape(rewritten.scrapes);
    const feeds = rewritten.feeds.map(({ id, feed, form }, i) => ({
      id,
      feed,
      line: lineMaker(form, seededRandom(i + 1), form === 'statsd' ? [] : options.sample),
    }));
    const startedMs = performance.now();
    running = startFeeds(feeds, options.rate, {
      stdin: child.stdin,
      node,
      random: seededRandom(feeds.length + 1),
      sent: (id) => child.sent[id] ?? 0,
    });
    await over(child, options);
    const [samples, { sent }] = [[...child.samples], child];
    const secs = (performance.now() - startedMs) / 1000;
    const load = { secs, pods: running.pods, receivers: { ...receivers.counts } };
    const isWatched = options.watchesAllocations === true && !options.stop.aborted;
    const allocations = isWatched ? await child.watchAllocations(watchSecsOf(options.secs)) : undefined;
    return { samples, ...eventsOf(sent, rewritten.feeds), load, allocations };
  } finally {
    running?.stop();
    await child.stop();
    await receivers.close();
    await node?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function eventsOf(sent: EventsSent, feeds: readonly { readonly id: string }[]): Pick<ArmResult, 'events' | 'silent'> {
  const ids = feeds.length > 0 ? feeds.map(({ id }) => id) : Object.keys(sent);
  const silent = feeds.map(({ id }) => id).filter((id) => !sent[id]);
  return { events: ids.reduce((sum, id) => sum + (sent[id] ?? 0), 0), silent };
}

function readsPods({ sources }: Config): boolean {
  return [...sources.values()].some(({ definition }) => definition.type === 'kubernetes_logs');
}

/** A slope of fewer samples says nothing; a machine that is slow to give them gets more time. */
const SAMPLES_MIN = 24;
const MORE_SECS_MAX = 300;

/** Waits until the time is over and there is something to judge, or somebody ends it. */
async function over(child: Watched, { secs, stop }: ArmOptions): Promise<void> {
  const startedMs = performance.now();
  const failed = child.ended.then((said) => {
    throw new Error(`the process ended before its time:\n${said}`);
  });
  failed.catch(() => {});
  for (;;) {
    const passed = (performance.now() - startedMs) / 1000;
    const isEnough = child.samples.length >= SAMPLES_MIN || passed >= secs + MORE_SECS_MAX;
    if ((passed >= secs && isEnough) || stop.aborted) return;
    const waitSecs = passed < secs ? Math.min(secs - passed, 0.5) : 0.1;
    await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, waitSecs * 1000))]);
  }
}

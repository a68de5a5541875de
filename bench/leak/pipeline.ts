// The pipeline of an arm: the command as it is, but for the storage that its registry stands on. It tells its parent once
// a second what it holds, and after each collection, which happens at an interval, how much is left.

import { run } from '../../src/cli/run.ts';
import { BoundedStorage } from '../../src/telemetry/bounded_storage.ts';
import { LosslessStorage } from '../../src/telemetry/lossless/lossless_storage.ts';
import { Registry } from '../../src/telemetry/registry.ts';
import type { Storage } from '../../src/telemetry/storage.ts';
import type { Arm, StorageName } from './arms.ts';
import type { Sample } from './samples.ts';

export interface PipelineOptions {
  readonly arm: Arm;
  readonly config: string;
  readonly threads: number;
  readonly collectSecs: number;
  readonly seedLeakPerSecond: number;
}

/** What the parent adds is not here. */
export type PipelineSample = Omit<Sample, 't' | 'events' | 'requests'> & {
  /** Events that the sink took in. */
  readonly taken: number;
  readonly lost: number;
};

/** `labelled` gives the same registry: nothing that a component counts says whose it is. */
class UnlabelledRegistry extends Registry {
  override labelled(): Registry {
    return this;
  }
}

const options = JSON.parse(process.argv[2]!) as PipelineOptions;
const storage = makeStorage(options.arm.storage);
const lossless = storage instanceof LosslessStorage ? storage : undefined;
const registry = options.arm.variant === 'unlabelled' ? new UnlabelledRegistry({ storage }) : new Registry({ storage });
const leaked: unknown[] = [];
let seconds = 0;

function makeStorage(name: StorageName): Storage {
  if (name === 'bounded') return new BoundedStorage();
  return new LosslessStorage({ mode: name === 'clear' ? 'readWithClear' : name });
}

setInterval(() => {
  // An array of small numbers takes eight bytes for each, and some for itself.
  if (options.seedLeakPerSecond > 0) leaked.push(new Array(options.seedLeakPerSecond / 8).fill(seconds));
  seconds += 1;
  const collected = seconds % options.collectSecs === 0;
  if (collected) collect();
  process.send!(sample(collected));
}, 1_000);

/** Twice: what the first one found dead outside of the heap is given back while it is swept, which the second one ends. */
function collect(): void {
  globalThis.gc!();
  globalThis.gc!();
}

function sample(collected: boolean): PipelineSample {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    rss,
    heapUsed,
    external,
    arrayBuffers,
    registry: registry.bytes,
    blocks: lossless?.blocksUsed ?? 0,
    cpu: (user + system) / 1e6,
    collected,
    taken: registry.read('component_received_events_total', { component_id: 'out' }),
    lost: lossless?.lost ?? 0,
  };
}

process.once('disconnect', () => process.exit());

const code = await run(
  {
    config: [options.config],
    dangerouslyAllowEnvVarInterpolation: false,
    disableEnvVarInterpolation: true,
    verbose: 0,
    quiet: 1,
    logFormat: 'text',
    color: 'never',
    threads: options.threads,
    chunkSizeEvents: 1_000,
    watchConfig: false,
    watchConfigMethod: 'recommended',
    watchConfigPollIntervalSeconds: 30,
    gracefulShutdownLimitSecs: 1,
    allowEmptyConfig: false,
    maxDecompressedSizeBytes: 2 ** 27,
    registry,
  },
  { env: process.env, stdout: process.stdout, stderr: process.stderr, finish: () => {} },
);
process.exit(code);

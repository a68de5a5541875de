// The command, in a process that counts what it records of itself: operations on cells, and looks at the clock, which are
// more than those for telemetry alone. Prints them as JSON when it ends.
//
//   node counting_pipeline.ts CONFIG THREADS

import { run } from '../../src/cli/run.ts';
import { BoundedStorage } from '../../src/telemetry/bounded_storage.ts';
import { Registry } from '../../src/telemetry/registry.ts';
import type { Storage } from '../../src/telemetry/storage.ts';

export interface Operations {
  counterAdds: number;
  gaugeSets: number;
  gaugeAdds: number;
  records: number;
  clockReads: number;
  /** Batches that components took in, each component for itself. */
  batches: number;
}

const operations: Operations = { counterAdds: 0, gaugeSets: 0, gaugeAdds: 0, records: 0, clockReads: 0, batches: 0 };

const inner = new BoundedStorage();
const storage: Storage = {
  get bytes() {
    return inner.bytes;
  },
  counter() {
    const cell = inner.counter();
    return {
      add(count) {
        operations.counterAdds += 1;
        cell.add(count);
      },
      read: () => cell.read(),
      free: () => cell.free(),
    };
  },
  gauge() {
    const cell = inner.gauge();
    return {
      set(value) {
        operations.gaugeSets += 1;
        cell.set(value);
      },
      add(change) {
        operations.gaugeAdds += 1;
        cell.add(change);
      },
      read: () => cell.read(),
      free: () => cell.free(),
    };
  },
  histogram() {
    const cell = inner.histogram();
    return {
      record(value) {
        operations.records += 1;
        cell.record(value);
      },
      read: () => cell.read(),
      free: () => cell.free(),
    };
  },
};

const now = performance.now.bind(performance);
performance.now = () => {
  operations.clockReads += 1;
  return now();
};

const registry = new Registry({ storage });
const [config, threads] = process.argv.slice(2);
const code = await run(
  {
    config: [config!],
    dangerouslyAllowEnvVarInterpolation: false,
    disableEnvVarInterpolation: true,
    verbose: 0,
    quiet: 1,
    logFormat: 'text',
    color: 'never',
    threads: Number(threads),
    chunkSizeEvents: 1_000,
    watchConfig: false,
    watchConfigMethod: 'recommended',
    watchConfigPollIntervalSeconds: 30,
    gracefulShutdownLimitSecs: 5,
    allowEmptyConfig: false,
    maxDecompressedSizeBytes: 2 ** 27,
    registry,
  },
  { env: process.env, stdout: process.stdout, stderr: process.stderr, finish: () => {} },
);
operations.batches = registry.read('component_received_events_count');
process.stdout.write(`operations ${JSON.stringify(operations)}\n`, () => process.exit(code));

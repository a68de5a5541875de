// Runs a configuration inside of the test's own process, where every counter can be read.

import assert from 'node:assert/strict';
import { makeRuntime } from '../../src/cli/runtime.ts';
import { builtIn, loadConfig, renderProblems } from '../../src/config/config.ts';
import { systemClock } from '../../src/std/clock.ts';
import { type LogRecord, memoryLogger } from '../../src/telemetry/log.ts';
import { temporaryFolder } from '../../src/testing/component.ts';
import { startTopology, type Topology } from '../../src/topology/topology.ts';
import { configFile, writeConfig } from './process.ts';

/** A forced stop comes this soon. */
const STOP_MS = 1_000;

/** How often a condition is looked at. */
const LOOK_MS = 5;

const DEADLINE_MS = 45_000;

export interface InProcess extends AsyncDisposable {
  readonly folder: string;
  readonly topology: Topology;
  /** Log lines of every level, without rate limit. */
  readonly records: readonly LogRecord[];
  /** The sum of all series of a component with this name and these labels. */
  counted(component: string, name: string, labels?: Readonly<Record<string, string>>): number;
  /** The port that a source configured with port 0 listens on. */
  port(component: string): number;
  until(what: string, condition: () => boolean): Promise<void>;
}

export async function startInProcess(config: unknown): Promise<InProcess> {
  const folder = temporaryFolder();
  writeConfig(folder.path, typeof config === 'function' ? (config as (path: string) => unknown)(folder.path) : config);
  const loaded = await loadConfig({
    config: [configFile(folder.path)],
    configYaml: [],
    configToml: [],
    configJson: [],
    configDirs: [],
    env: {},
    interpolation: 'off',
    allowEmpty: false,
    registry: builtIn,
  });
  assert.ok(loaded.config, renderProblems(loaded.problems, { colour: false }));
  const { logger, records } = memoryLogger(systemClock);
  const limits = { chunkSizeEvents: 1000, maxDecompressedSizeBytes: 10_000_000 };
  const runtime = makeRuntime(loaded.config, limits, logger, {}, STOP_MS);
  const topology = await startTopology(loaded.config, runtime);
  return {
    folder: folder.path,
    topology,
    records,
    counted: (component, name, labels = {}) => runtime.recorder.read(name, { component_id: component, ...labels }),
    port(component) {
      const line = records.find(
        ({ message, fields }) => message.startsWith('Listening') && fields['component_id'] === component,
      );
      return Number(line?.fields['port'] ?? /:(\d+)$/.exec(String(line?.fields['address']))?.[1]);
    },
    until,
    async [Symbol.asyncDispose]() {
      await topology.stop(STOP_MS);
      folder[Symbol.dispose]();
    },
  };
}

function until(what: string, condition: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearInterval(timer);
      clearTimeout(deadline);
      settle();
    };
    const timer = setInterval(() => {
      if (condition()) finish(resolve);
    }, LOOK_MS);
    const deadline = setTimeout(
      () => finish(() => reject(new Error(`${what}: not within ${DEADLINE_MS / 1000} seconds`))),
      DEADLINE_MS,
    );
  });
}

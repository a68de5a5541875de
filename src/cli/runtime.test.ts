import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../std/clock.ts';
import { memoryLogger } from '../telemetry/log.ts';
import { loadYaml } from '../testing/config.ts';
import { makeRuntime } from './runtime.ts';

test('a process counts what it does unless it is told to count nothing, for measurements', async () => {
  const { config } = await loadYaml('', { allowEmpty: true });
  const { logger } = memoryLogger(systemClock);
  const isSilent = (env: Record<string, string>): boolean => {
    const flags = { threads: 1, chunkSizeEvents: 1_000, maxDecompressedSizeBytes: 1_000_000 };
    return makeRuntime(config!, flags, logger, env, undefined).recorder.isSilent;
  };
  assert.equal(isSilent({}), false);
  assert.equal(isSilent({ SLUICE_TELEMETRY: 'on' }), false);
  assert.equal(isSilent({ SLUICE_TELEMETRY: 'off' }), true);
});

// What a worker measures of itself. It writes to the registry's cells directly, so that what it did is there even when the
// answer never comes; what belongs to a batch goes into its notes instead (notes.ts), and counts when it is delivered.

import { AttachedStorage } from '../../telemetry/attached_storage.ts';
import type { Registry } from '../../telemetry/registry.ts';
import type { CellDescription, StorageDescription } from '../../telemetry/storage.ts';
import { defineHistogram } from '../../telemetry/telemetry.ts';

const batchSeconds = defineHistogram({
  name: 'sluice_worker_batch_seconds',
  doc: 'How long a worker thread ran a batch, those included whose results were lost with the thread.',
  labels: [{ name: 'worker', limit: 255 }],
});

/** Where a worker writes to. */
export interface WorkerTelemetry {
  readonly storage: StorageDescription;
  readonly batchSeconds: CellDescription;
}

/** For a new worker; undefined when nothing is recorded, or not in shared memory. */
export function admitWorker(registry: Registry, worker: number): WorkerTelemetry | undefined {
  const cell = registry.describe(registry.histogram(batchSeconds, { worker: String(worker) }));
  const storage = cell && registry.admit();
  return storage ? { storage, batchSeconds: cell } : undefined;
}

/** The worker's side of it: called with how long each batch took, before its answer goes out. */
export function recordBatches(telemetry: WorkerTelemetry | undefined): (ms: number) => void {
  if (!telemetry) return () => {};
  const storage = new AttachedStorage(telemetry.storage);
  const histogram = storage.histogram(telemetry.batchSeconds);
  return (ms) => {
    histogram.record(ms / 1000);
    storage.pass();
  };
}

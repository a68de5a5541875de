// What the process itself holds, entered into the ledger, and the ledger told as metrics.

import type { Budget } from '../engine/budget.ts';
import { keptTextBytes } from '../engine/segment/cached_texts.ts';
import { keptNameBytes } from '../event/json.ts';
import type { Ledger } from '../telemetry/ledger.ts';
import { enterProcess, type ProcessAccount } from '../telemetry/process_ledger.ts';
import { defineGauge } from '../telemetry/telemetry.ts';
import type { Runtime } from '../topology/topology.ts';
import { keptFormatBytes, keptPatternBytes } from '../vrl/vrl.ts';
import { collectGarbage } from './heap.ts';

const memoryBudget = defineGauge({
  name: 'sluice_memory_budget_bytes',
  doc: 'Memory that the process is to stay within: the option `memory`, or what is taken in its place.',
});

const residentBytes = defineGauge({
  name: 'sluice_memory_resident_bytes',
  doc: 'Resident memory of the process at the time of which `sluice_memory_bytes` tells.',
});

/** As often as owners are asked for the metrics; a look at all mappings takes 2 ms. */
const TELL_MS = 2_000;

type Accounted = Pick<Runtime, 'arena' | 'clock' | 'recorder' | 'log'> & {
  readonly ledger: Ledger;
  readonly budget: Pick<Budget, 'memoryBytes'>;
};

/** Before the topology is there; the result is to be told when it is. */
export function enterRuntime({ ledger, clock, arena, recorder, log }: Accounted): ProcessAccount {
  const arenaBytes = arena.memory.buffer.byteLength;
  const account = enterProcess({ ledger, clock, arenaBytes, collect: collectGarbage });
  ledger.register({ owner: 'registry', place: 'native', bytes: () => recorder.bytes - recorder.heapBytes });
  ledger.register({ owner: 'registry', place: 'heap', bytes: () => recorder.heapBytes });
  ledger.register({
    owner: 'caches',
    place: 'heap',
    bytes: () => keptPatternBytes() + keptFormatBytes() + keptNameBytes() + keptTextBytes(),
  });
  ledger.register({ owner: 'log lines', place: 'heap', bytes: () => log.heldBytes });
  return account;
}

/** Sets the gauges now and then until the result is called. */
export function tellMemory(
  { ledger, clock, recorder, budget }: Accounted,
  account: Pick<ProcessAccount, 'residentBytes'>,
): () => void {
  recorder.gauge(memoryBudget).set(budget.memoryBytes);
  const resident = recorder.gauge(residentBytes);
  let timer = clock.after(TELL_MS, tell);
  report();
  return () => timer.cancel();

  function tell(): void {
    timer = clock.after(TELL_MS, tell);
    report();
  }
  function report(): void {
    ledger.report(recorder);
    resident.set(account.residentBytes());
  }
}

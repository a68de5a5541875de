// What objects take, for tests of estimates and of what is let go.

import v8 from 'node:v8';
import vm from 'node:vm';

let collect: (() => void) | undefined;

/** Bytes of V8's objects after all garbage was collected. */
export function liveHeapBytes(): number {
  if (!collect) {
    v8.setFlagsFromString('--expose-gc');
    collect = vm.runInNewContext('gc') as () => void;
  }
  // What the first one finds to be finalized, the second one collects.
  collect();
  collect();
  return v8.getHeapSpaceStatistics().reduce((sum, { space_used_size: bytes }) => sum + bytes, 0);
}

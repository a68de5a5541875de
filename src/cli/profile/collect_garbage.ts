// A whole collection of garbage, now. Node hides it behind a flag that may be set at any time.

import v8 from 'node:v8';
import vm from 'node:vm';

/** A function that collects all garbage of this thread before it returns. */
export function garbageCollector(): () => void {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  v8.setFlagsFromString('--no-expose-gc');
  return collect;
}

// All components by their name in a configuration. Written by `npm run gen`; do not edit.

import { sink as sink_blackhole } from '../sinks/blackhole/blackhole.ts';

export const sources = {} as const;

export const transforms = {} as const;

export const sinks = {
  blackhole: sink_blackhole,
} as const;

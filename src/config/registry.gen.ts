// All components by their name in a configuration. Written by `npm run gen`; do not edit.

import { sink as sink_blackhole } from '../sinks/blackhole/blackhole.ts';
import { sink as sink_file } from '../sinks/file/file.ts';
import { sink as sink_http } from '../sinks/http/http.ts';

export const sources = {} as const;

export const transforms = {} as const;

export const sinks = {
  blackhole: sink_blackhole,
  file: sink_file,
  http: sink_http,
} as const;

// All components by their name in a configuration. Written by `npm run gen`; do not edit.

import { source as source_demo_logs } from '../sources/demo_logs/demo_logs.ts';
import { source as source_exec } from '../sources/exec/exec.ts';
import { source as source_file } from '../sources/file/file.ts';
import { source as source_file_descriptor } from '../sources/file_descriptor/file_descriptor.ts';
import { source as source_http_server } from '../sources/http_server/http_server.ts';
import { source as source_socket } from '../sources/socket/socket.ts';
import { source as source_static_metrics } from '../sources/static_metrics/static_metrics.ts';
import { source as source_stdin } from '../sources/stdin/stdin.ts';
import { transform as transform_exclusive_route } from '../transforms/exclusive_route/exclusive_route.ts';
import { transform as transform_filter } from '../transforms/filter/filter.ts';
import { transform as transform_remap } from '../transforms/remap/remap.ts';
import { transform as transform_route } from '../transforms/route/route.ts';
import { sink as sink_blackhole } from '../sinks/blackhole/blackhole.ts';
import { sink as sink_console } from '../sinks/console/console.ts';
import { sink as sink_file } from '../sinks/file/file.ts';
import { sink as sink_http } from '../sinks/http/http.ts';
import { sink as sink_socket } from '../sinks/socket/socket.ts';

export const sources = {
  demo_logs: source_demo_logs,
  exec: source_exec,
  file: source_file,
  file_descriptor: source_file_descriptor,
  http_server: source_http_server,
  socket: source_socket,
  static_metrics: source_static_metrics,
  stdin: source_stdin,
} as const;

export const transforms = {
  exclusive_route: transform_exclusive_route,
  filter: transform_filter,
  remap: transform_remap,
  route: transform_route,
} as const;

export const sinks = {
  blackhole: sink_blackhole,
  console: sink_console,
  file: sink_file,
  http: sink_http,
  socket: sink_socket,
} as const;

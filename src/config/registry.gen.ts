// All components by their name in a configuration. Written by `npm run gen`; do not edit.

import { source as source_http_server } from '../sources/http_server/http_server.ts';
import { source as source_socket } from '../sources/socket/socket.ts';
import { sink as sink_blackhole } from '../sinks/blackhole/blackhole.ts';
import { sink as sink_console } from '../sinks/console/console.ts';
import { sink as sink_file } from '../sinks/file/file.ts';
import { sink as sink_http } from '../sinks/http/http.ts';
import { sink as sink_socket } from '../sinks/socket/socket.ts';

export const sources = {
  http_server: source_http_server,
  socket: source_socket,
} as const;

export const transforms = {} as const;

export const sinks = {
  blackhole: sink_blackhole,
  console: sink_console,
  file: sink_file,
  http: sink_http,
  socket: sink_socket,
} as const;

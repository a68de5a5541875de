// All components by their name in a configuration. Written by `npm run gen`; do not edit.

import { source as source_demo_logs } from '../sources/demo_logs/demo_logs.ts';
import { source as source_docker_logs } from '../sources/docker_logs/docker_logs.ts';
import { source as source_exec } from '../sources/exec/exec.ts';
import { source as source_file } from '../sources/file/file.ts';
import { source as source_file_descriptor } from '../sources/file_descriptor/file_descriptor.ts';
import { source as source_host_metrics } from '../sources/host_metrics/host_metrics.ts';
import { source as source_http_server } from '../sources/http_server/http_server.ts';
import { source as source_internal_logs } from '../sources/internal_logs/internal_logs.ts';
import { source as source_internal_metrics } from '../sources/internal_metrics/internal_metrics.ts';
import { source as source_journald } from '../sources/journald/journald.ts';
import { source as source_kubernetes_logs } from '../sources/kubernetes_logs/kubernetes_logs.ts';
import { source as source_prometheus_pushgateway } from '../sources/prometheus_pushgateway/prometheus_pushgateway.ts';
import { source as source_prometheus_remote_write } from '../sources/prometheus_remote_write/prometheus_remote_write.ts';
import { source as source_prometheus_scrape } from '../sources/prometheus_scrape/prometheus_scrape.ts';
import { source as source_socket } from '../sources/socket/socket.ts';
import { source as source_static_metrics } from '../sources/static_metrics/static_metrics.ts';
import { source as source_statsd } from '../sources/statsd/statsd.ts';
import { source as source_stdin } from '../sources/stdin/stdin.ts';
import { source as source_syslog } from '../sources/syslog/syslog.ts';
import { transform as transform_aggregate } from '../transforms/aggregate/aggregate.ts';
import { transform as transform_dedupe } from '../transforms/dedupe/dedupe.ts';
import { transform as transform_delay } from '../transforms/delay/delay.ts';
import { transform as transform_exclusive_route } from '../transforms/exclusive_route/exclusive_route.ts';
import { transform as transform_filter } from '../transforms/filter/filter.ts';
import { transform as transform_incremental_to_absolute } from '../transforms/incremental_to_absolute/incremental_to_absolute.ts';
import { transform as transform_log_to_metric } from '../transforms/log_to_metric/log_to_metric.ts';
import { transform as transform_metric_to_log } from '../transforms/metric_to_log/metric_to_log.ts';
import { transform as transform_reduce } from '../transforms/reduce/reduce.ts';
import { transform as transform_remap } from '../transforms/remap/remap.ts';
import { transform as transform_route } from '../transforms/route/route.ts';
import { transform as transform_sample } from '../transforms/sample/sample.ts';
import { transform as transform_tag_cardinality_limit } from '../transforms/tag_cardinality_limit/tag_cardinality_limit.ts';
import { transform as transform_throttle } from '../transforms/throttle/throttle.ts';
import { transform as transform_window } from '../transforms/window/window.ts';
import { sink as sink_blackhole } from '../sinks/blackhole/blackhole.ts';
import { sink as sink_console } from '../sinks/console/console.ts';
import { sink as sink_file } from '../sinks/file/file.ts';
import { sink as sink_http } from '../sinks/http/http.ts';
import { sink as sink_prometheus_exporter } from '../sinks/prometheus_exporter/prometheus_exporter.ts';
import { sink as sink_prometheus_remote_write } from '../sinks/prometheus_remote_write/prometheus_remote_write.ts';
import { sink as sink_socket } from '../sinks/socket/socket.ts';
import { sink as sink_statsd } from '../sinks/statsd/statsd.ts';

export const sources = {
  demo_logs: source_demo_logs,
  docker_logs: source_docker_logs,
  exec: source_exec,
  file: source_file,
  file_descriptor: source_file_descriptor,
  host_metrics: source_host_metrics,
  http_server: source_http_server,
  internal_logs: source_internal_logs,
  internal_metrics: source_internal_metrics,
  journald: source_journald,
  kubernetes_logs: source_kubernetes_logs,
  prometheus_pushgateway: source_prometheus_pushgateway,
  prometheus_remote_write: source_prometheus_remote_write,
  prometheus_scrape: source_prometheus_scrape,
  socket: source_socket,
  static_metrics: source_static_metrics,
  statsd: source_statsd,
  stdin: source_stdin,
  syslog: source_syslog,
} as const;

export const transforms = {
  aggregate: transform_aggregate,
  dedupe: transform_dedupe,
  delay: transform_delay,
  exclusive_route: transform_exclusive_route,
  filter: transform_filter,
  incremental_to_absolute: transform_incremental_to_absolute,
  log_to_metric: transform_log_to_metric,
  metric_to_log: transform_metric_to_log,
  reduce: transform_reduce,
  remap: transform_remap,
  route: transform_route,
  sample: transform_sample,
  tag_cardinality_limit: transform_tag_cardinality_limit,
  throttle: transform_throttle,
  window: transform_window,
} as const;

export const sinks = {
  blackhole: sink_blackhole,
  console: sink_console,
  file: sink_file,
  http: sink_http,
  prometheus_exporter: sink_prometheus_exporter,
  prometheus_remote_write: sink_prometheus_remote_write,
  socket: sink_socket,
  statsd: sink_statsd,
} as const;

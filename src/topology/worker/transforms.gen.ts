// Loads a transform when a worker needs it. Written by `npm run gen`; do not edit.

export const transforms = {
  aggregate: async () => (await import('../../transforms/aggregate/aggregate.ts')).transform,
  dedupe: async () => (await import('../../transforms/dedupe/dedupe.ts')).transform,
  delay: async () => (await import('../../transforms/delay/delay.ts')).transform,
  exclusive_route: async () => (await import('../../transforms/exclusive_route/exclusive_route.ts')).transform,
  filter: async () => (await import('../../transforms/filter/filter.ts')).transform,
  incremental_to_absolute: async () => (await import('../../transforms/incremental_to_absolute/incremental_to_absolute.ts')).transform,
  log_to_metric: async () => (await import('../../transforms/log_to_metric/log_to_metric.ts')).transform,
  metric_to_log: async () => (await import('../../transforms/metric_to_log/metric_to_log.ts')).transform,
  reduce: async () => (await import('../../transforms/reduce/reduce.ts')).transform,
  remap: async () => (await import('../../transforms/remap/remap.ts')).transform,
  route: async () => (await import('../../transforms/route/route.ts')).transform,
  sample: async () => (await import('../../transforms/sample/sample.ts')).transform,
  tag_cardinality_limit: async () => (await import('../../transforms/tag_cardinality_limit/tag_cardinality_limit.ts')).transform,
  throttle: async () => (await import('../../transforms/throttle/throttle.ts')).transform,
  window: async () => (await import('../../transforms/window/window.ts')).transform,
} as const;

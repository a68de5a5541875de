// Loads a transform when a worker needs it. Written by `npm run gen`; do not edit.

export const transforms = {
  exclusive_route: async () => (await import('../../transforms/exclusive_route/exclusive_route.ts')).transform,
  filter: async () => (await import('../../transforms/filter/filter.ts')).transform,
  remap: async () => (await import('../../transforms/remap/remap.ts')).transform,
  route: async () => (await import('../../transforms/route/route.ts')).transform,
} as const;

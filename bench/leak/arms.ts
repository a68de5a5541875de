// What the experiment varies: where samples of histograms go, and what of the pipeline is left out.

/** `bounded` is the product's. `clear` has a reader that lets epochs end, `pinned` one that never does. */
export const STORAGES = ['bounded', 'read', 'pinned', 'clear'] as const;
export type StorageName = (typeof STORAGES)[number];

export const VARIANTS = ['http', 'blackhole', 'unread', 'unlabelled'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface Arm {
  readonly name: string;
  readonly storage: StorageName;
  readonly variant: Variant;
}

export const STORAGE_TITLES: Readonly<Record<StorageName, string>> = {
  bounded: 'bounded',
  read: 'lossless, read without clear',
  pinned: 'lossless, read with clear, an epoch never ends',
  clear: 'lossless, read with clear, epochs end',
};

export const VARIANT_TITLES: Readonly<Record<Variant, string>> = {
  http: 'everything on',
  blackhole: 'blackhole in place of http',
  unread: 'nobody reads the metrics',
  unlabelled: 'without context labels',
};

/** `bounded` is the arm with everything on; others have their variant behind a dash. */
export const ARMS: readonly Arm[] = STORAGES.flatMap((storage) =>
  VARIANTS.map((variant) => ({ name: variant === 'http' ? storage : `${storage}-${variant}`, storage, variant })),
);

/** The table of the experiment. That a well-behaved reader keeps lossless samples in bounds is shown by one arm. */
export const TABLE_ARMS: readonly Arm[] = ARMS.filter(
  ({ storage, variant }) => storage !== 'clear' || variant === 'http',
);

export function armNamed(name: string): Arm {
  const arm = ARMS.find((each) => each.name === name);
  if (!arm) throw new Error(`there is no arm ${name}; there are ${ARMS.map((each) => each.name).join(', ')}`);
  return arm;
}

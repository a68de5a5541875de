// The components of this build.

import { sinks, sources, transforms } from './registry.gen.ts';
import type { Registry } from './registry.ts';

export const builtIn = { sources, transforms, sinks } as const satisfies Registry;

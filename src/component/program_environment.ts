// What programs get of the world: the time, randomness, files that they name, a log. Everything goes through here, so
// that a test can hold all of it.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Timestamp } from '../event/timestamp.ts';
import { namedZone, UTC } from '../event/timezone.ts';
import type { Random } from '../std/random.ts';
import type { Logger } from '../telemetry/log.ts';
import { outside } from '../vrl/outside.gen.ts';
import { type Environment, type FunctionDefinition, type Span, stdlib } from '../vrl/vrl.ts';

/** Every function that programs of a pipeline may call: those of the language and those that reach outside. */
export const programFunctions: readonly FunctionDefinition[] = [...stdlib, ...outside];

export interface World {
  /** IANA name, or `local`. */
  readonly timezone: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: Random;
  readonly log: Environment['log'];
  readonly enrichment?: Environment['enrichment'];
  readonly metrics?: Environment['metrics'];
}

export function programEnvironment(world: World): Environment {
  const { timezone } = world;
  return {
    timezone: {
      get name() {
        return timezone === 'local' ? localZoneName() : timezone;
      },
      zone: namedZone(timezone) ?? UTC,
    },
    now: () => Timestamp.fromMs(world.now()),
    random: world.random,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    log: world.log,
    enrichment: world.enrichment,
    metrics: world.metrics,
    readFile,
  };
}

function localZoneName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Files that programs name while they are compiled; larger ones are refused. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;

function readFile(path: string): Uint8Array | string {
  try {
    const bytes = readFileSync(path);
    return bytes.byteLength > FILE_BYTES_MAX ? `${path} is larger than ${FILE_BYTES_MAX} bytes` : bytes;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Where the function `log` writes in a pipeline: the component's log, each place at most so often. */
export function programLog(log: Logger): Environment['log'] {
  return (level, message, place: Span, rateLimitSecs) =>
    log.program(level, message, String(place.start), rateLimitSecs, { vrl_position: place.start });
}

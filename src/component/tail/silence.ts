// Watches over files that exist, grow and are not read, for whatever reason: a mistake of ours, an order of reading that
// never comes to them, a checksum they share with another file. Each is said, counted, and read after all.
//
// A file is silent when its content behind the place of reading has been there for `SILENT_MS` and `LOOKS_MIN` looks, and
// the place has not moved. While a sink holds everything up nobody looks, so that is no silence.

import { type Counter, defineCounter, defineGauge, type Gauge } from '../../telemetry/telemetry.ts';
import type { SourceContext } from '../context.ts';

export const SILENT_MS = 30_000;
const LOOKS_MIN = 5;

/** Files under suspicion at most. One that is none any more is known for some looks: it often is again in the next. */
const SUSPECTS_MAX = 65_536;
const KNOWN_LOOKS = 60;

const silentFiles = defineGauge({
  name: 'sluice_silent_files',
  doc: 'Files that grow and are not read.',
});
const recoveredFiles = defineCounter({
  name: 'sluice_silent_files_recovered_total',
  doc: 'Files that grew and were not read until the source noticed.',
});

interface Suspect {
  place: number;
  sinceMs: number;
  looks: number;
  lastRound: number;
  isSilent: boolean;
}

export class SilenceCheck {
  readonly #context: SourceContext;
  readonly #silent: Gauge;
  readonly #recovered: Counter;
  readonly #suspects = new Map<string, Suspect>();
  #round = 0;

  constructor(context: SourceContext) {
    this.#context = context;
    this.#silent = context.gauge(silentFiles);
    this.#recovered = context.counter(recoveredFiles);
  }

  /** A look at all files begins. */
  begin(): void {
    this.#round += 1;
  }

  /** The file has content behind `place`, which is where reading is. Whether it is time to do something about it. */
  suspect(path: string, place: number, sizeBytes: number): boolean {
    const now = this.#context.clock.monotonic();
    const known = this.#suspects.get(path);
    if (!known) {
      if (this.#suspects.size < SUSPECTS_MAX)
        this.#suspects.set(path, { place, sinceMs: now, looks: 1, lastRound: this.#round, isSilent: false });
      return false;
    }
    if (known.place !== place || known.lastRound < this.#round - 1) {
      if (known.isSilent) this.#recovered.add(1);
      known.place = place;
      known.sinceMs = now;
      known.looks = 1;
      known.lastRound = this.#round;
      known.isSilent = false;
      return false;
    }
    known.looks += 1;
    known.lastRound = this.#round;
    if (known.looks < LOOKS_MIN || now - known.sinceMs < SILENT_MS) return false;
    if (!known.isSilent)
      this.#context.log.warn('A file grows and is not read. It is opened anew and read out of turn.', {
        file: path,
        file_position: place,
        file_bytes: sizeBytes,
        silent_ms: Math.round(now - known.sinceMs),
      });
    known.isSilent = true;
    return true;
  }

  /** The look is over: files that were not under suspicion in it are read again. */
  end(): void {
    let silent = 0;
    for (const [path, suspect] of this.#suspects) {
      if (suspect.lastRound === this.#round) {
        if (suspect.isSilent) silent += 1;
        continue;
      }
      if (suspect.isSilent) this.#recovered.add(1);
      suspect.isSilent = false;
      if (suspect.lastRound < this.#round - KNOWN_LOOKS) this.#suspects.delete(path);
    }
    this.#silent.set(silent);
  }
}

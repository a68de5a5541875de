// Saves what a transform remembers, at an interval and at its end, and gives it back at its start.
//
//   start ─► load ─► restore                       every interval_secs, when there is something new ─► save
//                                                  end ─► save; undelivered ones come in later ─► save once more
//
// Events that wait inside of a transform are a part of its state. Once saved they are safe, so their sources are told
// (`onSaved` releases the holds): a source that waits for delivery would otherwise read them again at the next start,
// when they are there already. In return what was saved stays in the file after it went out, until it was delivered
// (`depart`); what could not be delivered is sent again at the next start.
//
// In a reload the transform that ends gives what it has to the one that takes its place, which saves nothing before.

import { join } from 'node:path';
import { type DecodedBatch, decodedBatch } from '../../event/batch.ts';
import type { Event, EventType } from '../../event/event.ts';
import { Finalizer } from '../../event/finalizer.ts';
import type { Timer } from '../../std/clock.ts';
import { type Counter, defineCounter } from '../../telemetry/telemetry.ts';
import type { TransformContext } from '../context.ts';
import type { Emit } from '../define.ts';
import { decodeExact, encodeExact } from './exact.ts';
import { DamagedState, type SavedState, StateFile } from './state_file.ts';
import type { KeptStateConfig } from './state_option.ts';

const stateSaves = defineCounter({ name: 'sluice_state_saves_total', doc: 'Times that the state was saved.' });

/** Events that were saved, went out, and are not delivered yet: beyond it no more are kept. */
const DEPARTED_MAX = 100_000;

/** What a transform saves. */
export interface Keeps {
  /** All that it remembers, of kinds that `exact.ts` knows. */
  save(nowMs: number): unknown;
  /** Takes what was saved `awayMs` ago on top of what it has. Throws when it cannot be used. */
  restore(saved: unknown, nowMs: number, awayMs: number): void;
  /** What `save` gave last is safe: events in it need no hold any more. */
  onSaved?(): void;
}

interface Departed {
  readonly type: EventType;
  readonly events: readonly Event[];
  isFailed: boolean;
}

interface Saved {
  readonly kept: unknown;
  readonly departed: readonly { readonly type: EventType; readonly events: readonly Event[] }[];
}

/** Who has a file in this process, by path. */
const owners = new Map<string, StateKeeper>();

export class StateKeeper {
  readonly #context: TransformContext;
  readonly #file: StateFile;
  readonly #intervalMs: number;
  readonly #keeps: Keeps;
  readonly #saves: Counter;
  readonly #departed = new Set<Departed>();
  #departedEvents = 0;
  #emit: Emit | undefined;
  #timer: Timer | undefined;
  #hasEnded = false;
  /** Who gives its state to this one when it ends. */
  #predecessor: StateKeeper | undefined;
  #successor: StateKeeper | undefined;
  /** Those before, whose departed events this one saves with its own. */
  #inherited: StateKeeper[] = [];

  constructor(config: NonNullable<KeptStateConfig>, context: TransformContext, keeps: Keeps) {
    this.#context = context;
    this.#file = new StateFile(config.path ?? join(context.globals.dataDir, context.id, 'state'), context.type);
    this.#intervalMs = config.interval_secs * 1000;
    this.#keeps = keeps;
    this.#saves = context.counter(stateSaves);
  }

  /** Restores what was saved, sends again what did not arrive, and begins to save. */
  start(emit: Emit): void {
    this.#emit = emit;
    const before = owners.get(this.#file.path);
    owners.set(this.#file.path, this);
    if (before) before.#successor = this;
    if (before && !before.#hasEnded) this.#predecessor = before;
    else {
      if (before) this.#inherit(before);
      this.#load(before !== undefined);
    }
    this.#saveLater();
  }

  /**
   * The hold under which events go out that are safe in the file: they stay in it until they are delivered. Takes
   * `hold`, that of what they have besides.
   */
  depart(type: EventType, events: readonly Event[], hold: Finalizer): Finalizer {
    if (this.#departedEvents + events.length > DEPARTED_MAX) {
      this.#context.log.warn('Too many events of the saved state are under way: some are not kept until delivery', {
        limit: DEPARTED_MAX,
      });
      return hold;
    }
    const departed: Departed = { type, events, isFailed: false };
    this.#departed.add(departed);
    this.#departedEvents += events.length;
    return new Finalizer((status) => {
      if (status === 'errored') departed.isFailed = true;
      else this.#arrived(departed);
      hold.release(status);
      if (this.#hasEnded && this.#underway === 0) this.#settled();
    });
  }

  /** The input is over. Whether everything is safe; otherwise it is to go out as if nothing were kept. */
  end(): boolean {
    this.#timer?.cancel();
    this.#hasEnded = true;
    const successor = this.#successor;
    if (successor) {
      if (!successor.#adopt(this, this.#keeps.save(this.#context.clock.monotonic()))) return false;
      this.#keeps.onSaved?.();
      return true;
    }
    const isSafe = this.#save();
    if (this.#underway === 0) this.#leave();
    return isSafe;
  }

  /** All that had gone out before the end has come to its end too. */
  #settled(): void {
    if (!this.#successor) this.#save();
    this.#leave();
  }

  #leave(): void {
    if (owners.get(this.#file.path) === this) owners.delete(this.#file.path);
  }

  get #underway(): number {
    let count = 0;
    for (const { isFailed } of this.#departed) if (!isFailed) count += 1;
    return count;
  }

  #arrived(departed: Departed): void {
    if (!this.#departed.delete(departed)) return;
    this.#departedEvents -= departed.events.length;
  }

  /** Takes what the one before has, and saves it before that lets go. Whether it could. */
  #adopt(before: StateKeeper, kept: unknown): boolean {
    this.#predecessor = undefined;
    this.#inherit(before);
    try {
      this.#keeps.restore(copyOf(kept), this.#context.clock.monotonic(), 0);
    } catch (error) {
      this.#context.log.warn('The state of the component before does not fit this one, which begins with none', {
        error: (error as Error).message,
      });
      this.#save();
      return false;
    }
    return this.#save();
  }

  #inherit(before: StateKeeper): void {
    this.#inherited = [...before.#inherited, before].filter((one) => one.#departed.size > 0);
  }

  #saveLater(): void {
    this.#timer = this.#context.clock.after(this.#intervalMs, () => {
      if (!this.#predecessor) this.#save();
      this.#saveLater();
    });
  }

  #state(): Saved {
    const departed = [...this.#inherited, this].flatMap((one) =>
      [...one.#departed].map(({ type, events }) => ({ type, events })),
    );
    return { kept: this.#keeps.save(this.#context.clock.monotonic()), departed };
  }

  #save(): boolean {
    const { clock, faults } = this.#context;
    try {
      this.#file.save(this.#state(), clock.now());
    } catch (error) {
      faults.error('The state could not be saved.', {
        type: 'io_failed',
        stage: 'processing',
        code: 'state_save',
        fields: { error: (error as Error).message, file: this.#file.path },
      });
      return false;
    }
    this.#saves.add(1);
    this.#keeps.onSaved?.();
    return true;
  }

  /** Restores from the file; with `isSuccession`, what departed is still under way. */
  #load(isSuccession: boolean): void {
    let saved: SavedState | undefined;
    try {
      saved = this.#file.load();
      if (!saved) return;
      const { kept, departed } = saved.state as Saved;
      const { clock } = this.#context;
      this.#keeps.restore(kept, clock.monotonic(), Math.max(clock.now() - saved.savedMs, 0));
      if (isSuccession) return;
      const batches = departed.map(({ type, events }) => this.#batchOf(type, events));
      // Those behind may not have started yet.
      queueMicrotask(() => {
        for (const batch of batches) void this.#emit?.(batch);
      });
    } catch (error) {
      this.#damaged(error as Error);
    }
  }

  #batchOf(type: EventType, events: readonly Event[]): DecodedBatch {
    return decodedBatch(type, events as Event[], this.depart(type, events, new Finalizer()));
  }

  /** A state that cannot be used is set aside, and the component begins with nothing. */
  #damaged(error: Error): void {
    const fields: Record<string, string> = { error: error.message, file: this.#file.path };
    if (error instanceof DamagedState || !('code' in error)) {
      try {
        fields['file'] = this.#file.setAside();
      } catch (failure) {
        fields['error'] += `; ${(failure as Error).message}`;
      }
    }
    this.#context.faults.error(
      'The saved state cannot be used; it is set aside, and this component begins with none.',
      {
        type: 'reader_failed',
        stage: 'initializing',
        code: 'state_damaged',
        fields,
      },
    );
  }
}

/** As it would come from the file: nothing is shared with who saved it. */
function copyOf(kept: unknown): unknown {
  return decodeExact(encodeExact(kept));
}

/** The keeper of a transform whose configuration asks for one. */
export function stateKeeper(config: KeptStateConfig, context: TransformContext, keeps: Keeps): StateKeeper | undefined {
  return config && new StateKeeper(config, context, keeps);
}

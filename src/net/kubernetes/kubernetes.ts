// The API server as all components of the process share it: one client for each server, one list and watch for each set
// of objects, however many follow it.

import type { Clock } from '../../std/clock.ts';
import type { Random } from '../../std/random.ts';
import type { Access } from './access.ts';
import { ApiClient, type ApiClientOptions } from './api_client.ts';
import { type Held, type Kind, type Listener, Reflector } from './reflector.ts';

export interface KubernetesOptions extends ApiClientOptions {
  readonly random: Random;
}

export interface FollowOptions {
  readonly fieldSelector?: string | undefined;
  readonly usesCache: boolean;
}

/** The objects of one kind, followed until `close`. */
export interface Following<T extends Held> {
  readonly objects: ReadonlyMap<string, T>;
  readonly isSynced: boolean;
  /** Whether the server was heard since the last failure. */
  readonly isCurrent: boolean;
  readonly synced: Promise<void>;
  /** Estimated bytes of what is held. */
  readonly bytes: number;
  close(): Promise<void>;
}

interface SharedReflector {
  readonly reflector: Reflector<Held>;
  readonly stop: AbortController;
  readonly running: Promise<void>;
  users: number;
}

/** Components that run by different clocks share nothing. */
const servers = new WeakMap<Clock, Map<string, Kubernetes>>();

export class Kubernetes {
  readonly #client: ApiClient;
  readonly #options: KubernetesOptions;
  readonly #reflectors = new Map<string, SharedReflector>();
  readonly #onIdle: () => void;

  private constructor(access: Access, options: KubernetesOptions, onIdle: () => void) {
    this.#client = new ApiClient(access, options);
    this.#options = options;
    this.#onIdle = onIdle;
  }

  /**
   * The server of `access`, with the client that talks to it already where there is one; requests are then counted by
   * who was first.
   */
  static at(access: Access, options: KubernetesOptions): Kubernetes {
    let known = servers.get(options.clock);
    if (!known) servers.set(options.clock, (known = new Map()));
    const key = JSON.stringify(access);
    let found = known.get(key);
    if (!found) known.set(key, (found = new Kubernetes(access, options, () => known.delete(key))));
    return found;
  }

  /** Follows all objects of a kind. What is known already is told at once. */
  follow<T extends Held>(kind: Kind<T>, options: FollowOptions, listener: Listener<T>): Following<T> {
    const key = JSON.stringify([kind.path, options.fieldSelector, options.usesCache]);
    let shared = this.#reflectors.get(key);
    if (!shared) this.#reflectors.set(key, (shared = this.#start(kind as unknown as Kind<Held>, options)));
    shared.users += 1;
    const reflector = shared.reflector as unknown as Reflector<T>;
    reflector.listeners.add(listener);
    for (const object of reflector.objects.values()) listener.onObject(object);
    return {
      objects: reflector.objects,
      get isSynced() {
        return reflector.isSynced;
      },
      get isCurrent() {
        return reflector.isCurrent;
      },
      synced: reflector.synced,
      get bytes() {
        return reflector.bytes;
      },
      close: async () => {
        if (reflector.listeners.delete(listener)) await this.#leave(key, shared);
      },
    };
  }

  #start(kind: Kind<Held>, { fieldSelector, usesCache }: FollowOptions): SharedReflector {
    const reflector = new Reflector({ ...this.#options, kind, fieldSelector, usesCache, client: this.#client });
    const stop = new AbortController();
    return { reflector, stop, running: reflector.run(stop.signal), users: 0 };
  }

  async #leave(key: string, shared: SharedReflector): Promise<void> {
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#reflectors.delete(key);
    if (this.#reflectors.size === 0) this.#onIdle();
    shared.stop.abort();
    await shared.running;
    if (this.#reflectors.size === 0) await this.#client.close();
  }
}

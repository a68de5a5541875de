// Keeps track of the containers of an engine, by its list and its events, and has the logs of each read that is wanted.
//
//   list ─► those that run                     events since the list ─► started: read; destroyed: forgotten
//     ▲                                              │ failed or over
//     └─────────────────── wait ◄────────────────────┘
//
// Bound: CONTAINERS_MAX are read at a time; of the others as many positions are remembered.

import { buildFrameDecoder } from '../../codecs/framing/framing.ts';
import type { Output } from '../../component/define.ts';
import { sleep } from '../../std/clock.ts';
import { LruMap } from '../../std/lru_map.ts';
import type { Counter } from '../../telemetry/telemetry.ts';
import { ContainerLog, type LogOptions } from './container_log.ts';
import { containerEvents, containersUnwatched, containersWatched } from './metrics.ts';
import { LogPosition } from './position.ts';
import { engineFilters, isWantedContainer, type Selection } from './selection.ts';

const CONTAINERS_MAX = 10_000;
const EVENT_BYTES_MAX = 1_048_576;

interface Watched {
  readonly log: ContainerLog;
  readonly over: Promise<void>;
}

export class ContainerWatcher {
  readonly #options: LogOptions;
  readonly #selection: Selection;
  readonly #hostname: string;
  readonly #output: Output;
  readonly #stop: AbortSignal;
  readonly #watched = new Map<string, Watched>();
  readonly #positions = new LruMap<LogPosition>();
  readonly #startSeconds: number;
  readonly #started: Counter;
  readonly #ended: Counter;
  readonly #events: Counter;
  /** Events are asked for from here on. */
  #since: number;

  constructor(options: LogOptions, selection: Selection, hostname: string, output: Output, stop: AbortSignal) {
    const { context } = options;
    this.#options = options;
    this.#selection = selection;
    this.#hostname = hostname;
    this.#output = output;
    this.#stop = stop;
    this.#startSeconds = Math.floor(context.clock.now() / 1000);
    this.#since = this.#startSeconds;
    this.#started = context.counter(containersWatched);
    this.#ended = context.counter(containersUnwatched);
    this.#events = context.counter(containerEvents);
  }

  async run(): Promise<void> {
    const { context, backoffMs } = this.#options;
    while (!this.#stop.aborted) {
      try {
        await this.#follow();
        context.log.warn('The Docker engine ended its events; they are asked for again');
      } catch (error) {
        if (this.#stop.aborted) break;
        context.faults.error('Error in communication with Docker daemon.', {
          type: 'connection_failed',
          stage: 'receiving',
          fields: { error: (error as Error).message },
        });
      }
      await sleep(context.clock, backoffMs, this.#stop);
    }
    while (this.#watched.size > 0) await Promise.all([...this.#watched.values()].map(({ over }) => over));
  }

  /** Events are asked for first, so that no container is missed between them and the list. */
  async #follow(): Promise<void> {
    const { client, context } = this.#options;
    const filters = {
      type: ['container'],
      event: ['start', 'unpause', 'die', 'pause', 'destroy'],
      ...engineFilters(this.#selection, 'image'),
    };
    const query = { since: String(this.#since), filters: JSON.stringify(filters) };
    const events = await client.stream('/events', query, this.#stop);
    await this.#list();
    const lines = buildFrameDecoder(
      { method: 'newline_delimited', newline_delimited: { max_length: EVENT_BYTES_MAX, oversized_action: 'drop' } },
      { onDiscard: (reason, length) => context.log.warn(reason, { length }), clock: context.clock },
    );
    for await (const chunk of events as AsyncIterable<Buffer>) lines.push(chunk, (line) => this.#event(line));
  }

  async #list(): Promise<void> {
    const { client } = this.#options;
    const filters = JSON.stringify(engineFilters(this.#selection, 'ancestor'));
    const list = (await client.get('/containers/json', { filters }, this.#stop)) as readonly {
      readonly Id: string;
      readonly Names?: readonly string[] | null;
    }[];
    for (const { Id: id, Names: names } of list) {
      const name = (names?.[0] ?? '').replace(/^\//, '');
      if (isWantedContainer(this.#selection, id, name, this.#hostname)) this.#watch(id);
    }
  }

  #event(line: Buffer): void {
    const { log } = this.#options.context;
    let event: EngineEvent;
    try {
      event = JSON.parse(line.toString('utf8')) as EngineEvent;
    } catch (error) {
      log.warn('The Docker engine sent an event that cannot be read', { error: (error as Error).message });
      return;
    }
    const id = event?.Actor?.ID ?? event?.id;
    if (typeof id !== 'string' || id === '') return;
    this.#events.add(1);
    if (typeof event.time === 'number') this.#since = Math.max(this.#since, event.time);
    const action = event.Action ?? event.status;
    if (action === 'destroy') this.#positions.delete(id);
    else if (action === 'start' || action === 'unpause') {
      const name = String(event.Actor?.Attributes?.['name'] ?? '');
      if (isWantedContainer(this.#selection, id, name, this.#hostname)) this.#watch(id);
    }
  }

  #watch(id: string): void {
    const { context } = this.#options;
    const known = this.#watched.get(id);
    if (known) {
      known.log.startedAgain();
      return;
    }
    if (this.#watched.size >= CONTAINERS_MAX) {
      context.faults.error('Too many containers: the logs of some are not read.', {
        type: 'configuration_failed',
        stage: 'receiving',
        code: 'containers_limit',
        fields: { container_id: id, limit: CONTAINERS_MAX },
      });
      return;
    }
    const log = new ContainerLog(id, this.#positionOf(id), this.#options, this.#output);
    const over = log.run(this.#stop).finally(() => {
      this.#watched.delete(id);
      this.#ended.add(1);
      context.log.info('Stopped watching for container logs.', { container_id: id });
      // It was started just when its end had been found.
      if (log.isStartedAgain && !this.#stop.aborted) this.#watch(id);
    });
    this.#watched.set(id, { log, over });
    this.#started.add(1);
    context.log.info('Started watching for container logs.', { container_id: id });
  }

  #positionOf(id: string): LogPosition {
    let position = this.#positions.use(id);
    if (!position) {
      position = new LogPosition(this.#startSeconds);
      this.#positions.set(id, position);
      if (this.#positions.size > CONTAINERS_MAX) this.#positions.delete(this.#positions.oldest()![0]);
    }
    return position;
  }
}

/** An event of the engine; older ones have the id and action at the top. */
interface EngineEvent {
  readonly Action?: string;
  readonly status?: string;
  readonly id?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, unknown>> };
  readonly time?: number;
}

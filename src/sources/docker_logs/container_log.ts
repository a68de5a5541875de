// Reads the logs of one container for as long as it runs, and once more whenever it is started again.
//
//   start ─► ask about it ─► read ─► over: does it still run, or was it started again? ─► yes: go on from the position
//               ▲             │ failed                                                 └► no: what is open goes out
//               └── wait ◄────┘

import type { SourceContext } from '../../component/context.ts';
import type { Output } from '../../component/define.ts';
import { decodedBatch } from '../../event/batch.ts';
import { Finalizer } from '../../event/finalizer.ts';
import type { Path } from '../../event/path.ts';
import { type DockerClient, DockerError } from '../../net/docker/client.ts';
import { sleep, type Timer } from '../../std/clock.ts';
import { Throughput } from '../../telemetry/component_metrics.ts';
import type { Counter } from '../../telemetry/telemetry.ts';
import { type Container, ContainerFields, parseContainer } from './container_fields.ts';
import { logFrames } from './log_frames.ts';
import { ContainerMessages, type MessageOptions } from './messages.ts';
import type { LogPosition } from './position.ts';

/** What the containers of one source share. */
export interface LogOptions {
  readonly context: SourceContext;
  readonly client: DockerClient;
  readonly messages: MessageOptions;
  readonly hostKey: Path | undefined;
  readonly partialField: Path | undefined;
  readonly backoffMs: number;
  readonly receivedBytes: Counter;
}

export class ContainerLog {
  readonly #id: string;
  readonly #position: LogPosition;
  readonly #options: LogOptions;
  readonly #output: Output;
  #messages: ContainerMessages | undefined;
  #received: Throughput | undefined;
  #isStartedAgain = false;
  #timer: Timer | undefined;
  /** What is being sent: one batch after the other. */
  #sending: Promise<void> | undefined;

  constructor(id: string, position: LogPosition, options: LogOptions, output: Output) {
    this.#id = id;
    this.#position = position;
    this.#options = options;
    this.#output = output;
  }

  /** Whether it was started since its logs were last asked for. */
  get isStartedAgain(): boolean {
    return this.#isStartedAgain;
  }

  /** The container was started, so that an end of its logs is none. */
  startedAgain(): void {
    this.#isStartedAgain = true;
  }

  /** Reads until the container is over, its logs cannot be had, or `stop` aborts. */
  async run(stop: AbortSignal): Promise<void> {
    const { context, backoffMs } = this.#options;
    let goesOn = true;
    while (goesOn && !stop.aborted) {
      try {
        this.#isStartedAgain = false;
        await this.#read(await this.#describe(stop), stop);
        // The engine may say so a moment before it knows that the container is over.
        goesOn = this.#isStartedAgain || (await this.#describe(stop)).isRunning;
        if (goesOn && !this.#isStartedAgain) await sleep(context.clock, backoffMs, stop);
      } catch (error) {
        if (stop.aborted) break;
        goesOn = this.#failed(error);
        if (goesOn) await sleep(context.clock, backoffMs, stop);
      }
    }
    this.#timer?.cancel();
    this.#messages?.end();
    await this.#send();
  }

  async #describe(stop: AbortSignal): Promise<Container> {
    const { client } = this.#options;
    return parseContainer(await client.get(`/containers/${encodeURIComponent(this.#id)}/json`, {}, stop));
  }

  async #read(container: Container, stop: AbortSignal): Promise<void> {
    const { context, client, receivedBytes, hostKey, partialField } = this.#options;
    this.#received ??= Throughput.received(context, { container_name: container.name });
    this.#messages ??= new ContainerMessages(
      this.#options.messages,
      new ContainerFields(context, container, hostKey, partialField),
      this.#position,
    );
    const messages = this.#messages;
    const onDiscard = (length: number): void =>
      context.faults.discarded(1, 'A message is longer than allowed.', false, { length });
    const frames = logFrames(container.isTerminal, onDiscard, context.clock);
    const query = {
      follow: 'true',
      stdout: 'true',
      stderr: 'true',
      timestamps: 'true',
      since: String(this.#position.resume()),
      tail: 'all',
    };
    const body = await client.stream(`/containers/${encodeURIComponent(this.#id)}/logs`, query, stop);
    for await (const chunk of body as AsyncIterable<Buffer>) {
      receivedBytes.add(chunk.length);
      frames.push(chunk, (stream, message) => messages.take(stream, message));
      messages.flushDue(context.clock.now());
      await this.#send();
      this.#flushLater(messages);
    }
  }

  /** Lines that wait for others go out when their time is over. */
  #flushLater(messages: ContainerMessages): void {
    const { clock } = this.#options.context;
    this.#timer?.cancel();
    this.#timer = undefined;
    const { deadlineMs } = messages;
    if (deadlineMs === Number.POSITIVE_INFINITY) return;
    this.#timer = clock.after(Math.max(deadlineMs - clock.now(), 0), () => {
      messages.flushDue(clock.now());
      void this.#send().then(() => this.#flushLater(messages));
    });
  }

  async #send(): Promise<void> {
    while (this.#sending) await this.#sending;
    const events = this.#messages?.events() ?? [];
    const { chunkSizeEvents } = this.#options.context.globals;
    for (let at = 0; at < events.length; at += chunkSizeEvents) {
      const batch = decodedBatch('log', events.slice(at, at + chunkSizeEvents), new Finalizer());
      this.#received?.add(batch.count, batch.sizeBytes);
      const wait = this.#output.send(batch);
      if (!wait) continue;
      this.#sending = wait;
      await wait;
      this.#sending = undefined;
    }
  }

  /** Whether to try again. */
  #failed(error: unknown): boolean {
    const { faults, log } = this.#options.context;
    const fields = { error: (error as Error).message, container_id: this.#id };
    if (error instanceof DockerError && error.status === 404) {
      log.debug('Container is gone', fields);
      return false;
    }
    if (error instanceof DockerError && error.status === 501) {
      faults.error('The logging driver of the container keeps no logs that can be read.', {
        type: 'configuration_failed',
        stage: 'receiving',
        fields,
      });
      return false;
    }
    faults.error('Error in communication with Docker daemon.', {
      type: 'connection_failed',
      stage: 'receiving',
      fields,
    });
    return true;
  }
}

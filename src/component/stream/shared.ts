// What both ways of reading a stream need.

import type { Intake } from '../../engine/arena/intake.ts';
import type { Throughput } from '../../telemetry/component_metrics.ts';
import type { Counter } from '../../telemetry/telemetry.ts';
import type { SourceContext } from '../context.ts';
import type { StreamCodec, StreamReader } from './stream.ts';

export interface Shared {
  readonly context: SourceContext;
  readonly codec: StreamCodec;
  readonly intake: Intake;
  readonly received: Throughput;
  readonly receivedBytes: Counter;
}

export function identityOf(context: SourceContext) {
  return {
    id: context.id,
    type: context.type,
    logSchema: context.globals.logSchema,
    logNamespace: context.logNamespace,
  };
}

/** Sends one after the other; a promise only when somebody has to wait. */
export function sendAll<T>(
  items: readonly T[],
  send: (item: T) => Promise<void> | undefined,
): Promise<void> | undefined {
  for (let i = 0; i < items.length; i++) {
    const wait = send(items[i]!);
    if (wait) return i + 1 === items.length ? wait : sendRest(wait, items.slice(i + 1), send);
  }
  return undefined;
}

async function sendRest<T>(
  first: Promise<void>,
  rest: readonly T[],
  send: (item: T) => Promise<void> | undefined,
): Promise<void> {
  await first;
  for (const item of rest) await send(item);
}

/** Copies bytes into the room of a reader. */
export async function pushThrough(reader: StreamReader, intake: Intake, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length && !reader.broken; ) {
    const room = reader.room();
    if (!room) {
      await intake.available();
      continue;
    }
    const count = chunk.copy(room, 0, at);
    at += count;
    await reader.filled(count);
  }
}

// The connection of a sink that writes a stream: made again when it breaks, counted and said.

import type { Socket } from 'node:net';
import { ownConnections } from '../net/connection_memory.ts';
import { StreamWriter } from '../net/stream/writer.ts';
import { defineCounter } from '../telemetry/telemetry.ts';
import { connectionEstablished, connectionShutdown, openConnections } from './connection_source.ts';
import type { SinkContext } from './context.ts';

const connectionSendErrors = defineCounter({
  name: 'connection_send_errors_total',
  doc: 'Connections that broke while something was sent.',
  labels: [{ name: 'mode', values: ['tcp', 'unix'] }],
});

/** A writer over connections that `dial` makes. */
export function connectionWriter(
  context: SinkContext,
  mode: 'tcp' | 'unix',
  dial: (stop: AbortSignal) => Promise<Socket>,
): StreamWriter {
  const { clock, random, faults, log } = context;
  const established = context.counter(connectionEstablished, { mode });
  const shutdown = context.counter(connectionShutdown, { mode });
  const sendErrors = context.counter(connectionSendErrors, { mode });
  const open = context.gauge(openConnections);
  let connections = 0;
  ownConnections(context, 'stream', () => ({ open: connections }));
  return new StreamWriter({
    dial,
    clock,
    random,
    events: {
      connected() {
        established.add(1);
        open.set(1);
        connections = 1;
        log.debug('Connected', { mode });
      },
      failed(error, delayMs) {
        faults.error('Unable to connect.', {
          type: 'connection_failed',
          stage: 'sending',
          code: 'failed_connecting',
          fields: { error: error.message, mode, retry_ms: Math.round(delayMs) },
        });
      },
      closed(error) {
        open.set(0);
        connections = 0;
        shutdown.add(1);
        if (!error) return;
        sendErrors.add(1);
        faults.error('Error sending data.', {
          type: 'writer_failed',
          stage: 'sending',
          code: 'socket_send',
          fields: { error: error.message, mode },
        });
      },
    },
  });
}

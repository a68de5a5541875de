// What went through each network device, and the states of TCP connections.

import { type Filter, isReported } from './filter.ts';
import { isMissing, readLines, readText } from './read_file.ts';
import type { Collect, Roots } from './round.ts';

/** `network_{receive,transmit}_{bytes,errs,packets}_total`, `network_transmit_packets_drop_total`. */
export function networkCollector({ proc }: Roots, devices: Filter): Collect {
  return async (round) => {
    for (const line of (await readText(`${proc}/net/dev`)).split('\n')) {
      const match = /^\s*([^|]+):\s*(\d.*)$/.exec(line);
      if (!match || !isReported(match[1]!, devices)) continue;
      const tags = { device: match[1]! };
      // Received: bytes, packets, errors, drops and four more; then the same sent.
      const numbers = match[2]!.trim().split(/ +/).map(Number);
      const [bytesIn, packetsIn, errorsIn] = numbers;
      const [bytesOut, packetsOut, errorsOut, dropsOut] = numbers.slice(8);
      round.counter('network_receive_bytes_total', bytesIn ?? Number.NaN, tags);
      round.counter('network_receive_errs_total', errorsIn ?? Number.NaN, tags);
      round.counter('network_receive_packets_total', packetsIn ?? Number.NaN, tags);
      round.counter('network_transmit_bytes_total', bytesOut ?? Number.NaN, tags);
      round.counter('network_transmit_errs_total', errorsOut ?? Number.NaN, tags);
      round.counter('network_transmit_packets_drop_total', dropsOut ?? Number.NaN, tags);
      round.counter('network_transmit_packets_total', packetsOut ?? Number.NaN, tags);
    }
  };
}

/** States by the number that the kernel gives them, from 1. */
const STATES = [
  'established',
  'syn_sent',
  'syn_recv',
  'fin_wait1',
  'fin_wait2',
  'time_wait',
  'close',
  'close_wait',
  'last_ack',
  'listen',
  'closing',
] as const;

/** `tcp_connections_total` by state, `tcp_tx_queued_bytes_total`, `tcp_rx_queued_bytes_total`: IPv4 and IPv6 together. */
export function tcpCollector({ proc }: Roots): Collect {
  return async (round) => {
    const counts = new Map<string, number>();
    let sending = 0;
    let received = 0;
    const read = (line: string): void => {
      // number, local address, remote address, state, bytes to send and received
      const match = /^\s*\d+: \S+ \S+ ([0-9A-F]{2}) ([0-9A-F]{8}):([0-9A-F]{8}) /.exec(line);
      if (!match) return;
      const state = STATES[Number.parseInt(match[1]!, 16) - 1];
      if (state === undefined) return;
      counts.set(state, (counts.get(state) ?? 0) + 1);
      sending += Number.parseInt(match[2]!, 16);
      received += Number.parseInt(match[3]!, 16);
    };
    await readLines(`${proc}/net/tcp`, read);
    // A system may have no IPv6.
    await readLines(`${proc}/net/tcp6`, read).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
    for (const [state, count] of counts) round.gauge('tcp_connections_total', count, { state });
    round.gauge('tcp_tx_queued_bytes_total', sending);
    round.gauge('tcp_rx_queued_bytes_total', received);
  };
}

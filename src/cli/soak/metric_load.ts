// Metrics as peers send or offer them: a page of Prometheus text, and a remote write request.

import { snappyCompress } from '../../std/snappy.ts';

/** A few series whose values grow with `count`. */
export function prometheusText(count: number): string {
  return [
    '# TYPE soak_requests_total counter',
    ...['GET', 'POST'].map((method, i) => `soak_requests_total{method="${method}"} ${count * (i + 1)}`),
    '# TYPE soak_queue gauge',
    `soak_queue ${count % 97}`,
    '# TYPE soak_seconds histogram',
    `soak_seconds_bucket{le="0.1"} ${count}`,
    `soak_seconds_bucket{le="+Inf"} ${2 * count}`,
    `soak_seconds_sum ${count / 4}`,
    `soak_seconds_count ${2 * count}`,
    '',
  ].join('\n');
}

/** The body of a remote write request: `series` counters, compressed as the protocol asks. */
export function remoteWriteBody(series: number, count: number, nowMs: number): Uint8Array {
  const parts: Buffer[] = [];
  for (let i = 0; i < series; i++) {
    const value = Buffer.alloc(8);
    value.writeDoubleLE(count + i);
    const sample = Buffer.concat([Buffer.from([0x09]), value, Buffer.from([0x10]), varint(nowMs)]);
    const labels = [
      ['__name__', 'soak_requests_total'],
      ['instance', `host${i}`],
    ].map(([name, text]) => field(1, Buffer.concat([field(1, Buffer.from(name!)), field(2, Buffer.from(text!))])));
    parts.push(field(1, Buffer.concat([...labels, field(2, sample)])));
  }
  return snappyCompress(Buffer.concat(parts));
}

/** A field of protobuf whose value has a length. */
function field(number: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([8 * number + 2]), varint(value.length), value]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

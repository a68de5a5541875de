// Writes the requests of Prometheus' remote write protocol; `read_write_request.ts` has their shape. Each sample is
// first written as a series of its own, which is a valid request already; `mergeSeries` puts those of one series together.

import { ByteSink } from '../encoding/byte_sink.ts';
import { type FamilyType, labelsBeside, samplesOf } from './exposition.ts';
import { BYTES, varintBytes, WireReader, writeVarint } from './wire.ts';
import type { WrittenSeries } from './write_text.ts';

const TYPE_NUMBERS: Readonly<Record<FamilyType, number>> = { counter: 1, gauge: 2, histogram: 3, summary: 5 };

const SAMPLE_VALUE = 0x09;
const SAMPLE_TIMESTAMP = 0x10;
const SERIES = 0x0a;
const METADATA = 0x1a;
const LABEL = 0x0a;
const SAMPLES = 0x12;

/** The fields of a request for one series: its type, and its numbers, each as a series. */
export function encodeSeries(series: WrittenSeries, nowMs: number): Buffer {
  const out = new ByteSink(undefined, { firstBytes: 512 });
  const { name, labels, timestampMs = nowMs, value } = series;
  // An empty label is as good as none.
  const own = labelsBeside(labels, value.type).filter(([label, text]) => label !== '__name__' && text !== '');
  writeMetadata(out, name, value.type);
  samplesOf(value, (suffix, number, label, text) => {
    const all: (readonly [string, string])[] = [['__name__', name + suffix], ...own];
    if (label !== undefined) all.push([label, text!]);
    // Receivers rely on this order.
    all.sort(([a], [b]) => (a < b ? -1 : 1));
    writeSeries(out, all, number, timestampMs);
  });
  return out.take();
}

function writeMetadata(out: ByteSink, name: string, type: FamilyType): void {
  const bytes = Buffer.byteLength(name);
  out.byte(METADATA);
  writeVarint(out, 3 + varintBytes(bytes) + bytes);
  out.byte(0x08);
  out.byte(TYPE_NUMBERS[type]);
  writeText(out, 0x12, name, bytes);
}

function writeSeries(
  out: ByteSink,
  labels: readonly (readonly [string, string])[],
  value: number,
  timestampMs: number,
): void {
  const sizes = labels.map(([name, text]) => [Buffer.byteLength(name), Buffer.byteLength(text)] as const);
  const labelSizes = sizes.map(([name, text]) => 2 + varintBytes(name) + name + varintBytes(text) + text);
  const sampleSize = 9 + 1 + varintBytes(timestampMs);
  const labelsSize = labelSizes.reduce((sum, size) => sum + 1 + varintBytes(size) + size, 0);
  out.byte(SERIES);
  writeVarint(out, labelsSize + 2 + sampleSize);
  for (const [i, [name, text]] of labels.entries()) {
    out.byte(LABEL);
    writeVarint(out, labelSizes[i]!);
    writeText(out, 0x0a, name, sizes[i]![0]);
    writeText(out, 0x12, text, sizes[i]![1]);
  }
  out.byte(SAMPLES);
  out.byte(sampleSize);
  out.byte(SAMPLE_VALUE);
  DOUBLE.writeDoubleLE(value);
  out.bytes(DOUBLE);
  out.byte(SAMPLE_TIMESTAMP);
  writeVarint(out, timestampMs);
}

const DOUBLE = Buffer.alloc(8);

function writeText(out: ByteSink, tag: number, text: string, bytes: number): void {
  out.byte(tag);
  writeVarint(out, bytes);
  out.text(text);
}

interface Merged {
  readonly labels: Buffer;
  samples: Buffer[];
}

/**
 * The same request with each series and each type in it once. With `lastOnly`, of the samples of a series only the last
 * stays: receivers refuse two samples of one time.
 */
export function mergeSeries(request: Buffer, lastOnly: boolean): Buffer {
  const series = new Map<string, Merged>();
  const metadata = new Map<string, Buffer>();
  const reader = new WireReader(request);
  while (!reader.isAtEnd) {
    const tag = reader.tag();
    const bytes = reader.bytes();
    if (tag === METADATA) {
      metadata.set(bytes.toString('latin1'), bytes);
      continue;
    }
    const split = endOfLabels(bytes);
    const labels = bytes.subarray(0, split);
    const key = labels.toString('latin1');
    let merged = series.get(key);
    if (!merged) series.set(key, (merged = { labels, samples: [] }));
    if (lastOnly) merged.samples = [];
    merged.samples.push(bytes.subarray(split));
  }
  return written(series.values(), metadata.values(), request.length);
}

function endOfLabels(series: Buffer): number {
  const reader = new WireReader(series);
  let end = 0;
  while (!reader.isAtEnd && reader.tag() === LABEL) {
    reader.skip(BYTES);
    end = reader.position;
  }
  return end;
}

function written(series: Iterable<Merged>, metadata: Iterable<Buffer>, mostBytes: number): Buffer {
  const out = new ByteSink(undefined, { firstBytes: mostBytes + 1 });
  for (const { labels, samples } of series) {
    out.byte(SERIES);
    writeVarint(
      out,
      samples.reduce((sum, { length }) => sum + length, labels.length),
    );
    out.bytes(labels);
    for (const sample of samples) out.bytes(sample);
  }
  for (const bytes of metadata) {
    out.byte(METADATA);
    writeVarint(out, bytes.length);
    out.bytes(bytes);
  }
  return out.take();
}

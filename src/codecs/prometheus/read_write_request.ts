// Reads the requests of Prometheus' remote write protocol, version 1:
//
//   WriteRequest  { 1: TimeSeries*, 3: Metadata* }
//   TimeSeries    { 1: Label*, 2: Sample*, 3: exemplars, 4: native histograms }
//   Label         { 1: name, 2: value }        Sample { 1: value (double), 2: milliseconds (int64) }
//   Metadata      { 1: type, 2: family name, 4: help, 5: unit }

import { Families } from './families.ts';
import { FormatProblem } from './problem.ts';
import type { FamilyKind } from './text_line.ts';
import { WireReader } from './wire.ts';

/** The types of metadata by their number. */
const KINDS: readonly FamilyKind[] = [
  'untyped',
  'counter',
  'gauge',
  'histogram',
  'untyped',
  'summary',
  'untyped',
  'untyped',
];

/** Labels of one series. */
const LABELS_MAX = 1_000;

/** Metadata of one request. */
const METADATA_MAX = 100_000;

export interface ReadRequest {
  readonly families: Families;
  /** Native histograms, which have no counterpart in the event model and are left out. */
  readonly nativeHistograms: number;
}

const TIMESTAMP_MS_MAX = 8_640_000_000_000_000;

/**
 * The families of a request. Throws `FormatProblem` when it is damaged, a series has no name, or a family is given two
 * types and `conflicts` says that this is refused; otherwise the first type stands.
 */
export function readWriteRequest(bytes: Buffer, conflicts: 'ignore' | 'reject'): ReadRequest {
  const families = new Families();
  // Types come behind the series that they are for.
  readMetadata(bytes, families, conflicts);
  let nativeHistograms = 0;
  const reader = new WireReader(bytes);
  while (!reader.isAtEnd) {
    const tag = reader.tag();
    if (tag === 0x0a) nativeHistograms += readSeries(reader.message(), families);
    else reader.skip(tag);
  }
  return { families, nativeHistograms };
}

function readMetadata(bytes: Buffer, families: Families, conflicts: 'ignore' | 'reject'): void {
  const reader = new WireReader(bytes);
  for (let seen = 0; !reader.isAtEnd; ) {
    const tag = reader.tag();
    if (tag !== 0x1a) {
      reader.skip(tag);
      continue;
    }
    seen += 1;
    if (seen > METADATA_MAX) throw new FormatProblem(`there are more than ${METADATA_MAX} types`);
    const { name, kind } = readOneMetadata(reader.message());
    if (families.declare(name, kind) && conflicts === 'reject')
      throw new FormatProblem(`multiple metric kinds given for metric name \`${name.slice(0, 200)}\``);
  }
}

function readOneMetadata(reader: WireReader): { name: string; kind: FamilyKind } {
  let name = '';
  let kind: FamilyKind = 'untyped';
  while (!reader.isAtEnd) {
    const tag = reader.tag();
    if (tag === 0x08) kind = KINDS[reader.varint()] ?? 'untyped';
    else if (tag === 0x12) name = reader.text();
    else reader.skip(tag);
  }
  return { name, kind };
}

/** Adds the samples of a series; how many native histograms it has besides. */
function readSeries(reader: WireReader, families: Families): number {
  const labels = new Map<string, string>();
  const samples: { value: number; timestampMs: number }[] = [];
  let nativeHistograms = 0;
  while (!reader.isAtEnd) {
    const tag = reader.tag();
    if (tag === 0x0a) readLabel(reader.message(), labels);
    else if (tag === 0x12) samples.push(readSample(reader.message()));
    else {
      if (tag === 0x22) nativeHistograms += 1;
      reader.skip(tag);
    }
  }
  const name = labels.get('__name__');
  if (name === undefined || name === '') throw new FormatProblem('a series has no label `__name__`');
  labels.delete('__name__');
  for (const { value, timestampMs } of samples) families.add(name, new Map(labels), value, timestampMs);
  return nativeHistograms;
}

function readLabel(reader: WireReader, labels: Map<string, string>): void {
  let name = '';
  let value = '';
  while (!reader.isAtEnd) {
    const tag = reader.tag();
    if (tag === 0x0a) name = reader.text();
    else if (tag === 0x12) value = reader.text();
    else reader.skip(tag);
  }
  labels.set(name, value);
  if (labels.size > LABELS_MAX) throw new FormatProblem(`a series has more than ${LABELS_MAX} labels`);
}

function readSample(reader: WireReader): { value: number; timestampMs: number } {
  let value = 0;
  let timestampMs = 0;
  while (!reader.isAtEnd) {
    const tag = reader.tag();
    if (tag === 0x09) value = reader.double();
    else if (tag === 0x10) timestampMs = reader.int64();
    else reader.skip(tag);
  }
  if (Math.abs(timestampMs) > TIMESTAMP_MS_MAX) throw new FormatProblem('a timestamp is out of range');
  return { value, timestampMs };
}

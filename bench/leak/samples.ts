// What is measured of a run, once a second, and how it is kept in files.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Sample {
  /** Seconds since the first one. */
  readonly t: number;
  readonly rss: number;
  readonly heapUsed: number;
  /** Memory of V8's objects outside of its heap, that of array buffers included. */
  readonly external: number;
  readonly arrayBuffers: number;
  /** What the registry says of itself: its cells, with the room for those to come. */
  readonly registry: number;
  /** Blocks of the lossless storage that were ever in use; 0 where there is none. */
  readonly blocks: number;
  /** Events and requests that came out of the pipeline. */
  readonly events: number;
  readonly requests: number;
  /** User and system CPU seconds of the pipeline. */
  readonly cpu: number;
  /** Whether the heap was collected just before. */
  readonly collected: boolean;
}

export interface Run {
  readonly arm: string;
  /** Events in a request; undefined when the sink's own limits decide. */
  readonly batchEvents: number | undefined;
  readonly seedLeakPerSecond: number;
  readonly machine: string;
  readonly node: string;
  /** Whether the sources were bundled as the published command is. */
  readonly isBundled: boolean;
  readonly startedAt: string;
  /** Of this much from the start nothing is judged. */
  readonly warmUpSecs: number;
  /** Bytes and milliseconds of the last scrape. */
  readonly scrapeBytes: number;
  readonly scrapeMs: number;
  /** Samples that the storage could not keep. */
  readonly lost: number;
  /** CPU seconds of the receiver and the generator together. */
  readonly othersCpu: number;
  /** Series that were scraped for the first time when the run had long begun. */
  readonly lateSeries: readonly { readonly t: number; readonly name: string }[];
  readonly samples: readonly Sample[];
}

const COLUMNS = [
  't',
  'rss',
  'heapUsed',
  'external',
  'arrayBuffers',
  'registry',
  'blocks',
  'events',
  'requests',
  'cpu',
  'collected',
] as const satisfies readonly (keyof Sample)[];

/** Writes NAME.json with what the run was, and NAME.csv with the samples. */
export function writeRun(folder: string, name: string, { samples, ...about }: Run): void {
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(about, undefined, 2)}\n`);
  const lines = samples.map((sample) => COLUMNS.map((column) => cell(sample[column])).join(','));
  writeFileSync(join(folder, `${name}.csv`), `${[COLUMNS.join(','), ...lines].join('\n')}\n`);
}

export function readRun(folder: string, name: string): Run {
  const about = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Omit<Run, 'samples'>;
  const [head, ...lines] = readFileSync(join(folder, `${name}.csv`), 'utf8')
    .trim()
    .split('\n');
  if (head !== COLUMNS.join(',')) throw new Error(`${name}.csv has other columns than ${COLUMNS.join(',')}`);
  return { ...about, samples: lines.map(sampleOf) };
}

function cell(value: number | boolean): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(Math.round(value * 1000) / 1000);
}

function sampleOf(line: string): Sample {
  const numbers = line.split(',').map(Number);
  const entries = COLUMNS.map((column, index) => [column, numbers[index]!] as const);
  return { ...Object.fromEntries(entries), collected: numbers.at(-1) === 1 } as unknown as Sample;
}

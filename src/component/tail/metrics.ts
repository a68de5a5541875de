// What the file source counts. The `file` label is there only with `internal_metrics.include_file_tag`, as names of
// files come from data: beyond the limit of the label they count as `other`.

import { componentReceivedBytes, Throughput } from '../../telemetry/component_metrics.ts';
import { type Counter, defineCounter, type Gauge, type Labels } from '../../telemetry/telemetry.ts';
import type { SourceContext } from '../context.ts';
import { openFiles } from '../file_metrics.ts';

const FILE_LABEL = { name: 'file', limit: 1000 };

const checkpointsWritten = defineCounter({ name: 'checkpoints_total', doc: 'Positions of files written to disk.' });
const checksumErrors = defineCounter({
  name: 'checksum_errors_total',
  doc: 'Files that are too small to be told from others by their first lines.',
  labels: [FILE_LABEL],
});
const filesAdded = defineCounter({
  name: 'files_added_total',
  doc: 'Files that began to be followed.',
  labels: [FILE_LABEL],
});
const filesDeleted = defineCounter({
  name: 'files_deleted_total',
  doc: 'Files removed because of `remove_after_secs`.',
  labels: [FILE_LABEL],
});
const filesResumed = defineCounter({
  name: 'files_resumed_total',
  doc: 'Files that went on being followed from a stored position.',
  labels: [FILE_LABEL],
});
const filesUnwatched = defineCounter({
  name: 'files_unwatched_total',
  doc: 'Files that are followed no more.',
  labels: [FILE_LABEL, { name: 'reached_eof', values: ['true', 'false'] }],
});
const lostBytes = defineCounter({
  name: 'sluice_file_lost_bytes_total',
  doc: 'Bytes of files that were truncated, removed or rotated away before they could be read.',
  labels: [{ name: 'file', limit: 100 }],
});

/** What is counted per batch. */
export interface Received {
  readonly events: Throughput;
  readonly bytes: Counter;
}

export class FileMetrics {
  readonly checkpoints: Counter;
  readonly open: Gauge;
  readonly #context: SourceContext;
  readonly #hasFileTag: boolean;
  readonly #received: Received;

  constructor(context: SourceContext, hasFileTag: boolean) {
    this.#context = context;
    this.#hasFileTag = hasFileTag;
    this.checkpoints = context.counter(checkpointsWritten);
    this.open = context.gauge(openFiles);
    this.#received = this.#bindReceived({});
  }

  added(path: string): void {
    this.#context.counter(filesAdded, this.#labels(path)).add(1);
  }

  resumed(path: string): void {
    this.#context.counter(filesResumed, this.#labels(path)).add(1);
  }

  deleted(path: string): void {
    this.#context.counter(filesDeleted, this.#labels(path)).add(1);
  }

  unwatched(path: string, reachedEnd: boolean): void {
    this.#context.counter(filesUnwatched, { ...this.#labels(path), reached_eof: String(reachedEnd) }).add(1);
  }

  /** Content that was there and cannot be read any more: counted by file, as each is a case to look into. */
  lost(path: string, bytes: number): void {
    this.#context.counter(lostBytes, { file: path }).add(bytes);
    this.#context.log.error('Content of a file was gone before it could be read.', { file: path, lost_bytes: bytes });
  }

  tooSmall(path: string): void {
    this.#context.counter(checksumErrors, this.#labels(path)).add(1);
  }

  /** The counters of what is read from `path`. */
  received(path: string): Received {
    return this.#hasFileTag ? this.#bindReceived({ file: path }) : this.#received;
  }

  #bindReceived(labels: Labels): Received {
    return {
      events: Throughput.received(this.#context, labels),
      bytes: this.#context.counter(componentReceivedBytes, { protocol: 'file', ...labels }),
    };
  }

  #labels(path: string): Labels {
    return this.#hasFileTag ? { file: path } : {};
  }
}

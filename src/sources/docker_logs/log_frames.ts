// Cuts the stream of a container's logs into messages.
//
//   without a terminal    stream (1 byte), 0 0 0, length (4 bytes, big-endian), message; 1 is standard output, 2 error
//   with a terminal       lines, nothing said about where they come from

import { buildFrameDecoder, type FrameDecoder } from '../../codecs/framing/framing.ts';
import type { Clock } from '../../std/clock.ts';

export type DockerStream = 'stdout' | 'stderr' | 'console';

/** A message as it came: the time in front, and the newline behind it where it is whole. Valid during the call. */
export type OnMessage = (stream: DockerStream, message: Buffer) => void;

export interface LogFrames {
  push(chunk: Buffer, onMessage: OnMessage): void;
}

/** Longer messages are dropped. An engine cuts them at 16 KiB. */
export const MESSAGE_BYTES_MAX = 1_048_576;

/** `onDiscard` is told of messages that are too long. */
export function logFrames(isTerminal: boolean, onDiscard: (length: number) => void, clock: Clock): LogFrames {
  return isTerminal ? new TerminalLines(onDiscard, clock) : new HeadedMessages(onDiscard);
}

class TerminalLines implements LogFrames {
  readonly #lines: FrameDecoder;

  constructor(onDiscard: (length: number) => void, clock: Clock) {
    this.#lines = buildFrameDecoder(
      { method: 'newline_delimited', newline_delimited: { max_length: MESSAGE_BYTES_MAX, oversized_action: 'drop' } },
      { onDiscard: (_, length) => onDiscard(length), clock },
    );
  }

  push(chunk: Buffer, onMessage: OnMessage): void {
    this.#lines.push(chunk, (line) => onMessage('console', Buffer.concat([line, NEWLINE])));
  }
}

const NEWLINE = Buffer.from('\n');
const HEADER_BYTES = 8;

class HeadedMessages implements LogFrames {
  readonly #onDiscard: (length: number) => void;
  /** The begin of a header or message whose rest is still to come. */
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of a message that is too long and still to come. */
  #skip = 0;

  constructor(onDiscard: (length: number) => void) {
    this.#onDiscard = onDiscard;
  }

  push(chunk: Buffer, onMessage: OnMessage): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    while (at < bytes.length) {
      if (this.#skip > 0) {
        const count = Math.min(this.#skip, bytes.length - at);
        this.#skip -= count;
        at += count;
        continue;
      }
      if (bytes.length - at < HEADER_BYTES) break;
      const stream = streamOf(bytes, at);
      const length = bytes.readUInt32BE(at + 4);
      const start = at + HEADER_BYTES;
      if (length > MESSAGE_BYTES_MAX) {
        this.#onDiscard(length);
        this.#skip = length;
        at = start;
        continue;
      }
      if (bytes.length - start < length) break;
      if (stream) onMessage(stream, bytes.subarray(start, start + length));
      at = start + length;
    }
    this.#rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : Buffer.alloc(0);
  }
}

/** The stream of a header; undefined for what a container was given on its standard input. */
function streamOf(bytes: Buffer, at: number): DockerStream | undefined {
  const stream = bytes[at]!;
  if (stream > 3 || bytes[at + 1] !== 0 || bytes[at + 2] !== 0 || bytes[at + 3] !== 0)
    throw new Error('the Docker engine sent a log that is not framed as it should be');
  return stream === 1 ? 'stdout' : stream === 0 ? undefined : 'stderr';
}

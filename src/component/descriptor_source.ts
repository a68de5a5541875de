// Reads a descriptor that the process was started with to its end: standard input and others.
//
//   pipe, socket   read without blocking by Node's event loop; so is a terminal
//   file           read on the thread pool, where a read never waits for anybody

import { fstatSync, read } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { type Connection, READ_BYTES, takeDescriptor, takeStream } from '../net/stream/connection.ts';
import type { SourceContext } from './context.ts';
import type { Output, Source } from './define.ts';
import type { SourceField } from './source_fields.ts';
import { StreamReaders } from './stream/readers.ts';
import type { StreamCodec } from './stream/stream.ts';
import { StreamIntake } from './stream_intake.ts';

export interface DescriptorOptions {
  readonly descriptor: number;
  readonly codec: StreamCodec;
  readonly fields: readonly SourceField[];
}

/** A source that reads a descriptor until it ends or the source is stopped. Throws when it is not open. */
export function descriptorSource(context: SourceContext, options: DescriptorOptions): Source {
  const { descriptor } = options;
  try {
    fstatSync(descriptor);
  } catch (cause) {
    throw new Error(`descriptor ${descriptor} cannot be read: ${(cause as Error).message}`, { cause });
  }
  return {
    async run(output, stop) {
      if (stop.aborted) return;
      const stat = fstatSync(descriptor);
      if (stat.isFIFO() || stat.isSocket())
        return readConnection(context, options, takeDescriptor(descriptor), output, stop);
      if (isatty(descriptor))
        return readConnection(context, options, takeStream(new ReadStream(descriptor)), output, stop);
      return readFile(context, options, output, stop);
    },
  };
}

function readConnection(
  context: SourceContext,
  { codec, fields }: DescriptorOptions,
  connection: Connection,
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const intake = new StreamIntake(context, { codec, protocol: 'none' }, output);
    const finish = (): void => stream.finish();
    const stream = intake.read(connection, { fields }, () => {
      stop.removeEventListener('abort', finish);
      intake.close();
      resolve();
    });
    stop.addEventListener('abort', finish, { once: true });
  });
}

const readDescriptor = promisify(read);

async function readFile(
  context: SourceContext,
  { codec, fields, descriptor }: DescriptorOptions,
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  const readers = new StreamReaders(context, codec, 'none');
  const reader = readers.open(output, { fields });
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  while (!stop.aborted && !reader.broken) {
    let count: number;
    try {
      ({ bytesRead: count } = await readDescriptor(descriptor, buffer, 0, buffer.length, null));
    } catch (error) {
      context.faults.error('Unable to read from source.', {
        type: 'reader_failed',
        stage: 'receiving',
        fields: { error: (error as Error).message, fd: descriptor },
      });
      break;
    }
    if (count === 0) break;
    await reader.push(buffer.subarray(0, count));
  }
  await reader.end();
  readers.close();
}

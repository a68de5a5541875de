// Writes events to standard output or standard error, one after the other.

import { batchEncoder } from '../../codecs/encoding/encoding.ts';
import { encoding } from '../../codecs/encoding/options.ts';
import { framing } from '../../codecs/framing_encode/options.ts';
import { acknowledgements } from '../../component/common_options.ts';
import { defineSink } from '../../component/define.ts';
import { streamSink } from '../../component/stream_sink.ts';
import { oneOf } from '../../schema/schema.ts';
import { openOutput } from './standard_output.ts';

export const sink = defineSink({
  type: 'console',
  status: 'stable',
  summary: 'Display observability events in the console, which can be useful for debugging purposes.',
  options: {
    acknowledgements: acknowledgements(),
    encoding: encoding(),
    framing: framing(),
    target: oneOf(['stdout', 'stderr'], 'The stream that events are written to.', { default: 'stdout' }),
  },
  examples: [
    { title: 'Print events as JSON lines', config: 'encoding:\n  codec: json' },
    { title: 'Print messages on standard error', config: 'target: stderr\nencoding:\n  codec: text' },
  ],
  sample: { target: 'stdout', encoding: { codec: 'json', json: { pretty: false } } },
  inputs: () => ['log', 'metric', 'trace'],
  build(config, context) {
    const { clock, globals } = context;
    const encoder = batchEncoder(config.encoding, config.framing, 'stream', { logSchema: globals.logSchema, clock });
    const output = openOutput(config.target === 'stdout' ? 1 : 2, (error) => {
      context.faults.error('Error writing to output. Stopping sink.', {
        type: 'io_failed',
        stage: 'sending',
        fields: { error: error.message, target: config.target },
      });
    });
    return streamSink(context, encoder, output, 'console');
  },
});

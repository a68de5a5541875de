// Collects logs from a file descriptor that was open when the process started, and ends when it does.

import { decoding } from '../../codecs/decoding/options.ts';
import { framing } from '../../codecs/framing/options.ts';
import { defineSource } from '../../component/define.ts';
import { descriptorSource } from '../../component/descriptor_source.ts';
import { decodedTypes, sourceCodec } from '../../component/source_codec.ts';
import { fieldKey } from '../../component/source_keys.ts';
import { uint } from '../../schema/schema.ts';

const DESCRIPTOR_MAX = 2 ** 31 - 1;

export const source = defineSource({
  type: 'file_descriptor',
  status: 'stable',
  summary: 'Collect logs from a file descriptor.',
  options: {
    decoding: decoding(),
    fd: uint('The number of the descriptor to read from.', { max: DESCRIPTOR_MAX, examples: [10] }),
    framing: framing(),
    host_key: fieldKey('The field that gets the name of this host, `log_schema.host_key` by default.'),
    max_length: uint('Has no effect, as in Vector. Use `max_length` of the framing.', {
      default: 102_400,
      unit: 'bytes',
    }),
  },
  examples: [{ title: 'Lines from descriptor 10', config: 'fd: 10' }],
  outputs: (config) => [{ port: undefined, types: decodedTypes(config.decoding) }],
  resources: (config) => [`fd:${config.fd}`],
  acknowledges: false,
  build(config, context) {
    const { hostname, logSchema } = context.globals;
    // Here an empty name does not switch the field off.
    const legacyKey = config.host_key === undefined || config.host_key === 'off' ? logSchema.host : config.host_key;
    return descriptorSource(context, {
      descriptor: config.fd,
      codec: sourceCodec(config.decoding, config.framing, 'stream', context),
      fields: [{ name: ['host'], legacyKey, mode: 'insert_if_empty', value: hostname }],
    });
  },
});

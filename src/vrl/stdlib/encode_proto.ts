import { bytesValue, type Value } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { ProtobufProblem } from '../formats/protobuf.ts';
import { messageTypeOf } from '../formats/protobuf_descriptor.ts';
import { encodeProtobuf } from '../formats/protobuf_encode.ts';
import { defineFunction, optional, required } from '../function.ts';

export const encodeProto = defineFunction({
  name: 'encode_proto',
  category: 'Codec',
  doc: 'Writes an object as a [protobuf](https://protobuf.dev) message. Members that the message does not have are left out.',
  parameters: [
    required('value', 'any', 'The object to write.'),
    required('desc_file', 'bytes', 'The path of the descriptor set, which `protoc -o` makes.', { compileTime: true }),
    required('message_type', 'bytes', 'The full name of the message type.', { compileTime: true }),
    optional(
      'allow_lossy_string_coercion',
      'boolean',
      'Whether numbers, booleans and timestamps become text where the message wants text.',
      { default: true },
    ),
  ],
  failures: ['`value` is not an object, or a member cannot be what the message wants.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    {
      title: 'Write a message',
      source: `encode_base64(encode_proto!(
  { "name": "Ada", "id": 7, "level": "HIGH" },
  desc_file: "person.desc",
  message_type: "test.Person"
))`,
      result: 'CgNBZGEQB0AC',
    },
  ],
  prepare(call) {
    const type = messageTypeOf(call);
    return (value: Value, _file, _type, coercesToText: boolean) => {
      try {
        return bytesValue(encodeProtobuf(type, value, { coercesToText }));
      } catch (error) {
        if (error instanceof ProtobufProblem) return fail(error.message);
        throw error;
      }
    };
  },
});

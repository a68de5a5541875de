import { fail } from '../4_run/failure.ts';
import { bytesOf } from '../formats/bytes.ts';
import { jsonTypeDef } from '../formats/json_type.ts';
import { ProtobufProblem } from '../formats/protobuf.ts';
import { decodeProtobuf } from '../formats/protobuf_decode.ts';
import { messageTypeOf } from '../formats/protobuf_descriptor.ts';
import { defineFunction, required } from '../function.ts';

export const parseProto = defineFunction({
  name: 'parse_proto',
  category: 'Parse',
  doc: 'Reads a [protobuf](https://protobuf.dev) message as an object. Fields that are not set are left out.',
  parameters: [
    required('value', 'bytes', 'The message.'),
    required('desc_file', 'bytes', 'The path of the descriptor set, which `protoc -o` makes.', { compileTime: true }),
    required('message_type', 'bytes', 'The full name of the message type.', { compileTime: true }),
  ],
  failures: ['`value` is not a message.', 'An enum has a number without a name.'],
  notices: ['Enums are given by name, and the keys of maps as text.'],
  returns: { kinds: ['object'], fallible: true },
  examples: [
    {
      title: 'Read a message',
      source: `parse_proto!(
  decode_base64!("CgNBZGEQB0AC"),
  desc_file: "person.desc",
  message_type: "test.Person"
)`,
      result: { name: 'Ada', id: 7, level: 'HIGH' },
    },
  ],
  type: () => jsonTypeDef(),
  prepare(call) {
    const type = messageTypeOf(call);
    return (value: string | Uint8Array) => {
      try {
        return decodeProtobuf(type, bytesOf(value));
      } catch (error) {
        if (error instanceof ProtobufProblem) return fail(error.message);
        throw error;
      }
    };
  },
});

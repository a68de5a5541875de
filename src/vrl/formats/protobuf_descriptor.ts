// The arguments that name a message type: the file of a descriptor set, and the type in it.

import type { Call } from '../function.ts';
import { invalidArgument } from '../function.ts';
import { textOf } from './bytes.ts';
import { debugText } from './debug_text.ts';
import { loadMessageType, type MessageType } from './protobuf.ts';

/** The message type that `desc_file` and `message_type` name; refuses the call when there is none. */
export function messageTypeOf(call: Call): MessageType {
  const path = textOf(call.literal('desc_file') as string | Uint8Array);
  const name = textOf(call.literal('message_type') as string | Uint8Array);
  const bytes = call.environment.readFile(path);
  if (typeof bytes === 'string') throw invalidArgument('desc_file', debugText(path), bytes);
  const type = loadMessageType(bytes, name);
  if (typeof type !== 'string') return type;
  throw type.startsWith('it has no')
    ? invalidArgument('message_type', debugText(name), `the file has no message type of that name`)
    : invalidArgument('desc_file', debugText(path), type);
}

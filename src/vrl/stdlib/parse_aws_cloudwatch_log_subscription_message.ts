// Reads what CloudWatch Logs sends to a subscription.

import { Timestamp } from '../../event/timestamp.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { Collection, Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { bytesOf } from '../formats/bytes.ts';
import { JsonProblem } from '../formats/json_scan.ts';
import { TypedJsonReader } from '../formats/typed_json.ts';
import { defineFunction, required } from '../function.ts';

const TEXT = Kind.of('bytes');
const EVENT = Kind.objectOf({ id: TEXT, timestamp: Kind.of('timestamp'), message: TEXT });
const KIND = Kind.objectOf({
  owner: TEXT,
  message_type: TEXT,
  log_group: TEXT,
  log_stream: TEXT,
  subscription_filters: Kind.array(Collection.of<number>([], TEXT)),
  log_events: Kind.array(Collection.of<number>([], EVENT)),
});

export const parseAwsCloudwatchLogSubscriptionMessage = defineFunction({
  name: 'parse_aws_cloudwatch_log_subscription_message',
  category: 'Parse',
  doc: 'Reads a message that AWS CloudWatch Logs sends to a subscription, as the `aws_kinesis_firehose` source receives it.',
  parameters: [required('value', 'bytes', 'The message: JSON.')],
  failures: ['`value` is no such message.'],
  returns: { kinds: ['object'], fallible: true },
  type: () => typeDef(KIND, 'maybe'),
  examples: [
    {
      title: 'One event',
      source: `parse_aws_cloudwatch_log_subscription_message!(s'{"messageType":"DATA_MESSAGE","owner":"1111","logGroup":"web","logStream":"a","subscriptionFilters":["all"],"logEvents":[{"id":"356","timestamp":1612386835000,"message":"hello"}]}')`,
      result: {
        owner: '1111',
        message_type: 'DATA_MESSAGE',
        log_group: 'web',
        log_stream: 'a',
        subscription_filters: ['all'],
        log_events: [{ id: '356', timestamp: new Timestamp(1612386835, 0), message: 'hello' }],
      },
    },
  ],
  run(value: string | Uint8Array) {
    try {
      return readMessage(new TypedJsonReader(bytesOf(value)));
    } catch (error) {
      if (error instanceof JsonProblem) return fail(`unable to parse: ${error.message}`);
      throw error;
    }
  },
});

function readMessage(reader: TypedJsonReader): ObjectValue {
  const message: ObjectValue = {};
  const text = (name: string) => () => {
    message[name] = reader.text();
  };
  const list = (name: string, item: () => Value) => () => {
    const items: Value[] = [];
    reader.array(() => items.push(item()));
    message[name] = items;
  };
  reader.object('struct AwsCloudWatchLogsSubscriptionMessage', {
    owner: text('owner'),
    messageType: () => {
      message['message_type'] = reader.word(['CONTROL_MESSAGE', 'DATA_MESSAGE']);
    },
    logGroup: text('log_group'),
    logStream: text('log_stream'),
    subscriptionFilters: list('subscription_filters', () => reader.text()),
    logEvents: list('log_events', () => readEvent(reader)),
  });
  reader.end();
  return message;
}

/** Milliseconds that have a date. */
const MS_MAX = 8_210_266_876_799_999n;

function readEvent(reader: TypedJsonReader): ObjectValue {
  const event: ObjectValue = {};
  reader.object('struct AwsCloudWatchLogEvent', {
    id: () => {
      event['id'] = reader.text();
    },
    timestamp: () => {
      const ms = reader.integer('a unix timestamp in milliseconds');
      if (ms > MS_MAX || ms < -MS_MAX) reader.refuse(`value is not a legal timestamp: ${ms}`);
      event['timestamp'] = Timestamp.fromMs(Number(ms));
    },
    message: () => {
      event['message'] = reader.text();
    },
  });
  return event;
}

// The option `decoding` of sources.

import { namedZone } from '../../event/timezone.ts';
import { bool, object, oneOf, string, variants } from '../../schema/schema.ts';

const lossy = () =>
  bool('Whether bytes that are not UTF-8 become U+FFFD. Otherwise frames with such bytes are refused.', {
    default: true,
  });

/** Vector ignores unknown members everywhere below `decoding`. */
const lenient = { unknown: 'warn' } as const;

const cases = {
  bytes: {},
  gelf: {
    gelf: object(
      'Options of the `gelf` codec.',
      {
        lossy: lossy(),
        validation: oneOf(
          ['relaxed', 'strict'],
          'How strictly messages must follow the format: `relaxed` takes other versions and any additional fields.',
          { default: 'strict' },
        ),
      },
      lenient,
    ),
  },
  influxdb: { influxdb: object('Options of the `influxdb` codec.', { lossy: lossy() }, lenient) },
  json: { json: object('Options of the `json` codec.', { lossy: lossy() }, lenient) },
  native_json: { native_json: object('Options of the `native_json` codec.', { lossy: lossy() }, lenient) },
  vrl: {
    vrl: object(
      'Options of the `vrl` codec.',
      {
        source: string('The program. It is given a log whose message is the frame.', {
          program: true,
          syntax: 'vrl',
          examples: ['. = parse_json!(.message)'],
        }),
        timezone: string('The time zone of times that name none; the global one unless given.', {
          optional: true,
          examples: ['local', 'America/New_York'],
          validate: (name) =>
            name === 'local' || namedZone(name) !== undefined ? undefined : `there is no time zone \`${name}\``,
        }),
      },
      { ...lenient, required: true },
    ),
  },
  syslog: { syslog: object('Options of the `syslog` codec.', { lossy: lossy() }, lenient) },
} as const;

const DOC = 'How each frame becomes events.';
const NOT_YET = ['avro', 'native', 'otlp', 'protobuf'] as const;
const about = { ...lenient, notYet: NOT_YET, tagDoc: 'The codec that reads events.' } as const;

/** `decoding` of sources: the text of the message as it is, unless said otherwise. */
export function decoding() {
  return variants(DOC, 'codec', cases, {}, { ...about, default: 'bytes' });
}

/** `decoding` of sources whose own default depends on other options. */
export function optionalDecoding() {
  return variants(DOC, 'codec', cases, {}, { ...about, optional: true });
}

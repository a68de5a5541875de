// The option groups `encoding` of sinks: with a codec, and without one where the sink has its own format.

import { formatPath, type Path, parsePath } from '../../event/path.ts';
import {
  array,
  asciiChar,
  bool,
  map,
  object,
  oneOf,
  ParseProblem,
  parsed,
  string,
  uint,
  variants,
} from '../../schema/schema.ts';
import { CEF_BYTES_MAX, CEF_VERSIONS } from './cef.ts';
import { QUOTE_STYLES } from './csv.ts';
import { type FieldRules, TIMESTAMP_FORMATS } from './fields.ts';
import { GELF_CHUNK_BYTES, GELF_HEADER_BYTES } from './gelf.ts';
import { METRIC_TAG_VALUES } from './metric_text.ts';
import { SYSLOG_RFCS } from './syslog.ts';

/** `encoding` of sinks whose users choose the codec. */
export function encoding() {
  return variants(
    'How events become bytes.',
    'codec',
    {
      cef: { cef: cef() },
      csv: { csv: csv() },
      gelf: { gelf: gelf() },
      json: { json: json(), metric_tag_values: metricTagValues() },
      logfmt: {},
      native_json: {},
      raw_message: {},
      syslog: { syslog: syslog() },
      text: { metric_tag_values: metricTagValues() },
    },
    fieldRules(),
    {
      tagDoc: 'The codec that writes events.',
      notYet: ['avro', 'native', 'otlp', 'protobuf'],
      unknown: 'warn',
      checkAll: overlaps,
    },
  );
}

/** `encoding` of sinks with a format of their own: only what is done to fields before. */
export function fieldEncoding() {
  return object('What is done to fields before events are written.', fieldRules(), {
    unknown: 'warn',
    checkAll: overlaps,
  });
}

function fieldRules() {
  return {
    except_fields: array(fieldPath('A field of the event.'), 'Fields that are left out.', {
      optional: true,
      examples: [['host', 'kubernetes.labels']],
    }),
    only_fields: array(fieldPath('A field of the event.'), 'The only fields that are written.', {
      optional: true,
      examples: [['message', 'timestamp']],
    }),
    timestamp_format: oneOf(TIMESTAMP_FORMATS, 'How timestamps are written.', { optional: true }),
  } as const;
}

function overlaps({ only_fields: only, except_fields: except }: FieldRules) {
  const kept = new Set(only?.map(formatPath));
  return (except ?? []).flatMap((path, index) =>
    kept.has(formatPath(path))
      ? [[['except_fields', index], `\`${formatPath(path)}\` is in \`only_fields\` too`] as const]
      : [],
  );
}

/** A path in the event itself. */
function fieldPath(doc: string) {
  return parsed(string(doc, { syntax: 'path' }), (text) => {
    const path = parsePath(text);
    if (typeof path === 'string') return new ParseProblem(path);
    return path.target === 'event'
      ? path
      : new ParseProblem('metadata is not encoded, so only fields can be named here');
  });
}

/** A path in the event or its metadata. */
function targetPath(doc: string) {
  return parsed(string(doc, { syntax: 'path' }), readPath);
}

function optionalPath(doc: string) {
  return parsed(string(doc, { syntax: 'path', optional: true }), readPath);
}

function readPath(text: string): Path | ParseProblem {
  const path = parsePath(text);
  return typeof path === 'string' ? new ParseProblem(path) : path;
}

function metricTagValues() {
  return oneOf(
    METRIC_TAG_VALUES,
    'How metric tags with several values are written: the last value, all of them as a list, or whichever fits.',
    { default: 'single' },
  );
}

function json() {
  return object(
    'Options of the `json` codec.',
    { pretty: bool('Whether the JSON is spread over indented lines.', { default: false }) },
    { unknown: 'warn' },
  );
}

function gelf() {
  return object(
    'Options of the `gelf` codec.',
    {
      max_chunk_size: uint('Largest datagram over UDP; longer messages are sent in chunks.', {
        default: GELF_CHUNK_BYTES,
        min: GELF_HEADER_BYTES + 1,
        unit: 'bytes',
      }),
    },
    { unknown: 'warn' },
  );
}

function csv() {
  return object(
    'Options of the `csv` codec.',
    {
      capacity: uint('Size of Vector’s internal buffer; it has no effect.', { default: 8192, unit: 'bytes' }),
      delimiter: asciiChar('The character between fields.', { default: ',' }),
      double_quote: bool('Whether a quote inside of quotes is doubled; otherwise the escape character precedes it.', {
        default: true,
      }),
      escape: asciiChar('The character that escapes quotes when they are not doubled.', { default: '"' }),
      fields: array(targetPath('A field of the event.'), 'The fields that are written, in this order.', {
        examples: [['timestamp', 'host', 'message']],
        validate: (fields) => (fields.length > 0 ? undefined : 'name at least one field'),
      }),
      quote: asciiChar('The character around fields.', { default: '"' }),
      quote_style: oneOf(QUOTE_STYLES, 'Which fields have quotes around them.', { default: 'necessary' }),
    },
    { unknown: 'warn' },
  );
}

function cef() {
  return object(
    'Options of the `cef` codec.',
    {
      device_event_class_id: headerText('Identifies the type of event.', 'device_event_class_id'),
      device_product: headerText('The product that the events are from.', 'device_product'),
      device_vendor: headerText('The vendor of the product.', 'device_vendor'),
      device_version: headerText('The version of the product.', 'device_version'),
      extensions: map(
        targetPath('The field whose text is the value.'),
        'Extensions by key, and the fields they hold.',
        {
          examples: [{ src: 'source_ip', msg: 'message' }],
        },
      ),
      name: targetPath('The field with the name of the event, at most 512 bytes.'),
      severity: targetPath('The field with the severity, a whole number from 0 to 10.'),
      version: oneOf(CEF_VERSIONS, 'The version of the format.'),
    },
    {
      unknown: 'warn',
      checkAll: ({ extensions }: { extensions: ReadonlyMap<string, Path> }) =>
        [...extensions.keys()]
          .filter((key) => !/^[\p{Alphabetic}\p{Nd}]+$/u.test(key))
          .map((key) => [['extensions', key], 'a key of an extension is made of letters and digits'] as const),
    },
  );
}

function headerText(doc: string, name: keyof typeof CEF_BYTES_MAX) {
  const max = CEF_BYTES_MAX[name];
  return string(doc, {
    validate: (text) => (Buffer.byteLength(text) <= max ? undefined : `must be at most ${max} bytes long`),
  });
}

function syslog() {
  return object(
    'Options of the `syslog` codec.',
    {
      app_name: optionalPath('The field with the name of the program; otherwise `appname`, otherwise `vector`.'),
      facility: optionalPath('The field with the facility, by name or number; otherwise `user`.'),
      msg_id: optionalPath('The field with the message id.'),
      proc_id: optionalPath('The field with the process id.'),
      rfc: oneOf(SYSLOG_RFCS, 'The form of the messages.', { default: 'rfc5424' }),
      severity: optionalPath('The field with the severity, by name or number; otherwise `informational`.'),
    },
    { unknown: 'warn' },
  );
}

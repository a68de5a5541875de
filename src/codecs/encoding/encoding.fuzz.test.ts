import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { logBatch, metricBatch, traceBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { parseJson } from '../../event/json.ts';
import { DEFAULT_LOG_SCHEMA } from '../../event/log_schema.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { setField } from '../../event/object.ts';
import { textOf } from '../../event/text.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { cloneValue, float, type ObjectValue, Regex, type Value } from '../../event/value.ts';
import { check, object } from '../../schema/schema.ts';
import { FakeClock } from '../../std/clock.ts';
import { framing } from '../framing_encode/options.ts';
import { ByteSink } from './byte_sink.ts';
import { type BatchEncoder, batchEncoder, EncodeError } from './encoding.ts';
import { encoding } from './options.ts';

const context = { logSchema: DEFAULT_LOG_SCHEMA, clock: new FakeClock() };
const options = object('Sample.', { encoding: encoding(), framing: framing() });

function encoder(config: ObjectValue, frames?: ObjectValue): BatchEncoder {
  const { value, problems } = check(options, { encoding: config, framing: frames });
  assert.ok(value, JSON.stringify(problems));
  return batchEncoder(value.encoding, value.framing, 'stream', context);
}

const log = (value: Value): LogEvent => ({ value, metadata: EMPTY_METADATA });

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom(' ', '"', '=', '\\', '\n', '\r', '\t', ',', ';', 'a', 'n', '|', ']', '\0', '\u2028', 'é'),
    maxLength: 8,
  }),
);
const names = fc.oneof(
  fc.constantFrom(
    'message',
    'host',
    'timestamp',
    'level',
    'a',
    'b',
    'short_message',
    'sev',
    '__proto__',
    'constructor',
    'toJSON',
  ),
  text,
);
const { value: anyValue } = fc.letrec<{ value: Value; object: ObjectValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).filter((big) => !Number.isSafeInteger(Number(big))),
    fc.double({ noNaN: true }).map(float),
    text,
    fc.uint8Array({ maxLength: 6 }),
    fc
      .tuple(fc.integer({ min: -1e13, max: 1e13 }), fc.nat(999_999_999))
      .map(([seconds, nanos]) => new Timestamp(seconds, nanos)),
    text.map((source) => new Regex(source)),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.array(fc.tuple(names, tie('value')), { maxLength: 6 }).map((members) => {
    const result: ObjectValue = {};
    for (const [name, member] of members) setField(result, name, member);
    return result;
  }),
}));

const CODECS: ObjectValue[] = [
  { codec: 'json' },
  { codec: 'json', json: { pretty: true } },
  { codec: 'native_json' },
  { codec: 'text' },
  { codec: 'raw_message' },
  { codec: 'logfmt' },
  { codec: 'csv', csv: { fields: ['message', 'a', 'b'] } },
  { codec: 'csv', csv: { fields: ['message'], quote_style: 'non_numeric', double_quote: false, escape: '\\' } },
  { codec: 'gelf' },
  { codec: 'syslog', syslog: { facility: 'a', severity: 'level', app_name: 'b', proc_id: 'host', msg_id: 'message' } },
  { codec: 'syslog', syslog: { rfc: 'rfc3164', app_name: 'a' } },
  {
    codec: 'cef',
    cef: {
      version: 'V1',
      device_vendor: 'v|',
      device_product: 'p',
      device_version: '1',
      device_event_class_id: 'c',
      severity: 'sev',
      name: 'message',
      extensions: { a: 'a', b: 'b' },
    },
  },
];

const CONFIGS = CODECS.flatMap((config): ObjectValue[] => [
  config,
  { ...config, only_fields: ['message', 'a.b', 'b[0]', 'b[-1]'], timestamp_format: 'unix_float' },
  { ...config, except_fields: ['message', 'a[0]', 'b.a'], timestamp_format: 'unix_ns' },
]);

test('an encoder writes any value or throws an EncodeError, and never changes the event', () => {
  const encoders = CONFIGS.map((config) => encoder(config));
  fc.assert(
    fc.property(anyValue, (value) => {
      const before = cloneValue(value);
      for (const one of encoders) {
        try {
          assert.ok(Buffer.isBuffer(one.encodeOne(log(value), 'log')));
        } catch (error) {
          assert.ok(error instanceof EncodeError, String(error));
        }
      }
      assert.deepEqual(value, before);
    }),
    { numRuns: 150 },
  );
});

const anyNumber = fc.double();
const anyMetric = fc.record<MetricEvent>({
  name: text,
  namespace: fc.option(text, { nil: undefined }),
  tags: fc.option(
    fc
      .array(fc.tuple(names, fc.oneof(text, fc.constant(null), fc.array(fc.option(text), { maxLength: 3 }))))
      .map((tags) => new Map(tags)),
    { nil: undefined },
  ),
  timestamp: fc.option(fc.constant(new Timestamp(1, 2)), { nil: undefined }),
  kind: fc.constantFrom('incremental', 'absolute'),
  value: fc.oneof(
    anyNumber.map((value) => ({ type: 'counter' as const, value })),
    fc.array(text).map((values) => ({ type: 'set' as const, values })),
    fc
      .array(fc.record({ value: anyNumber, rate: fc.nat() }))
      .map((samples) => ({ type: 'distribution' as const, samples, statistic: 'summary' as const })),
    fc
      .array(fc.record({ upperLimit: anyNumber, count: fc.nat() }))
      .map((buckets) => ({ type: 'aggregated_histogram' as const, buckets, count: 1, sum: 1 })),
    fc
      .record({
        keys: fc.array(fc.integer({ min: -32768, max: 32767 })),
        counts: fc.array(fc.nat(9)),
        count: fc.nat(9),
        min: anyNumber,
        max: anyNumber,
        sum: anyNumber,
        avg: anyNumber,
      })
      .map((sketch) => ({ type: 'sketch' as const, sketch })),
  ),
  metadata: fc.constant(EMPTY_METADATA),
});

test('metrics and traces are written or refused, whatever they hold', () => {
  const encoders = CONFIGS.map((config) => encoder(config));
  fc.assert(
    fc.property(anyMetric, anyValue, (metric, value) => {
      for (const one of encoders) {
        for (const batch of [metricBatch([metric], undefined, 0), traceBatch([log(value)], undefined, 0)]) {
          const out = new ByteSink();
          let errors = 0;
          const written = one.encode(batch, out, (_, error) => {
            assert.ok(error instanceof EncodeError);
            errors++;
          });
          assert.equal(written + errors, 1);
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('JSON lines are one line each and read back', () => {
  const json = encoder({ codec: 'json' });
  fc.assert(
    fc.property(fc.array(anyValue, { maxLength: 3 }), (values) => {
      const out = new ByteSink();
      json.encode(logBatch(values.map(log), undefined, 0), out, (_, error) => assert.fail(error));
      const lines = String(out.take()).split('\n');
      assert.equal(lines.length, values.length + 1);
      for (const line of lines.slice(0, -1)) parseJson(line);
    }),
  );
});

test('length framing around anything can be taken apart again', () => {
  const framed = encoder({ codec: 'text' }, { method: 'length_delimited', length_delimited: {} });
  fc.assert(
    fc.property(fc.array(text), (messages) => {
      const out = new ByteSink();
      framed.encode(logBatch(messages.map((message) => log({ message }))), out, (_, error) => assert.fail(error));
      let rest = out.take();
      for (const message of messages) {
        const length = rest.readUInt32BE(0);
        assert.equal(String(rest.subarray(4, 4 + length)), message);
        rest = rest.subarray(4 + length);
      }
      assert.equal(rest.length, 0);
    }),
  );
});

/** RFC 4180, any delimiter and quote. */
function parseCsv(line: string, delimiter: string, quote: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = '';
    if (line[at] === quote) {
      for (at++; line[at] !== quote || line[at + 1] === quote; at++) {
        assert.ok(at < line.length, 'a quote is not closed');
        if (line[at] === quote) at++;
        field += line[at];
      }
      at++;
      assert.ok(at === line.length || line[at] === delimiter, 'text after a closing quote');
    } else {
      while (at < line.length && line[at] !== delimiter) {
        assert.ok(line[at] !== quote, 'a quote in a field without quotes');
        field += line[at++];
      }
    }
    fields.push(field);
    if (at >= line.length) return fields;
    at++;
  }
}

test('CSV is parseable: with quotes around all, and the first line of a stream in any quoting style', () => {
  const fields = ['a', 'b', 'message'];
  fc.assert(
    fc.property(
      fc.array(fc.record({ a: text, b: fc.oneof(text, fc.integer()), message: text }), { minLength: 1 }),
      fc.constantFrom(',', ';', '\t'),
      fc.constantFrom('"', "'"),
      fc.constantFrom('necessary', 'non_numeric', 'always'),
      (rows, delimiter, quote, style) => {
        const csv = encoder({ codec: 'csv', csv: { fields, delimiter, quote, quote_style: style } });
        for (const [index, row] of rows.entries()) {
          if (index > 0 && style !== 'always') break;
          const line = String(csv.encodeMessage(log(row), 'log'));
          assert.deepEqual(parseCsv(line, delimiter, quote), [row.a, String(row.b), row.message]);
        }
      },
    ),
  );
});

/** Pairs of a logfmt line, escapes undone. */
function parseLogfmt(line: string): Map<string, string | true> {
  const pairs = new Map<string, string | true>();
  let at = 0;
  const token = (): string => {
    let found = '';
    const quoted = line[at] === '"';
    if (quoted) at++;
    while (at < line.length && (quoted ? line[at] !== '"' : !/[ =]/.test(line[at]!))) {
      if (line[at] === '\\') at++;
      found += line[at++];
    }
    if (quoted) assert.equal(line[at++], '"', 'a quote is not closed');
    return found;
  };
  while (at < line.length) {
    const key = token();
    if (line[at] === '=') {
      at++;
      pairs.set(key, token());
    } else pairs.set(key, true);
    if (at < line.length) assert.equal(line[at++], ' ');
  }
  return pairs;
}

test('logfmt is one line and parseable', () => {
  const logfmt = encoder({ codec: 'logfmt' });
  const shown = (written: string) => written.replaceAll('\n', '\\n');
  fc.assert(
    fc.property(
      fc.dictionary(
        text.filter((key) => key !== ''),
        fc.oneof(text, fc.integer(), fc.constant(true)),
      ),
      (members) => {
        const line = String(logfmt.encodeMessage(log(members as ObjectValue), 'log'));
        assert.ok(!line.includes('\n'));
        const expected = new Map(
          Object.entries(members).map(([key, value]) => [shown(key), value === true ? true : shown(textOf(value))]),
        );
        const got = new Map([...parseLogfmt(line)].map(([key, value]) => [key, value]));
        assert.deepEqual(new Map([...got].sort()), new Map([...expected].sort()));
      },
    ),
  );
});

test('only_fields of plain names does what moving fields one by one does', () => {
  const plain = encoder({ codec: 'json', only_fields: ['a.b', 'message', 'c'] });
  // A last path with an index makes the encoder take the long way.
  const moved = encoder({ codec: 'json', only_fields: ['a.b', 'message', 'c', 'none[0]'] });
  fc.assert(
    fc.property(anyValue, anyValue, anyValue, (a, message, c) => {
      const event = log({ a: { b: a, other: 1 }, message, c, none: null });
      assert.deepEqual(plain.encodeOne(event, 'log'), moved.encodeOne(event, 'log'));
    }),
  );
});

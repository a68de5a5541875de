import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Sketch } from '../../event/metric.ts';
import { displayFloat, textOf } from '../../event/text.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, Regex } from '../../event/value.ts';
import { check, object } from '../../schema/schema.ts';
import { framing } from '../framing_encode/options.ts';
import { ByteSink } from './byte_sink.ts';
import { EncodeError } from './codec.ts';
import { gelfChunks } from './gelf.ts';
import { metricText } from './metric_text.ts';
import { encoding, fieldEncoding } from './options.ts';
import { sketchQuantile } from './sketch.ts';

test('floats have no exponent and no trailing zero', () => {
  const texts: [number, string][] = [
    [2, '2'],
    [-0, '-0'],
    [1.5, '1.5'],
    [1e21, '1000000000000000000000'],
    [1.5e22, '15000000000000000000000'],
    [123456789.125e20, '12345678912500000000000000000'],
    [1e-9, '0.000000001'],
    [-1.25e-7, '-0.000000125'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'NaN'],
  ];
  for (const [value, text] of texts) assert.equal(displayFloat(value), text);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = displayFloat(value);
      assert.match(text, /^-?\d+(\.\d*[1-9])?$/);
      assert.ok(Object.is(Number(text), value));
    }),
  );
});

test('any value has a text', () => {
  assert.equal(textOf('x'), 'x');
  assert.equal(textOf(null), '<null>');
  assert.equal(textOf(9007199254740993n), '9007199254740993');
  assert.equal(textOf(new Float(2)), '2');
  assert.equal(textOf(new Timestamp(0, 5)), '1970-01-01T00:00:00.000000005Z');
  assert.equal(textOf(new Regex('a+')), 'a+');
  assert.equal(textOf([1, new Float(2), null]), '[1,2.0,null]');
  assert.equal(textOf(false), 'false');
});

test('a sink of bytes collects text and bytes in order', () => {
  const pieces = fc.array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array(), fc.constant('x'.repeat(20_000)), fc.nat(255)),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(pieces, (appended) => {
      const out = new ByteSink();
      for (const piece of appended) {
        if (typeof piece === 'number') out.byte(piece);
        else out.append(piece);
      }
      const expected = Buffer.concat(
        appended.map((piece) => (typeof piece === 'number' ? Buffer.of(piece) : Buffer.from(piece as string))),
      );
      assert.equal(out.length, expected.length);
      assert.deepEqual(out.view(), expected);
      assert.deepEqual(out.take(), expected);
      assert.equal(out.length, 0);
    }),
    { numRuns: 100 },
  );
});

test('what was taken from a sink is not written again', () => {
  const out = new ByteSink();
  out.text('x'.repeat(15_000));
  const large = out.take();
  out.text('small');
  const kept = out.capacity;
  const small = out.take();
  assert.equal(out.capacity, kept, 'a small body does not take the large buffer with it');
  out.text('other');
  assert.equal(String(small), 'small');
  assert.equal(String(large), 'x'.repeat(15_000));
});

test('a sink keeps to its limit, exactly, and stays as it was', () => {
  const out = new ByteSink(10);
  out.text('éé');
  out.bytes(Buffer.from('abc'));
  assert.throws(() => out.text('dééé'), EncodeError);
  assert.throws(() => out.bytes(Buffer.alloc(4)), EncodeError);
  assert.equal(String(out.view()), 'ééabc');
  assert.equal(out.room, 3);
  out.text('dé');
  assert.throws(() => out.byte(0x61), EncodeError);
  assert.equal(String(out.view()), 'ééabcdé');
  assert.ok(out.capacity <= 10);
  out.truncate(4);
  assert.equal(String(out.view()), 'éé');
  out.clear();
  assert.equal(out.length, 0);
});

test('a GELF message that fits is one datagram, a larger one is cut into chunks', () => {
  const id = Buffer.from('8 bytes!');
  assert.deepEqual(
    gelfChunks(Buffer.from('fits'), 13, () => id),
    [Buffer.from('fits')],
  );
  const chunks = gelfChunks(Buffer.from('abcdefgh-123456'), 14, () => id);
  assert.deepEqual(
    chunks.map((chunk) => chunk.toString('latin1')),
    ['ab', 'cd', 'ef', 'gh', '-1', '23', '45', '6'].map(
      (part, index) => `\x1e\x0f8 bytes!${String.fromCharCode(index, 8)}${part}`,
    ),
  );
  assert.equal(gelfChunks(Buffer.alloc(128), 13, () => id).length, 128);
  assert.throws(() => gelfChunks(Buffer.alloc(129), 13, () => id), { name: 'EncodeError', message: /129 chunks/ });
});

// Three samples of 0.03, one of 2, two of 70, and the quantiles that Vector exposes of them.
const SKETCH: Sketch = {
  keys: [1112, 1383, 1612],
  counts: [3, 1, 2],
  count: 6,
  min: 0.03,
  max: 70,
  sum: 142.09,
  avg: 142.09 / 6,
};

test('quantiles of a sketch', () => {
  assert.equal(sketchQuantile(SKETCH, 0.5), 0.03036562031067654);
  assert.equal(sketchQuantile(SKETCH, 0.75), 69.97563505770276);
  assert.equal(sketchQuantile(SKETCH, 0.9), 69.97563505770276);
  assert.equal(sketchQuantile(SKETCH, 0.95), 70);
  assert.equal(sketchQuantile(SKETCH, 0), 0.03);
  assert.equal(sketchQuantile(SKETCH, 1), 70);
  assert.equal(sketchQuantile({ ...SKETCH, count: 0 }, 0.5), undefined);
});

test('the text of a sketch has its quantiles', () => {
  const metric = { name: 's', kind: 'absolute' as const, metadata: { value: {} } };
  assert.equal(
    metricText({ ...metric, value: { type: 'sketch', sketch: { ...SKETCH, avg: 23.5 } } }, 'single'),
    's{} = count=6 sum=142.09 min=0.03 max=70 avg=23.5 50=0.03036562031067654 75=69.97563505770276 90=69.97563505770276 99=70',
  );
});

test('names and tags that cannot be seen are escaped', () => {
  const metric = {
    name: 'a b\u0001\u200b',
    tags: new Map([['k\n', 'v\t"\\é ']]),
    kind: 'absolute' as const,
    metadata: { value: {} },
  };
  assert.equal(
    metricText({ ...metric, value: { type: 'gauge', value: 1 } }, 'single'),
    '"a b\\u{1}\\u{200b}"{"k\\n"="v\\t\\"\\\\é "} = 1',
  );
});

const options = object('Sample.', { encoding: encoding(), framing: framing() });
const problems = (raw: unknown) =>
  check(options, raw).problems.map(({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`);
const encodingProblems = (raw: unknown) => problems({ encoding: raw });

test('encoding: defaults and types', () => {
  const { value } = check(options, { encoding: { codec: 'csv', csv: { fields: ['a', '%b'] } } });
  assert.ok(value?.encoding.codec === 'csv');
  const { fields, ...rest } = value.encoding.csv;
  assert.deepEqual(
    { ...rest },
    { capacity: 8192, delimiter: 44, double_quote: true, escape: 34, quote: 34, quote_style: 'necessary' },
  );
  assert.deepEqual(
    fields.map(({ target }) => target),
    ['event', 'metadata'],
  );
  assert.equal(value.framing, undefined);
  const json = check(options, { encoding: { codec: 'json', json: {} } }).value?.encoding;
  assert.ok(json?.codec === 'json');
  assert.deepEqual([json.json.pretty, json.metric_tag_values], [false, 'single']);
});

test('encoding: what is wrong with it is said', () => {
  assert.deepEqual(problems({}), ['error encoding: `codec` is required']);
  assert.deepEqual(encodingProblems({ codec: 'jsn' }), ['error encoding.codec: unknown value `jsn`']);
  for (const codec of ['avro', 'native', 'otlp', 'protobuf'])
    assert.match(
      encodingProblems({ codec })[0]!,
      /is one of Vector's values that this version of Sluice does not have/,
    );
  assert.deepEqual(encodingProblems({ codec: 'json', only_fields: ['a', '.b'], except_fields: ['c', 'b'] }), [
    'error encoding.except_fields.1: `b` is in `only_fields` too',
  ]);
  assert.match(encodingProblems({ codec: 'json', only_fields: ['a b'] })[0]!, /only_fields\.0: `a b` is not a path/);
  assert.match(encodingProblems({ codec: 'json', except_fields: ['%a'] })[0]!, /metadata is not encoded/);
  assert.deepEqual(encodingProblems({ codec: 'csv' }), ['error encoding.csv: `fields` is required']);
  assert.match(encodingProblems({ codec: 'csv', csv: { fields: [] } })[0]!, /at least one field/);
  assert.match(encodingProblems({ codec: 'gelf', gelf: { max_chunk_size: 12 } })[0]!, /at least 13/);
  assert.match(encodingProblems({ codec: 'json', pretty: true })[0]!, /^warning encoding\.pretty: unknown option/);
  assert.deepEqual(encodingProblems({ codec: 'json', timestamp_format: 'unix_us' }), []);
});

test('encoding: the fields of CEF are checked', () => {
  const cef = {
    version: 'V0',
    device_vendor: 'v',
    device_product: 'p',
    device_version: '1',
    device_event_class_id: 'c',
    severity: 's',
    name: 'n',
    extensions: {},
  };
  assert.deepEqual(encodingProblems({ codec: 'cef', cef }), []);
  assert.match(
    encodingProblems({ codec: 'cef', cef: { ...cef, device_vendor: 'é'.repeat(32) } })[0]!,
    /at most 63 bytes/,
  );
  assert.match(
    encodingProblems({ codec: 'cef', cef: { ...cef, extensions: { 'a b': 'x' } } })[0]!,
    /extensions\.a b: .*letters and digits/,
  );
});

test('encoding without a codec has the rules for fields', () => {
  const own = object('Sample.', { encoding: fieldEncoding() });
  assert.deepEqual({ ...check(own, {}).value?.encoding }, {});
  assert.equal(check(own, { encoding: { only_fields: ['a'], except_fields: ['a'] } }).problems.length, 1);
});

test('framing: what is wrong with it is said', () => {
  const framingProblems = (raw: unknown) => problems({ encoding: { codec: 'text' }, framing: raw });
  assert.deepEqual(framingProblems({ method: 'bytes' }), []);
  assert.deepEqual(framingProblems({}), ['error framing: `method` is required']);
  assert.match(framingProblems({ method: 'octet_counting' })[0]!, /unknown value `octet_counting`/);
  assert.match(framingProblems({ method: 'character_delimited' })[0]!, /`character_delimited` is required/);
  assert.match(framingProblems({ method: 'length_delimited' })[0]!, /`length_delimited` is required/);
  assert.match(
    framingProblems({ method: 'character_delimited', character_delimited: { delimiter: '||' } })[0]!,
    /one ASCII character/,
  );
  assert.match(
    framingProblems({ method: 'length_delimited', length_delimited: { length_field_length: 9 } })[0]!,
    /from 1 to 8/,
  );
});

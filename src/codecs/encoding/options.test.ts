import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, object } from '../../schema/schema.ts';
import { framing } from '../framing_encode/options.ts';
import { encoding, fieldEncoding } from './options.ts';

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

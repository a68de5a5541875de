import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Batch, frameOf, layoutOf, logBatch, metricBatch, type RawBatch, traceBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { Finalizer } from '../../event/finalizer.ts';
import { parseJson } from '../../event/json.ts';
import { DEFAULT_LOG_SCHEMA } from '../../event/log_schema.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { metricFromJson } from '../../event/metric_json.ts';
import { parseRfc3339 } from '../../event/timestamp.ts';
import { bytesValue, type ObjectValue, type Value } from '../../event/value.ts';
import { check, object } from '../../schema/schema.ts';
import { FakeClock } from '../../std/clock.ts';
import type { SinkStyle } from '../framing_encode/framing.ts';
import { framing } from '../framing_encode/options.ts';
import { ByteSink } from './byte_sink.ts';
import { type BatchEncoder, batchEncoder, EncodeError } from './encoding.ts';
import { encoding } from './options.ts';

const context = { logSchema: DEFAULT_LOG_SCHEMA, clock: new FakeClock() };
const options = object('Sample.', { encoding: encoding(), framing: framing() });

/** The encoder that a configuration describes; a string is the codec alone. */
function encoder(config: string | ObjectValue, frames?: ObjectValue, style: SinkStyle = 'stream'): BatchEncoder {
  const raw = { encoding: typeof config === 'string' ? { codec: config } : config, framing: frames };
  const { value, problems } = check(options, raw);
  assert.ok(value, JSON.stringify(problems));
  return batchEncoder(value.encoding, value.framing, style, context);
}

const log = (value: Value): LogEvent => ({ value, metadata: EMPTY_METADATA });
const logs = (...values: Value[]): Batch => logBatch(values.map(log));
const failed = (index: number, error: EncodeError): never => assert.fail(`event ${index}: ${error.message}`);

function stream(from: BatchEncoder, batch: Batch): string {
  const out = new ByteSink();
  assert.equal(from.encode(batch, out, failed), batch.count);
  return String(out.take());
}

function body(from: BatchEncoder, ...batches: Batch[]): string {
  const out = new ByteSink();
  from.encodeBody(batches, out, failed);
  return String(out.take());
}

/** A raw batch of lines as a source of lines makes it: in a slot, each behind the other. */
function rawBatch(text: string | Buffer, delimiter = 0x0a): RawBatch {
  const bytes = Buffer.concat([Buffer.from('before'), Buffer.from(text), Buffer.from('behind')]);
  const frames: number[] = [];
  let start = 6;
  for (let i = 6; i < bytes.length - 6; i++) {
    if (bytes[i] !== delimiter) continue;
    frames.push(start, i - start);
    start = i + 1;
  }
  return {
    kind: 'raw',
    type: 'log',
    hold: { bytes, retain() {}, release() {} },
    frames: Int32Array.from(frames),
    count: frames.length / 2,
    sizeBytes: bytes.length,
    delimiter,
    ingestedMs: 0,
    streamOffset: -1,
    layout: layoutOf({
      decodeFrame: (batch, index) => log({ message: bytesValue(frameOf(batch, index)), source_type: 'stdin' }),
    }),
    finalizer: new Finalizer(),
  };
}

// Events and outputs as Vector writes them, from recorded runs.
const EVENTS = logs(
  ...[
    '{"message":"hello","level":"info","n":1,"f":1.5,"whole":2.0,"t":true,"nil":null,"list":[1,"a",null,{"x":1}],"obj":{"k":"v","deep":{"er":[1,2]}}}',
    String.raw`{"message":"quote \" comma , newline \n tab \t back \\","k with space":"v","k=eq":"x=y","empty":"","uni":"caf\u00e9 \ud83d\ude00","ctl":"\u0001"}`,
    '{"no_message":1,"z":1,"a":2,"M":3}',
    '{"message":42}',
    '{"message":{"a":1}}',
    '{"message":null,"x":1e21,"y":123456789012,"tiny":1e-9,"third":0.3333333333333333}',
  ].map((text) => parseJson(text)),
);

const JSON_LINES = [
  '{"f":1.5,"level":"info","list":[1,"a",null,{"x":1}],"message":"hello","n":1,"nil":null,"obj":{"deep":{"er":[1,2]},"k":"v"},"t":true,"whole":2.0}',
  String.raw`{"ctl":"\u0001","empty":"","k with space":"v","k=eq":"x=y","message":"quote \" comma , newline \n tab \t back \\","uni":"café 😀"}`,
  '{"M":3,"a":2,"no_message":1,"z":1}',
  '{"message":42}',
  '{"message":{"a":1}}',
  '{"message":null,"third":0.3333333333333333,"tiny":1e-9,"x":1e+21,"y":123456789012}',
];

test('json: one event a line, members sorted', () => {
  assert.equal(stream(encoder('json'), EVENTS), `${JSON_LINES.join('\n')}\n`);
});

test('json: pretty', () => {
  const pretty = encoder({ codec: 'json', json: { pretty: true } });
  assert.equal(
    stream(pretty, logs(parseJson('{"m":{"a":[1,{}],"b":[]}}'))),
    '{\n  "m": {\n    "a": [\n      1,\n      {}\n    ],\n    "b": []\n  }\n}\n',
  );
});

test('native_json: the type around the event', () => {
  const native = encoder('native_json');
  assert.equal(stream(native, EVENTS), JSON_LINES.map((line) => `{"log":${line}}\n`).join(''));
  assert.equal(stream(native, traceBatch([log({ a: 1 })])), '{"trace":{"a":1}}\n');
});

test('raw_message and text: the message alone, empty without one', () => {
  const lines = 'hello\nquote " comma , newline \n tab \t back \\\n\n42\n{"a":1}\n<null>\n';
  assert.equal(stream(encoder('raw_message'), EVENTS), lines);
  assert.equal(stream(encoder('text'), EVENTS), lines);
});

test('text: bytes that are not UTF-8 stay what they are', () => {
  const bytes = new Uint8Array([0xff, 0xfe, 0x20, 0x63]);
  const out = new ByteSink();
  encoder('text').encode(logs({ message: bytes }), out, failed);
  assert.deepEqual(out.take(), Buffer.from([...bytes, 0x0a]));
});

test('text: the event itself in the vector namespace', () => {
  const event: LogEvent = { value: 'plain', metadata: { value: { vector: { source_type: 'stdin' } } } };
  assert.equal(String(encoder('text').encodeOne(event, 'log')), 'plain\n');
});

test('text: the message key is that of log_schema', () => {
  const logSchema = { ...DEFAULT_LOG_SCHEMA, message: { target: 'event' as const, segments: ['msg', 'text'] } };
  const config = { codec: 'text', metric_tag_values: 'single' } as const;
  const own = batchEncoder(config, undefined, 'stream', { ...context, logSchema });
  assert.equal(stream(own, logs({ msg: { text: 'x' }, message: 'y' })), 'x\n');
});

test('logfmt: flattened, sorted, quoted where needed', () => {
  assert.equal(
    stream(encoder('logfmt'), EVENTS),
    [
      'f=1.5 level=info list.0=1 list.1=a list.2=null list.3.x=1 message=hello n=1 nil=null obj.deep.er.0=1 obj.deep.er.1=2 obj.k=v t whole=2',
      String.raw`ctl=${'\u0001'} empty= "k with space"=v "k=eq"="x=y" message="quote \" comma , newline \\n tab ${'\t'} back \\" uni="café 😀"`,
      'M=3 a=2 no_message=1 z=1',
      'message=42',
      'message.a=1',
      'message=null third=0.3333333333333333 tiny=0.000000001 x=1000000000000000000000 y=123456789012',
      '',
    ].join('\n'),
  );
});

const csv = (rules: ObjectValue) => encoder({ codec: 'csv', csv: rules });
const QUOTE = 'quote " comma , newline \n tab \t back \\';

test('csv: the listed fields in order, as recorded', () => {
  const fields = csv({ fields: ['message', 'level', 'n', 'obj.k', 'list', 'missing'] });
  assert.equal(stream(fields, EVENTS), `hello,info,1,v,,\n${QUOTE},,,,,\n,,,,,\n42,,,,,\n,,,,,\n,,,,,\n`);
  const semicolon = csv({ fields: ['message', 'level'], delimiter: ';' });
  assert.equal(stream(semicolon, EVENTS), `hello;info\n${QUOTE};\n;\n42;\n;\n;\n`);
  const always = csv({ fields: ['message'], quote_style: 'always' });
  assert.equal(stream(always, EVENTS), `"hello"\n"${QUOTE.replace('"', '""')}"\n""\n"42"\n""\n""\n`);
  const single = csv({ fields: ['message', 'n'], quote: "'", quote_style: 'always' });
  assert.equal(stream(single, EVENTS), `'hello','1'\n'${QUOTE}',''\n'',''\n'42',''\n'',''\n'',''\n`);
});

test('csv: each request body begins with fresh quoting', () => {
  const fields = csv({ fields: ['a', 'b'] });
  const batch = logs({ a: 'x,y', b: 1 });
  assert.equal(body(fields, batch), '"x,y",1\n');
  assert.equal(body(fields, batch), '"x,y",1\n');
});

test('csv: quote styles and escapes', () => {
  const event = log({ a: 1, b: 'x "y"', c: 'plain', d: '-1.5e3' });
  const fields = ['a', 'b', 'c', 'd'];
  const line = (rules: ObjectValue) => String(csv({ fields, ...rules }).encodeOne(event, 'log'));
  assert.equal(line({}), '1,"x ""y""",plain,-1.5e3\n');
  assert.equal(line({ quote_style: 'never' }), '1,x "y",plain,-1.5e3\n');
  assert.equal(line({ quote_style: 'non_numeric' }), '1,"x ""y""","plain",-1.5e3\n');
  assert.equal(line({ double_quote: false, escape: '\\' }), '1,"x \\"y\\"",plain,-1.5e3\n');
});

test('csv: values without text are empty, bytes stay what they are, metadata can be named', () => {
  const event: LogEvent = {
    value: {
      o: {},
      l: [1],
      z: null,
      b: new Uint8Array([0xff, 0x2c]),
      t: parseRfc3339('2021-02-03T04:05:06.5Z')!,
      y: false,
    },
    metadata: { value: { m: 'é' } },
  };
  const line = csv({ fields: ['o', 'l', 'z', 't', 'y', '%m', 'b'] }).encodeOne(event, 'log');
  assert.deepEqual(
    line,
    Buffer.concat([
      Buffer.from(',,,2021-02-03T04:05:06.500Z,false,é,"'),
      Buffer.from([0xff, 0x2c]),
      Buffer.from('"\n'),
    ]),
  );
});

const CEF = {
  codec: 'cef',
  cef: {
    version: 'V0',
    device_vendor: 'Acme',
    device_product: 'Wall',
    device_version: '1.0',
    device_event_class_id: '100',
    severity: 'sev',
    name: 'name',
    extensions: { src: 'ip', msg: 'message' },
  },
};

test('cef: header and extensions, bad severities refused', () => {
  const batch = logs(
    { message: 'a=b|c\\d\nline', sev: '5', name: 'Worm|stopped', ip: '10.0.0.1' },
    { message: 'x', sev: '11', name: 'n' },
    { message: 'x' },
    { sev: 7, name: 'n'.repeat(513) },
    { sev: 10 },
  );
  const out = new ByteSink();
  const errors: [number, string][] = [];
  assert.equal(
    encoder(CEF).encode(batch, out, (index, { message }) => errors.push([index, message])),
    2,
  );
  assert.equal(
    String(out.take()),
    'CEF:0|Acme|Wall|1.0|100|Worm\\|stopped|5|msg=a\\=b|c\\\\d\nline src=10.0.0.1\nCEF:0|Acme|Wall|1.0|100||10\n',
  );
  assert.deepEqual(
    errors.map(([index]) => index),
    [1, 2, 3],
  );
  assert.match(errors[0]![1], /at most 10/);
});

test('gelf: prescribed fields, others with an underscore, NUL behind each', () => {
  const event = {
    host: 'h',
    message: 'short',
    timestamp: parseRfc3339('2021-02-03T04:05:06.5Z')!,
    level: 3,
    user_id: 9,
    _already: 'x',
  };
  assert.equal(
    stream(encoder('gelf'), logs(event)),
    '{"_already":"x","_user_id":9,"host":"h","level":3,"short_message":"short","timestamp":1612325106.5,"version":"1.1"}\0',
  );
});

test('gelf: refuses what is no GELF message', () => {
  const good = { host: 'h', message: 'm' };
  const gelf = encoder('gelf');
  const refused: [Value, RegExp][] = [
    [{ message: 'm' }, /has no `host`/],
    [{ host: 'h' }, /has no `short_message`/],
    [{ host: 1, message: 'm' }, /`host` must be a string/],
    [{ ...good, message: 1 }, /`short_message` must be a string/],
    [{ ...good, level: '3' }, /`level` must be an integer/],
    [{ ...good, timestamp: 'now' }, /`timestamp` must be a timestamp/],
    [{ ...good, line: 'x' }, /`line` must be a number/],
    [{ ...good, extra: true }, /`extra` must be a string or a number/],
    [{ ...good, 'a b': 1 }, /no name of a GELF field/],
    ['text', /made of an object/],
  ];
  for (const [value, message] of refused)
    assert.throws(() => gelf.encodeOne(log(value), 'log'), { name: 'EncodeError', message });
  assert.equal(
    String(gelf.encodeMessage(log({ ...good, short_message: 's' }), 'log')),
    '{"_message":"m","host":"h","short_message":"s","version":"1.1"}',
  );
});

const METRICS = metricBatch(
  [
    '{"name": "requests_total", "namespace": "web", "tags": {"code": "200", "path": "/a \\"b\\""}, "timestamp": "2020-10-10T17:07:36.5Z", "kind": "incremental", "counter": {"value": 5.0}}',
    '{"name": "temp", "kind": "absolute", "gauge": {"value": -2.5}}',
    '{"name": "users", "kind": "incremental", "set": {"values": ["b", "a"]}}',
    '{"name": "lat", "tags": {"h": "x"}, "kind": "incremental", "distribution": {"samples": [{"value": 0.03, "rate": 3}, {"value": 2.0, "rate": 1}, {"value": 70.0, "rate": 2}], "statistic": "histogram"}}',
    '{"name": "latsum", "kind": "incremental", "distribution": {"samples": [{"value": 1.0, "rate": 3}], "statistic": "summary"}}',
    '{"name": "hist", "kind": "absolute", "aggregated_histogram": {"buckets": [{"upper_limit": 1.0, "count": 2}, {"upper_limit": "inf", "count": 1}], "count": 3, "sum": 6.5}}',
    '{"name": "summ", "kind": "absolute", "aggregated_summary": {"quantiles": [{"quantile": 0.5, "value": 1.0}, {"quantile": 0.99, "value": 9.0}], "count": 10, "sum": 22.0}}',
    '{"name": "m.x", "tags": {"a": ["x","y"],"b":"z","c":null}, "kind":"absolute","gauge":{"value":1.0}}',
  ].map((text) => metricFromJson(parseJson(text))),
);

test('text: metrics in their text form', () => {
  assert.equal(
    stream(encoder('text'), METRICS),
    [
      '2020-10-10T17:07:36.500Z web_requests_total{code="200",path="/a \\"b\\""} + 5',
      'temp{} = -2.5',
      'users{} + a b',
      'lat{h="x"} + histogram 3@0.03 1@2 2@70',
      'latsum{} + summary 3@1',
      'hist{} = count=3 sum=6.5 2@1 1@inf',
      'summ{} = count=10 sum=22 0.5@1 0.99@9',
      '"m.x"{a="y",b="z"} = 1',
      '',
    ].join('\n'),
  );
  const full = encoder({ codec: 'text', metric_tag_values: 'full' });
  assert.match(stream(full, METRICS), /"m\.x"\{a="x",a="y",b="z",c\} = 1\n$/);
});

test('json: metrics with the tag values asked for', () => {
  const last = (config: ObjectValue) => stream(encoder(config), METRICS).trimEnd().split('\n').at(-1);
  const line = (tags: string) => `{"name":"m.x","tags":${tags},"kind":"absolute","gauge":{"value":1.0}}`;
  assert.equal(last({ codec: 'json' }), line('{"a":"y","b":"z"}'));
  assert.equal(last({ codec: 'json', metric_tag_values: 'full' }), line('{"a":["x","y"],"b":"z","c":null}'));
  assert.equal(last({ codec: 'native_json' }), `{"metric":${line('{"a":["x","y"],"b":"z","c":null}')}}`);
});

test('an event of a type that the codec does not write is an error of its own', () => {
  const accepted: Record<string, string> = {
    json: 'log metric trace',
    text: 'log metric',
    raw_message: 'log',
    logfmt: 'log',
    gelf: 'log',
  };
  for (const [codec, types] of Object.entries(accepted)) assert.equal(encoder(codec).accepts.join(' '), types);
  const out = new ByteSink();
  const errors: number[] = [];
  assert.equal(
    encoder('gelf').encode(METRICS, out, (index) => errors.push(index)),
    0,
  );
  assert.equal(errors.length, METRICS.count);
  assert.equal(out.length, 0);
});

test('syslog: RFC 5424', () => {
  const config = {
    codec: 'syslog',
    syslog: { facility: 'fac', severity: 'sev', app_name: 'app', proc_id: 'pid', msg_id: 'mid' },
  };
  const event = {
    message: 'it happened',
    host: 'web 1',
    timestamp: parseRfc3339('2025-08-28T18:30:00.1234565Z')!,
    fac: 'local7',
    sev: 'err',
    app: 'my app',
    pid: 42,
    mid: 'm'.repeat(40),
    structured_data: { 'meta@1': { k: 'a"b]c\\', 'n 1': 2 } },
  };
  assert.equal(
    stream(encoder(config), logs(event)),
    `<187>1 2025-08-28T18:30:00.123457Z web_1 my_app 42 ${'m'.repeat(32)} [meta@1 k="a\\"b\\]c\\\\" n_1="2"] it happened\n`,
  );
});

test('syslog: defaults for all that is missing or unknown', () => {
  const plain = encoder('syslog');
  assert.equal(stream(plain, logs({})), '<14>1 2023-11-14T22:13:20Z - vector - - -\n');
  assert.equal(stream(plain, logs({ appname: 'nginx', message: 'x' })), '<14>1 2023-11-14T22:13:20Z - nginx - - - x\n');
  const codes = encoder({ codec: 'syslog', syslog: { facility: 'f', severity: 's' } });
  const priority = (f: Value, s: Value) => /^<(\d+)>/.exec(stream(codes, logs({ f, s })))![1];
  assert.equal(priority('kern', 'emergency'), '0');
  assert.equal(priority(23, 7), '191');
  assert.equal(priority('16', 'WARN'), '132');
  assert.equal(priority('nonsense', 99), '14');
  assert.equal(priority({}, 1.5), '14');
});

test('syslog: RFC 3164', () => {
  const config = { codec: 'syslog', syslog: { rfc: 'rfc3164', app_name: 'app', proc_id: 'pid' } };
  const event = { message: 'm', host: 'h', timestamp: parseRfc3339('2025-08-08T18:30:00Z')!, app: 'sshd', pid: '7' };
  assert.equal(stream(encoder(config), logs(event)), '<14>Aug  8 18:30:00 h sshd[7]: m\n');
  const long = stream(encoder(config), logs({ ...event, app: 'x'.repeat(50) }));
  assert.equal(long, `<14>Aug  8 18:30:00 h ${'x'.repeat(31)}: m\n`);
});

const STAMPS = {
  ts: parseRfc3339('2021-02-03T04:05:06.123456789Z')!,
  old: parseRfc3339('1969-12-31T23:59:58.5Z')!,
  deep: { ts: parseRfc3339('2021-02-03T04:05:06Z')! },
  list: [parseRfc3339('2021-02-03T04:05:06.5Z')!],
};

for (const [format, expected] of Object.entries({
  rfc3339:
    '{"deep":{"ts":"2021-02-03T04:05:06Z"},"list":["2021-02-03T04:05:06.500Z"],"old":"1969-12-31T23:59:58.500Z","ts":"2021-02-03T04:05:06.123456789Z"}',
  unix: '{"deep":{"ts":1612325106},"list":[1612325106],"old":-2,"ts":1612325106}',
  unix_ms: '{"deep":{"ts":1612325106000},"list":[1612325106500],"old":-1500,"ts":1612325106123}',
  unix_us: '{"deep":{"ts":1612325106000000},"list":[1612325106500000],"old":-1500000,"ts":1612325106123456}',
  unix_ns:
    '{"deep":{"ts":1612325106000000000},"list":[1612325106500000000],"old":-1500000000,"ts":1612325106123456789}',
  unix_float: '{"deep":{"ts":1612325106.0},"list":[1612325106.5],"old":-1.5,"ts":1612325106.123456}',
})) {
  test(`timestamp_format ${format}`, () => {
    assert.equal(stream(encoder({ codec: 'json', timestamp_format: format }), logs(STAMPS)), `${expected}\n`);
    assert.equal(STAMPS.list[0]!.seconds, 1612325106);
  });
}

test('only_fields and except_fields, as recorded', () => {
  const only = encoder({ codec: 'json', only_fields: ['message', 'obj.k', 'list[0]', 'missing'] });
  assert.deepEqual(stream(only, EVENTS).split('\n').slice(0, 3), [
    '{"list":[1],"message":"hello","obj":{"k":"v"}}',
    JSON.stringify({ message: QUOTE }),
    '{}',
  ]);
  const except = encoder({ codec: 'json', except_fields: ['message', 'obj.deep', 'list[1]'] });
  assert.deepEqual(stream(except, EVENTS).split('\n').slice(0, 1), [
    '{"f":1.5,"level":"info","list":[1,null,{"x":1}],"n":1,"nil":null,"obj":{"k":"v"},"t":true,"whole":2.0}',
  ]);
  assert.equal(stream(encoder('json'), EVENTS), `${JSON_LINES.join('\n')}\n`, 'the events themselves are untouched');
});

test('field rules apply to logs alone', () => {
  const only = encoder({ codec: 'json', only_fields: ['a'], timestamp_format: 'unix' });
  assert.equal(stream(only, traceBatch([log({ a: 1, b: 2 })])), '{"a":1,"b":2}\n');
  assert.match(stream(only, METRICS), /^\{"name":"requests_total".*"2020-10-10T17:07:36.500Z"/);
});

test('framings around each event of a stream', () => {
  const framed = (frames: ObjectValue) =>
    stream(encoder('text', frames), logs({ message: 'one' }, { message: 'three' }));
  assert.equal(framed({ method: 'bytes' }), 'onethree');
  assert.equal(framed({ method: 'newline_delimited' }), 'one\nthree\n');
  assert.equal(framed({ method: 'character_delimited', character_delimited: { delimiter: '|' } }), 'one|three|');
  assert.equal(framed({ method: 'length_delimited', length_delimited: {} }), '\0\0\0\x03one\0\0\0\x05three');
  const little = { length_field_length: 2, length_field_is_big_endian: false };
  assert.equal(framed({ method: 'length_delimited', length_delimited: little }), '\x03\0one\x05\0three');
  assert.equal(framed({ method: 'varint_length_delimited' }), '\x03one\x05three');
});

test('a varint takes as many bytes as the length needs', () => {
  const varint = encoder('text', { method: 'varint_length_delimited' });
  for (const [length, head] of [
    [127, [0x7f]],
    [128, [0x80, 1]],
    [300, [0xac, 2]],
    [16384, [0x80, 0x80, 1]],
  ] as const) {
    const frame = varint.encodeOne(log({ message: 'x'.repeat(length) }), 'log');
    assert.deepEqual([...frame.subarray(0, head.length)], [...head]);
    assert.equal(frame.length, head.length + length);
  }
});

test('a frame that is too long for its framing is dropped alone', () => {
  const short = encoder('text', { method: 'length_delimited', length_delimited: { max_frame_length: 3 } });
  const tiny = encoder('text', { method: 'length_delimited', length_delimited: { length_field_length: 1 } });
  const batch = logs({ message: 'one' }, { message: 'x'.repeat(256) }, { message: 'two' });
  for (const [from, head] of [
    [short, '\0\0\0\x03'],
    [tiny, '\x03'],
  ] as const) {
    const out = new ByteSink();
    const errors: number[] = [];
    assert.equal(
      from.encode(batch, out, (index) => errors.push(index)),
      2,
    );
    assert.deepEqual(errors, [1]);
    assert.equal(String(out.take()), `${head}one${head}two`);
  }
});

test('request bodies: separators between events, wrappers around', () => {
  const two = logs({ a: 1 }, { a: 2 });
  const message = (codec: string, frames?: ObjectValue) => body(encoder(codec, frames, 'message'), two, logs({ a: 3 }));
  assert.equal(message('json'), '[{"a":1},{"a":2},{"a":3}]');
  assert.equal(message('json', { method: 'newline_delimited' }), '{"a":1}\n{"a":2}\n{"a":3}\n');
  assert.equal(message('json', { method: 'bytes' }), '{"a":1}{"a":2}{"a":3}');
  assert.equal(message('native_json'), '{"log":{"a":1}}\n{"log":{"a":2}}\n{"log":{"a":3}}\n');
  const comma = { method: 'character_delimited', character_delimited: { delimiter: ',' } };
  assert.equal(message('native_json', comma), '[{"log":{"a":1}},{"log":{"a":2}},{"log":{"a":3}}]');
  assert.equal(message('logfmt', comma), 'a=1,a=2,a=3');
  assert.equal(
    body(encoder('text', { method: 'length_delimited', length_delimited: {} }, 'message'), logs({ message: 'x' })),
    '\0\0\0\x01x',
  );
});

test('request bodies: a bad event leaves no separator behind', () => {
  const from = encoder('gelf', { method: 'character_delimited', character_delimited: { delimiter: ',' } }, 'message');
  const good = { host: 'h', message: 'm' };
  const out = new ByteSink();
  const errors: number[] = [];
  const written = from.encodeBody([logs({}, good, {}), logs({}, good), logs({})], out, (index) => errors.push(index));
  assert.equal(written, 2);
  assert.deepEqual(errors, [0, 2, 3, 5]);
  const one = '{"host":"h","short_message":"m","version":"1.1"}';
  assert.equal(String(out.take()), `${one},${one}`);
});

test('content types, as recorded', () => {
  const types = (codec: string | ObjectValue, frames?: ObjectValue) => {
    const { contentType, requestContentType } = encoder(codec, frames, 'message');
    return [contentType, requestContentType];
  };
  assert.deepEqual(types('json'), ['application/json', 'application/json']);
  assert.deepEqual(types('json', { method: 'newline_delimited' }), ['application/x-ndjson', 'application/x-ndjson']);
  assert.deepEqual(types('json', { method: 'bytes' }), ['text/plain', undefined]);
  assert.deepEqual(types('native_json'), ['application/x-ndjson', undefined]);
  assert.deepEqual(types('text'), ['text/plain', 'text/plain']);
  assert.deepEqual(types('raw_message'), ['text/plain', 'text/plain']);
  assert.deepEqual(types('logfmt'), ['text/plain', undefined]);
});

test('raw lines pass through as the range they came in', () => {
  const batch = rawBatch('one\ntwo\n\nthree\n');
  const range = encoder('text').passThrough(batch)!;
  assert.equal(String(range), 'one\ntwo\n\nthree\n');
  assert.equal(range.buffer, batch.hold.bytes.buffer, 'no copy');
  assert.equal(range.byteOffset, batch.hold.bytes.byteOffset + 6);
  assert.equal(stream(encoder('raw_message'), batch), 'one\ntwo\n\nthree\n');
});

test('raw lines do not pass through where that would change the output', () => {
  const batch = rawBatch('one\ntwo\n');
  const differing: BatchEncoder[] = [
    encoder('json'),
    encoder('logfmt'),
    encoder('text', { method: 'bytes' }),
    encoder('text', { method: 'length_delimited', length_delimited: {} }),
    encoder('text', { method: 'character_delimited', character_delimited: { delimiter: '|' } }),
    encoder({ codec: 'text', except_fields: ['message'] }),
    encoder({ codec: 'text', only_fields: ['host'] }),
  ];
  for (const from of differing) assert.equal(from.passThrough(batch), undefined);
  assert.equal(encoder('text').passThrough(rawBatch('')), undefined);
  assert.equal(encoder('text').passThrough(logs({ message: 'x' })), undefined);
});

test('raw lines become the same bytes as their decoded events, in every codec and framing', () => {
  const text = Buffer.concat([Buffer.from('one\n\n"two", é\n'), Buffer.from([0xff, 0xfe, 0x0a])]);
  const framings: (ObjectValue | undefined)[] = [
    undefined,
    { method: 'bytes' },
    { method: 'character_delimited', character_delimited: { delimiter: ',' } },
    { method: 'length_delimited', length_delimited: {} },
    { method: 'varint_length_delimited' },
  ];
  const codecs: (string | ObjectValue)[] = [
    'text',
    'raw_message',
    'json',
    'native_json',
    'logfmt',
    { codec: 'text', only_fields: ['message'] },
    { codec: 'text', except_fields: ['message'] },
  ];
  for (const codec of codecs) {
    for (const frames of framings) {
      for (const style of ['stream', 'message'] as const) {
        const raw = rawBatch(text);
        const decoded = logBatch(raw.layout.decode(raw));
        const ofRaw = new ByteSink();
        const ofDecoded = new ByteSink();
        encoder(codec, frames, style).encode(raw, ofRaw, failed);
        encoder(codec, frames, style).encode(decoded, ofDecoded, failed);
        assert.deepEqual(ofRaw.take(), ofDecoded.take());
        encoder(codec, frames, style).encodeBody([raw, decoded, raw], ofRaw, failed);
        encoder(codec, frames, style).encodeBody([decoded, decoded, decoded], ofDecoded, failed);
        assert.deepEqual(ofRaw.take(), ofDecoded.take());
      }
    }
  }
});

test('one event has its framing, a message has none', () => {
  const text = encoder('text');
  assert.equal(String(text.encodeOne(log({ message: 'x' }), 'log')), 'x\n');
  assert.equal(String(text.encodeOne(log({ message: 'yz' }), 'log')), 'yz\n');
  assert.equal(String(text.encodeMessage(log({ message: 'x' }), 'log')), 'x');
  assert.throws(() => encoder('gelf').encodeMessage(log({}), 'log'), EncodeError);
});

test('output beyond the limit of the sink costs the events that do not fit', () => {
  const out = new ByteSink(10);
  const errors: number[] = [];
  const batch = logs({ message: 'one' }, { message: 'a longer one' }, { message: 'two' });
  assert.equal(
    encoder('text').encode(batch, out, (index) => errors.push(index)),
    2,
  );
  assert.deepEqual(errors, [1]);
  assert.equal(String(out.take()), 'one\ntwo\n');
  const raw = new ByteSink(5);
  assert.equal(
    encoder('text').encode(rawBatch('one\ntwo\n'), raw, (index) => errors.push(index)),
    1,
  );
  assert.equal(String(raw.take()), 'one\n');
});

test('nesting without end costs the event, not the process', () => {
  let deep: Value = 'x';
  for (let i = 0; i < 100_000; i++) deep = i % 2 === 0 ? [deep] : { k: deep };
  const event = { host: 'h', message: deep, sev: 1 };
  const configs: (string | ObjectValue)[] = [
    'json',
    'text',
    'logfmt',
    'native_json',
    'syslog',
    { codec: 'logfmt', timestamp_format: 'unix' },
    { codec: 'json', only_fields: ['message', 'message.k'] },
  ];
  for (const config of configs) assert.throws(() => encoder(config).encodeOne(log(event), 'log'), EncodeError);
});

test('text: a message of any kind', () => {
  const stamp = parseRfc3339('2021-02-03T04:05:06.12Z')!;
  assert.equal(
    stream(encoder('text'), logs({ message: stamp }, { message: [1, stamp] }, { message: true })),
    '2021-02-03T04:05:06.120Z\n[1,"2021-02-03T04:05:06.120Z"]\ntrue\n',
  );
});

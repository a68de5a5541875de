import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringifyJson } from '../../event/json.ts';
import { DEFAULT_LOG_SCHEMA, type LogNamespace, type LogSchema } from '../../event/log_schema.ts';
import { stringifyMetric } from '../../event/metric_json.ts';
import type { Value } from '../../event/value.ts';
import { check } from '../../schema/schema.ts';
import { FakeClock } from '../../std/clock.ts';
import { buildDecoder, DecodeError, type DecodingConfig, FRAME_EVENTS_MAX } from './decoding.ts';
import { decoding, optionalDecoding } from './options.ts';

const NOW = '2026-08-21T12:00:00.250Z';

interface Setting {
  readonly logNamespace?: LogNamespace;
  readonly logSchema?: Partial<LogSchema>;
}

function decoder(raw: unknown, { logNamespace = 'legacy', logSchema = {} }: Setting = {}) {
  const { value, problems } = check(decoding(), raw);
  assert.ok(value, JSON.stringify(problems));
  const config: DecodingConfig = value;
  return buildDecoder(config, {
    logNamespace,
    logSchema: { ...DEFAULT_LOG_SCHEMA, ...logSchema },
    clock: new FakeClock(Date.parse(NOW)),
    timezone: 'UTC',
  });
}

/** The events of a frame as JSON lines: `{…}` for logs, `metric {…}`, `trace {…}`. */
function decode(raw: unknown, frame: string | Uint8Array, setting?: Setting): string[] {
  return decoder(raw, setting)
    .decode(Buffer.from(frame as string))
    .map(({ type, event }) => {
      if (type === 'metric') return `metric ${stringifyMetric(event, 'full')}`;
      return (type === 'log' ? '' : 'trace ') + stringifyJson(event.value);
    });
}

const refuses = (raw: unknown, frame: string | Uint8Array, setting?: Setting) =>
  assert.throws(() => decode(raw, frame, setting), DecodeError, String(frame));

const json = { codec: 'json' };
const native = { codec: 'native_json' };
const gelf = { codec: 'gelf' };
const relaxed = { codec: 'gelf', gelf: { validation: 'relaxed' } };
const syslog = { codec: 'syslog' };
const influxdb = { codec: 'influxdb' };
const vector: Setting = { logNamespace: 'vector' };

test('bytes are the message, also when they are no text', () => {
  assert.deepEqual(decode(undefined, '  a\t\r'), ['{"message":"  a\\t\\r"}']);
  const [decoded] = decoder({ codec: 'bytes' }).decode(Buffer.of(0x61, 0xff));
  assert.deepEqual(decoded?.event, { value: { message: new Uint8Array([0x61, 0xff]) }, metadata: { value: {} } });
  assert.deepEqual(decode({ codec: 'bytes' }, 'a', vector), ['"a"']);
  assert.deepEqual(decode({ codec: 'bytes' }, 'a', { logSchema: { message: undefined } }), ['{}']);
  const nested = { target: 'event', segments: ['log', 'text'] } as const;
  assert.deepEqual(decode({ codec: 'bytes' }, 'a', { logSchema: { message: nested } }), ['{"log":{"text":"a"}}']);
});

test('decoded events do not share memory with the frame', () => {
  const frame = Buffer.from('{"a":"a text that is long enough to be a slice"}');
  const texts = [json, { codec: 'bytes' }].map((raw) => {
    const events = decoder(raw).decode(frame);
    return () => stringifyJson((events[0]!.event as { value: Value }).value);
  });
  const before = texts.map((text) => text());
  frame.fill(0);
  assert.deepEqual(
    texts.map((text) => text()),
    before,
  );
});

test('json makes an event of each object and stamps those without a time', () => {
  assert.deepEqual(decode(json, ' {"b":1.0,"a":9223372036854775807} '), [
    `{"a":9223372036854775807,"b":1.0,"timestamp":"${NOW}"}`,
  ]);
  assert.deepEqual(decode(json, '[{"timestamp":"then"},{"__proto__":1}]'), [
    '{"timestamp":"then"}',
    `{"__proto__":1,"timestamp":"${NOW}"}`,
  ]);
  assert.deepEqual(decode(json, '{"a":1}', { logSchema: { timestamp: undefined } }), ['{"a":1}']);
  assert.deepEqual(decode(json, '[]'), []);
  assert.deepEqual(decode(json, ''), []);
});

test('json refuses a frame that holds anything but objects, as a whole', () => {
  for (const frame of [
    '"text"',
    '42',
    'null',
    '[{"a":1},2]',
    '[[{"a":1}]]',
    '{"a":1}{"b":2}',
    '{"a":',
    ' ',
    '\ufeff{}',
  ])
    refuses(json, frame);
});

test('json takes any value in the vector namespace and adds nothing', () => {
  assert.deepEqual(decode(json, '["x",1,{"a":null}]', vector), ['"x"', '1', '{"a":null}']);
});

test('a frame with too many events is refused', () => {
  assert.equal(decode(json, `[${'1,'.repeat(FRAME_EVENTS_MAX - 1)}1]`, vector).length, FRAME_EVENTS_MAX);
  refuses(json, `[${'1,'.repeat(FRAME_EVENTS_MAX)}1]`, vector);
  refuses(native, `[${'1,'.repeat(FRAME_EVENTS_MAX)}1]`);
});

test('bytes that are not UTF-8 are replaced or refused, as lossy says', () => {
  const frame = (text: string) => Buffer.from(text, 'latin1');
  const cases: [string, string, string][] = [
    ['json', '{"a":"\xff\xfe"}', `{"a":"\ufffd\ufffd","timestamp":"${NOW}"}`],
    ['native_json', '{"log":{"a":"\xff"}}', '{"a":"\ufffd"}'],
    [
      'syslog',
      '<13>1 - - - - - - caf\xe9',
      '{"facility":"user","message":"caf\ufffd","severity":"notice","version":1}',
    ],
    [
      'gelf',
      '{"version":"1.1","host":"\xe9","short_message":"m","timestamp":0}',
      '{"host":"\ufffd","message":"m","timestamp":"1970-01-01T00:00:00Z","version":"1.1"}',
    ],
    ['influxdb', 'm,t=\xff f=1', 'metric {"name":"m_f","tags":{"t":"\ufffd"},"kind":"absolute","gauge":{"value":1.0}}'],
  ];
  for (const [codec, bytes, expected] of cases) {
    assert.deepEqual(decode({ codec, [codec]: { lossy: true } }, frame(bytes)), [expected]);
    assert.deepEqual(decode({ codec }, frame(bytes)), [expected]);
    refuses({ codec, [codec]: { lossy: false } }, frame(bytes));
  }
});

test('native_json reads logs, metrics and traces, alone or in lists', () => {
  const counter = '{"name":"c","kind":"incremental","counter":{"value":1.0}}';
  assert.deepEqual(decode(native, '{"log":{"message":"hi","n":[1,{}]}}'), ['{"message":"hi","n":[1,{}]}']);
  assert.deepEqual(decode(native, `[{"metric":${counter}},{"trace":{"id":"t"}},{"log":{}}]`), [
    `metric ${counter}`,
    'trace {"id":"t"}',
    '{}',
  ]);
  assert.deepEqual(decode(native, ''), []);
  for (const frame of [
    '{"nope":1}',
    '{}',
    '1',
    '{"log":{},"trace":{}}',
    '{"log":"x"}',
    '{"trace":[]}',
    `{"metric":{}}`,
    '{"metric":1}',
    '[1]',
  ])
    refuses(native, frame);
});

test('native_json keeps counts of 64 bits, and larger integers of logs become floats', () => {
  const histogram = '"aggregated_histogram":{"buckets":[],"count":18446744073709551615,"sum":0.0}';
  const metric = `{"name":"h","kind":"absolute",${histogram}}`;
  assert.deepEqual(decode(native, `{"metric":${metric}}`), [`metric ${metric}`]);
  const log = '{"a":[9223372036854775807,9223372036854775808],"b":{"c":18446744073709551615}}';
  assert.deepEqual(decode(native, `{"log":${log}}`), [
    '{"a":[9223372036854775807,9.223372036854776e+18],"b":{"c":1.8446744073709552e+19}}',
  ]);
});

test('syslog fields stand beside the message', () => {
  assert.deepEqual(decode(syslog, '<34>Oct 11 22:14:15 mymachine su[7]: failed\n'), [
    '{"appname":"su","facility":"auth","hostname":"mymachine","message":"failed","procid":7,"severity":"crit","timestamp":"2026-10-11T22:14:15Z"}',
  ]);
  const text = { target: 'event', segments: ['text'] } as const;
  assert.deepEqual(decode(syslog, '<34>1 - - - - - - x', { logSchema: { message: text, timestamp: undefined } }), [
    '{"facility":"auth","severity":"crit","text":"x","version":1}',
  ]);
  assert.deepEqual(decode(syslog, '<34>1 2003-10-11T22:14:15Z - - - - [message a="b"] x', vector), [
    '{"facility":"auth","message":{"a":"b"},"severity":"crit","timestamp":"2003-10-11T22:14:15Z","version":1}',
  ]);
  for (const frame of ['', 'no syslog', '<999>1 - - - - - - x']) refuses(syslog, frame);
});

const MESSAGE = '"version":"1.1","host":"h","short_message":"m"';

test('gelf takes a message in full', () => {
  assert.deepEqual(
    decode(
      gelf,
      `{${MESSAGE},"full_message":"F","timestamp":1385053862.3072,"level":1,"_user_id":9001,"_a.b-c":"foo","_id":1,"line":3,"file":"x.rs","facility":"f"}`,
    ),
    [
      '{"_a.b-c":"foo","_user_id":9001,"facility":"f","file":"x.rs","full_message":"F","host":"h","level":1,"line":3.0,"message":"m","timestamp":"2013-11-21T17:11:02.307200Z","version":"1.1"}',
    ],
  );
  assert.deepEqual(decode(gelf, `{${MESSAGE},"level":null,"line":null,"timestamp":null}`), [
    `{"host":"h","message":"m","timestamp":"${NOW}","version":"1.1"}`,
  ]);
  assert.match(decode(gelf, `{${MESSAGE},"timestamp":-1.5}`)[0]!, /"1969-12-31T23:59:58.500Z"/);
});

test('gelf refuses what is not a message', () => {
  const bad = ['', '[]', '{}', `{${MESSAGE.replace('"m"', '1')}}`, `{${MESSAGE.replace('"host":"h",', '')}}`];
  const fields = [
    '"level":256',
    '"level":-1',
    '"level":1.5',
    '"line":"3"',
    '"timestamp":"now"',
    '"timestamp":1e300',
    '"file":1',
  ];
  for (const frame of [...bad, ...fields.map((field) => `{${MESSAGE},${field}}`)]) {
    refuses(gelf, frame);
    refuses(relaxed, frame);
  }
});

test('gelf refuses what the format forbids, unless it is relaxed', () => {
  const fields = ['"extra":"x"', '"_bad field":1', '"_list":[1]', '"_flag":true'];
  const frames = [`{${MESSAGE.replace('1.1', '1.0')}}`, ...fields.map((field) => `{${MESSAGE},${field}}`)];
  for (const frame of frames) {
    refuses(gelf, frame);
    assert.equal(decode(relaxed, frame).length, 1);
  }
  assert.match(decode(relaxed, frames[3]!)[0]!, /"_list":\[1\]/);
  assert.deepEqual(decode(gelf, `{${MESSAGE},"_é1":1,"timestamp":1}`), [
    '{"_é1":1,"host":"h","message":"m","timestamp":"1970-01-01T00:00:01Z","version":"1.1"}',
  ]);
});

const gauge = (name: string, value: string, more = '') =>
  `metric {"name":"${name}"${more},"kind":"absolute","gauge":{"value":${value}}}`;

test('influxdb makes a gauge of each field that is a number', () => {
  const tags = ',"tags":{"location":"us midwest"},"timestamp":"2016-06-13T17:43:50.100400200Z"';
  assert.deepEqual(decode(influxdb, 'weather,location=us\\ midwest temperature=82 1465839830100400200'), [
    gauge('weather_temperature', '82.0', tags),
  ]);
  assert.deepEqual(decode(influxdb, 'm a=1i,b=-2.5e3,c=18446744073709551615u,d=t,e=FALSE,f="te,x\\"t =1",g=.5,h=+7.'), [
    gauge('m_a', '1.0'),
    gauge('m_b', '-2500.0'),
    gauge('m_c', '1.8446744073709552e+19'),
    gauge('m_d', '1.0'),
    gauge('m_e', '0.0'),
    gauge('m_g', '0.5'),
    gauge('m_h', '7.0'),
  ]);
  assert.deepEqual(decode(influxdb, 'm,__proto__=x a=1 -1'), [
    gauge('m_a', '1.0', ',"tags":{"__proto__":"x"},"timestamp":"1969-12-31T23:59:59.999999999Z"'),
  ]);
});

test('influxdb reads several lines, comments and escapes', () => {
  assert.deepEqual(decode(influxdb, '\n# comment\n  m\\,1\\ x,t\\=\\,=v\\\\w f\\ g=1 \r\n\nn f=2'), [
    gauge('m,1 x_f g', '1.0', ',"tags":{"t=,":"v\\\\w"}'),
    gauge('n_f', '2.0'),
  ]);
  assert.deepEqual(decode(influxdb, ''), []);
  assert.deepEqual(decode(influxdb, 'm f="only text"'), []);
});

test('influxdb refuses a frame with a line that is broken', () => {
  const bad = [
    'broken line here,,',
    'm',
    'm f',
    'm f=',
    'm ,f=1',
    ',t=1 f=1',
    'm,t f=1',
    'm,t= f=1',
    'm f=1,',
    'm f=1 x',
    'm f=1 1 1',
  ];
  const values = ['1x', '1.5i', '-1u', '9223372036854775808i', '1e999', 'NaN', '"open', 'tru'].map(
    (value) => `m f=${value}`,
  );
  for (const frame of [
    ...bad,
    ...values,
    'm f=1 9223372036854775808',
    'm f=1 1.5',
    'm\\',
    `${'m'.repeat(70_000)} f=1`,
  ]) {
    refuses(influxdb, frame);
    refuses(influxdb, `n f=1\n${frame}`);
  }
});

const piece = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '=',
    ' ',
    '\n',
    '<13>',
    '1',
    '-',
    '"log":',
    '"metric":{"name":"a","kind":"absolute",',
    '"gauge":{"value":1}',
    MESSAGE,
    'm,t=v f=1i',
    'Oct 11 22:14:15 ',
    '\0',
    '#',
  ),
);

for (const codec of ['bytes', 'gelf', 'influxdb', 'json', 'native_json', 'syslog']) {
  test(`${codec} answers hostile bytes with events or a DecodeError`, () => {
    const decoders = [decoder({ codec }), decoder({ codec }, vector)];
    const attempt = (bytes: Uint8Array) => {
      for (const one of decoders) {
        try {
          one.decode(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof DecodeError, String(error));
        }
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), attempt));
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => attempt(Buffer.from(pieces.join('')))));
    for (const [head, unit] of [
      ['', '['],
      ['', '{"a":'],
      ['m f="', '\\"'],
      ['m', '\\a'],
      ['m,', 'a=b,'],
      ['<13>1 - - - - - [a b="', '\\]'],
      ['', ' '],
      ['', '1'],
      ['', '#\n'],
      ['"', '\\u0000'],
    ] as const)
      attempt(Buffer.from(head + unit.repeat(400_000)));
  });
}

test('decoding is bytes unless said otherwise, and optional where the source decides', () => {
  assert.deepEqual({ ...check(decoding(), undefined).value }, { codec: 'bytes' });
  assert.equal(check(optionalDecoding(), undefined).value, undefined);
  assert.deepEqual(
    check(optionalDecoding(), {}).problems.map(({ message }) => message),
    ['`codec` is required'],
  );
});

test('codecs that Vector has and this version lacks are named', () => {
  for (const codec of ['avro', 'native', 'otlp', 'protobuf'])
    assert.match(check(decoding(), { codec }).problems[0]!.message, /one of Vector's values that this version/);
  assert.match(check(decoding(), { codec: 'jsno' }).problems[0]!.hint!, /did you mean `json`/);
});

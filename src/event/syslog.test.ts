import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addSyslogDetails, parseSyslog } from './syslog.ts';
import { namedZone, UTC } from './timezone.ts';
import type { ObjectValue } from './value.ts';

const NOW = Date.parse('2026-08-21T12:00:00Z') / 1000;

/** What a line says, as one object; undefined when it is no syslog. */
function read(line: string, options: { now?: string; zone?: string } = {}): ObjectValue | undefined {
  const nowSeconds = options.now ? Date.parse(options.now) / 1000 : NOW;
  const message = parseSyslog(line, { nowSeconds, zone: options.zone ? namedZone(options.zone)! : UTC });
  if (!message) return undefined;
  const object: ObjectValue = { message: message.message };
  if (message.timestamp) object['timestamp'] = String(message.timestamp);
  addSyslogDetails(object, message);
  return object;
}

const same = (line: string, expected: ObjectValue | undefined) => assert.deepEqual(read(line), expected, line);
const root = {
  appname: 'root',
  facility: 'user',
  hostname: '74794bfb6795',
  procid: 8449,
  severity: 'notice',
  timestamp: '2019-02-13T19:48:34Z',
  version: 1,
};
const rooted = (data: string, text: string) =>
  `<13>1 2019-02-13T19:48:34+00:00 74794bfb6795 root 8449 - ${data} ${text}`;

test('RFC 5424 in full', () => {
  same(
    '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog 111 ID47 [exampleSDID@32473 iut="3" eventSource="Application"][examplePriority@32473 class="high"] An application event log entry',
    {
      appname: 'evntslog',
      'examplePriority@32473': { class: 'high' },
      'exampleSDID@32473': { eventSource: 'Application', iut: '3' },
      facility: 'local4',
      hostname: 'mymachine.example.com',
      message: 'An application event log entry',
      msgid: 'ID47',
      procid: 111,
      severity: 'notice',
      timestamp: '2003-10-11T22:14:15.003Z',
      version: 1,
    },
  );
});

test('a hyphen stands for what is missing', () => {
  same('<191>1 - - - - - -', { facility: 'local7', message: '', severity: 'debug', version: 1 });
  same('1 - h a p m - x', { hostname: 'h', appname: 'a', procid: 'p', msgid: 'm', message: 'x', version: 1 });
  same('<28>1 2020-05-22T14:59:09.250-03:00 OX-MX204 OX-CONTEUDO:rpd 6589 - - bgp_listen_accept: refused', {
    appname: 'OX-CONTEUDO:rpd',
    facility: 'daemon',
    hostname: 'OX-MX204',
    message: 'bgp_listen_accept: refused',
    procid: 6589,
    severity: 'warning',
    timestamp: '2020-05-22T17:59:09.250Z',
    version: 1,
  });
});

test('white space around a message is no part of it', () => {
  same(`\n   ${rooted('-', 'i am foobar')}\r\n  `, { ...root, message: 'i am foobar' });
});

test('structured data may be empty, dotted, hostile or malformed', () => {
  same(rooted('[empty]', 'qwerty'), { ...root, empty: {}, message: 'qwerty' });
  same(rooted('[a x=""][empty]', 'qwerty'), { ...root, a: { x: '' }, empty: {}, message: 'qwerty' });
  same(rooted('[origin foo.bar="baz"]', 'q'), { ...root, origin: { 'foo.bar': 'baz' }, message: 'q' });
  same(rooted('[origin a= "b"  c="d"]', 'q'), { ...root, origin: { a: 'b', ' c': 'd' }, message: 'q' });
  same(rooted('[origin a="b" ]', 'q'), { ...root, message: 'q' });
  same(rooted('[incorrect x]', 'qwerty'), { ...root, message: 'qwerty' });
  same(rooted('[incorrect x=][b c="d"]', 'qwerty'), { ...root, b: { c: 'd' }, message: 'qwerty' });
  same(rooted('[]', 'qwerty'), { ...root, message: 'qwerty' });
  same(rooted('[a b="1" b="2"][a b="3"]', 'q'), { ...root, a: { b: '3' }, message: 'q' });
  const hostile = read(rooted('[__proto__ constructor="x"]', 'q'))!;
  assert.deepEqual(Object.getOwnPropertyDescriptor(hostile, '__proto__')?.value, { constructor: 'x' });
  same(rooted('[unclosed x="1"', 'qwerty'), undefined);
  same(rooted('', 'no structured data'), undefined);
});

test('quotes, backslashes, brackets and line ends are unescaped, everything else is left', () => {
  same(rooted(String.raw`[a q="say \"hi\"" s="a\\b" b="[x\]" o="\d\n" e="\\"]`, 'm'), {
    ...root,
    a: { q: 'say "hi"', s: 'a\\b', b: '[x]', o: '\\d\n', e: '\\' },
    message: 'm',
  });
});

test('a priority beyond 191 has no facility, beyond 255 it is none', () => {
  same('<199>1 - - - - - - x', { message: 'x', severity: 'debug', version: 1 });
  same('<999>1 2003-10-11T22:14:15.003Z h a p m - x', undefined);
});

const su = { facility: 'auth', severity: 'crit', timestamp: '2026-10-11T22:14:15Z' };

test('RFC 3164 with and without host, tag, process id and priority', () => {
  const time = '<34>Oct 11 22:14:15';
  same(`${time} mymachine su: 'su root' failed`, {
    ...su,
    hostname: 'mymachine',
    appname: 'su',
    message: "'su root' failed",
  });
  same(`${time} host prog[77]: with pid`, {
    ...su,
    hostname: 'host',
    appname: 'prog',
    procid: 77,
    message: 'with pid',
  });
  same(`${time} host root[8539]:glued`, { ...su, hostname: 'host', appname: 'root', procid: 8539, message: 'glued' });
  same(`${time} haproxy[73411]: started.`, { ...su, appname: 'haproxy', procid: 73411, message: 'started.' });
  same(`${time} kernel: oops`, { ...su, hostname: 'kernel', message: 'oops' });
  same(`${time} host  two spaces: x`, { ...su, hostname: 'host', message: 'two spaces: x' });
  same(`${time} host - x`, { ...su, message: 'x' });
  same(`${time} fe80::1 a-b/c.d[x1]: t`, {
    ...su,
    hostname: 'fe80::1',
    appname: 'a-b/c.d',
    procid: 'x1',
    message: 't',
  });
  same(`${time} 10.0.0.99 Use the BFG!`, { ...su, hostname: '10.0.0.99', appname: 'Use', message: 'the BFG!' });
  same(`${time} host`, { ...su, hostname: 'host', message: '' });
  same(`${time} Übergröße außplatz[1902]: äöüß`, {
    ...su,
    hostname: 'Übergröße',
    appname: 'außplatz',
    procid: 1902,
    message: 'äöüß',
  });
  const { facility: _, severity: __, ...bare } = su;
  same('Oct 11 22:14:15 host nginx: 127.0.0.1 - - [28/Dec/2019] "GET /"', {
    ...bare,
    hostname: 'host',
    appname: 'nginx',
    message: '127.0.0.1 - - [28/Dec/2019] "GET /"',
  });
});

test('RFC 3164 may carry structured data, and brackets that are none belong to the message', () => {
  const time = '<34>Oct 11 22:14:15 avd42';
  const from = { ...su, hostname: 'avd42', appname: 'app' };
  same(`${time} app:  [origin software="rsyslogd" swVersion="8.24.0"] start`, {
    ...from,
    origin: { software: 'rsyslogd', swVersion: '8.24.0' },
    message: 'start',
  });
  for (const message of ['[Tue Jun 08 11:54:08.929301 2021] [php7:emerg] [pid 1] rest', '[error] bad', '[x y="1'])
    same(`${time} app ${message}`, { ...from, message });
});

test('RFC 3164 times come with years, fractions, colons, or as RFC 3339', () => {
  const at = (line: string) => read(`<34>${line} host app: x`)?.['timestamp'];
  assert.equal(at('Feb  5 17:32:18'), '2026-02-05T17:32:18Z');
  assert.equal(at('feb 5 07:32:18'), '2026-02-05T07:32:18Z');
  assert.equal(at('Oct 11 2003 22:14:15'), '2003-10-11T22:14:15Z');
  assert.equal(at('Oct 11 22:14:15 2003'), '2003-10-11T22:14:15Z');
  assert.equal(at('Oct 11 22:14:15.123:'), '2026-10-11T22:14:15.123Z');
  assert.equal(at('2019-02-13T21:53:30.605850+01:00'), '2019-02-13T20:53:30.605850Z');
  for (const wrong of ['Okt 11 22:14:15', 'Feb 30 22:14:15', 'Oct 11 24:14:15', '2019-02-30T21:53:30Z', 'Oct 11'])
    assert.equal(at(wrong), undefined, wrong);
});

test('a December that arrives in January was last year', () => {
  const at = (line: string, now: string) => read(`<34>${line} h a: x`, { now })?.['timestamp'];
  assert.equal(at('Dec 31 23:59:59', '2026-01-01T00:00:05Z'), '2025-12-31T23:59:59Z');
  assert.equal(at('Dec 31 23:59:59', '2025-12-31T23:59:58Z'), '2025-12-31T23:59:59Z');
  assert.equal(at('Jan  1 00:00:00', '2026-01-01T00:00:05Z'), '2026-01-01T00:00:00Z');
});

test('times without a zone are local', () => {
  const at = (line: string, zone: string) => read(`<34>${line} h a: x`, { zone })?.['timestamp'];
  assert.equal(at('Jul  1 12:00:00', 'Europe/Berlin'), '2026-07-01T10:00:00Z');
  assert.equal(at('Jan  1 12:00:00', 'America/New_York'), '2026-01-01T17:00:00Z');
  assert.equal(at('2019-02-13T12:00:00Z', 'Europe/Berlin'), '2019-02-13T12:00:00Z');
});

test('what is no syslog is refused', () => {
  for (const line of [
    '',
    'not much of a syslog message',
    '<13>',
    '<13>hello',
    '<13>1',
    '{"a":1}',
    '<13>1 x - - - - - m',
  ])
    same(line, undefined);
});

test('hostile lines cost time in proportion and never throw', () => {
  const long = 1_000_000;
  const time = '<34>Oct 11 22:14:15 h a:';
  for (const piece of [
    '\\"',
    '[',
    '[a b="',
    ' ',
    '[a ',
    'a="b" ',
    '\\',
    ']',
    ':',
    'x[',
    '[a b="\\"]',
    '="',
    '\u00a0',
  ]) {
    for (const start of [
      rooted('[a b="', ''),
      `${rooted('', '').trimEnd()} `,
      time,
      '<34>Oct 11 22:14:15 ',
      '',
      '<34>2019-01-01T',
    ])
      read(start + piece.repeat(long / piece.length / 4));
  }
  const line = fc
    .array(
      fc.constantFrom(
        '<13>',
        '1 ',
        '2019-02-13T19:48:34Z ',
        '- ',
        '[a ',
        'b="',
        '\\"',
        '"',
        ']',
        ' ',
        'Oct 11 22:14:15 ',
        'x',
        'app[1]:',
        'é',
      ),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(line, fc.string()), (text) => void read(text)),
    { numRuns: 500 },
  );
});

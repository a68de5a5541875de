import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatTime, parseStrftime, type StrftimeItem } from './strftime.ts';
import { compileStrptime, STRPTIME_FAULTS } from './strptime.ts';
import { Timestamp } from './timestamp.ts';
import { localOffsets, namedZone, UTC } from './timezone.ts';

/** What a text is read as: a time, or the fault. */
function read(format: string, text: string, zone = 'UTC'): string {
  const reader = compileStrptime(format);
  const time = reader.hasZone ? reader.readZoned(text) : reader.read(text, zone === 'UTC' ? UTC : namedZone(zone)!);
  return typeof time === 'number' ? STRPTIME_FAULTS[time]! : time.toString();
}

const IMPOSSIBLE = 'no possible date and time matching input';
const NOT_ENOUGH = 'input is not enough for unique date and time';
const OUT_OF_RANGE = 'input is out of range';
const INVALID = 'input contains invalid characters';
const TOO_SHORT = 'premature end of input';
const TOO_LONG = 'trailing input';

const cases: readonly [format: string, text: string, expected: string][] = [
  ['%Y-%m-%d %H:%M:%S', '2021-02-03 04:05:06', '2021-02-03T04:05:06Z'],
  ['%Y-%m-%d %H:%M:%S', ' 2021- 2-3   4:5:6', '2021-02-03T04:05:06Z'],
  ['%F %T', '2021-02-03 04:05:06 ', TOO_LONG],
  ['%F %T', '2021-02-03 04:05', TOO_SHORT],
  ['%F %T', '2021-02-30 04:05:06', OUT_OF_RANGE],
  ['%F %T', '2021-13-03 04:05:06', OUT_OF_RANGE],
  ['%F %T', 'x', INVALID],
  ['%F', '2021-02-03', NOT_ENOUGH],
  ['%F %R', '+12021-02-03 04:05', '+12021-02-03T04:05:00Z'],
  ['%F %R', '-0001-02-03 04:05', '-0001-02-03T04:05:00Z'],
  ['%Y%m%d%H%M%S', '20210203040506', '2021-02-03T04:05:06Z'],
  ['%y-%m-%d %R', '69-02-03 04:05', '2069-02-03T04:05:00Z'],
  ['%y-%m-%d %R', '70-02-03 04:05', '1970-02-03T04:05:00Z'],
  ['%C%y-%m-%d %R', '1870-02-03 04:05', '1870-02-03T04:05:00Z'],
  ['%C %F %R', '19 2021-02-03 04:05', IMPOSSIBLE],
  ['%a %F %R', 'wed 2021-02-03 04:05', '2021-02-03T04:05:00Z'],
  ['%a %F %R', 'Thu 2021-02-03 04:05', IMPOSSIBLE],
  ['%A %d %B %Y %R', 'Wednesday 3 FEB 2021 04:05', '2021-02-03T04:05:00Z'],
  ['%Y-%j %R', '2021-034 04:05', '2021-02-03T04:05:00Z'],
  ['%Y-%j %R', '2021-366 04:05', OUT_OF_RANGE],
  ['%Y %U %w %R', '2021 05 3 04:05', '2021-02-03T04:05:00Z'],
  ['%Y %W %u %R', '2021 05 3 04:05', '2021-02-03T04:05:00Z'],
  ['%G-W%V-%u %R', '2020-W53-5 04:05', '2021-01-01T04:05:00Z'],
  ['%q %F %R', '2 2021-02-03 04:05', IMPOSSIBLE],
  ['%F %I:%M %p', '2021-02-03 12:05 am', '2021-02-03T00:05:00Z'],
  ['%F %I:%M', '2021-02-03 11:05', NOT_ENOUGH],
  ['%F %H %p', '2021-02-03 11 PM', IMPOSSIBLE],
  ['%F %T%.f', '2021-02-03 04:05:06.1234567891', '2021-02-03T04:05:06.123456789Z'],
  ['%F %T%.f', '2021-02-03 04:05:06', '2021-02-03T04:05:06Z'],
  ['%F %T.%f', '2021-02-03 04:05:06.5', '2021-02-03T04:05:06.000000005Z'],
  ['%F %T.%3f', '2021-02-03 04:05:06.123', '2021-02-03T04:05:06.123Z'],
  ['%F %T%.3f', '2021-02-03 04:05:06.12', TOO_SHORT],
  ['%F %R.%f', '2021-02-03 04:05.5', NOT_ENOUGH],
  ['%s', '1612325106', '2021-02-03T04:05:06Z'],
  ['%s', '-1', INVALID],
  ['%s.%3f', '1612325106.250', '2021-02-03T04:05:06.250Z'],
  ['%s %F', '1612325106 2021-02-04', IMPOSSIBLE],
  ['%F %T %z', '2021-02-03 04:05:06 +0130', '2021-02-03T02:35:06Z'],
  ['%F %T %z', '2021-02-03 04:05:06 -01: 30', '2021-02-03T05:35:06Z'],
  ['%F %T %z', '2021-02-03 04:05:06 Z', INVALID],
  ['%F %T %z', '2021-02-03 04:05:06 +01', TOO_SHORT],
  ['%F %T %#z', '2021-02-03 04:05:06 +01', '2021-02-03T03:05:06Z'],
  ['%F %T %#z', '2021-02-03 04:05:06z', '2021-02-03T04:05:06Z'],
  ['%F %T %Z', '2021-02-03 04:05:06 CET', NOT_ENOUGH],
  ['%+', '2021-02-03T04:05:06.5+01:00', '2021-02-03T03:05:06.500Z'],
  ['%+', '2021- 2-3 4:05:06 utc', '2021-02-03T04:05:06Z'],
  ['%F %T', '2016-12-31 23:59:60', '2017-01-01T00:00:00Z'],
  ['%F%t%T%n%%', '2021-02-03\u00a004:05:06%', '2021-02-03T04:05:06Z'],
  ['%F %Q', '2021-02-03 x', 'bad or unsupported format string'],
  ['%Q', '', 'bad or unsupported format string'],
  ['x%Q', 'y', INVALID],
  ['äö', 'a', TOO_SHORT],
];

for (const [format, text, expected] of cases) {
  test(`${format} reads ${JSON.stringify(text)} as ${expected}`, () => assert.equal(read(format, text), expected));
}

test('local times have the offset of their zone, unless the clock skips or repeats them', () => {
  const paris = (text: string) => read('%F %T', text, 'Europe/Paris');
  assert.equal(paris('2021-07-03 12:00:00'), '2021-07-03T10:00:00Z');
  assert.equal(paris('2021-02-03 12:00:00'), '2021-02-03T11:00:00Z');
  assert.equal(paris('2021-03-28 02:30:00'), IMPOSSIBLE);
  assert.equal(paris('2021-10-31 02:30:00'), NOT_ENOUGH);
  assert.equal(paris('2021-10-31 03:00:00'), '2021-10-31T02:00:00Z');
  assert.equal(paris('1900-01-01 00:00:00'), '1899-12-31T23:50:39Z');
  // `%::z` does not count as naming the zone: it has to fit, and tells which of two hours it is.
  assert.equal(read('%F %T %::z', '2021-10-31 02:30:00 +01:00', 'Europe/Paris'), '2021-10-31T01:30:00Z');
  assert.equal(read('%F %T %::z', '2021-07-03 12:00:00 +01:00', 'Europe/Paris'), IMPOSSIBLE);
});

test('readAny takes the offset of the text before the zone, readNaive takes neither', () => {
  const reader = compileStrptime('%F %T %z');
  const text = '2021-02-03 04:05:06 +0100';
  assert.deepEqual(reader.readAny(text, namedZone('Asia/Tokyo')!), new Timestamp(1612321506, 0));
  assert.deepEqual(reader.readNaive(text), new Timestamp(1612325106, 0));
  assert.deepEqual(compileStrptime('%F %T').readAny('2021-02-03 04:05:06', UTC), new Timestamp(1612325106, 0));
});

test('a reader keeps nothing from one text to the next', () => {
  const reader = compileStrptime('%F %T%.f');
  const long = reader.read('2021-02-03 04:05:06.7', UTC);
  assert.equal(typeof reader.read('2021-02-03', UTC), 'number');
  assert.deepEqual(reader.read('2021-02-03 04:05:06', UTC), new Timestamp(1612325106, 0));
  assert.deepEqual(long, new Timestamp(1612325106, 700_000_000));
});

test('what was written is read again', () => {
  const formats = ['%F %T%.f %z', '%+', '%s.%9f', '%Y %j %H %M %S %9f %:z', '%G %V %a %T%.f %z', '%A, %v %r .%f %z'];
  const time = fc.tuple(fc.integer({ min: -5e9, max: 2e10 }), fc.integer({ min: 0, max: 999_999_999 }));
  const zones = ['UTC', 'Asia/Tokyo', 'America/St_Johns'];
  fc.assert(
    fc.property(time, fc.constantFrom(...formats), fc.constantFrom(...zones), ([seconds, nanos], format, name) => {
      // Offsets of old have seconds, which no specifier writes in full.
      const zone = seconds < 1e8 || name === 'UTC' ? UTC : namedZone(name)!;
      const timestamp = new Timestamp(seconds, nanos);
      if (seconds < 0 && format.startsWith('%s')) return;
      const text = formatTime(parseStrftime(format) as readonly StrftimeItem[], timestamp, zone);
      assert.deepEqual(compileStrptime(format).readAny(text, UTC), timestamp, `${format}: ${text}`);
    }),
    { numRuns: 300 },
  );
});

test('no text makes a reader throw', () => {
  const piece = fc.constantFrom(
    '%Y',
    '%m',
    '%d',
    ' ',
    '%H',
    ':',
    '%M',
    '%z',
    '%+',
    '%s',
    '%j',
    '%p',
    '%.3f',
    'é',
    '%',
    '%V',
  );
  const format = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  fc.assert(fc.property(format, fc.string(), (spec, text) => void compileStrptime(spec).readAny(text, UTC)));
});

test('zones are known by the names of the database, in its spelling', () => {
  for (const name of ['Europe/Berlin', 'US/Eastern', 'EST5EDT', 'Etc/GMT+5', 'America/Port-au-Prince', 'GB'])
    assert.ok(namedZone(name), name);
  for (const name of ['europe/berlin', 'EUROPE/BERLIN', 'PST', 'SystemV/AST4', '+01:00', 'Mars', ''])
    assert.equal(namedZone(name), undefined, name);
});

test('the offsets of a local time: one, two or none', () => {
  const berlin = namedZone('Europe/Berlin')!;
  const at = (text: string) => localOffsets(berlin, Date.parse(text) / 1000);
  assert.deepEqual(at('2021-07-03T12:00:00Z'), [7200]);
  assert.deepEqual(at('2021-10-31T02:59:59Z'), [7200, 3600]);
  assert.deepEqual(at('2021-03-28T02:00:00Z'), []);
  assert.deepEqual(at('2021-03-28T03:00:00Z'), [7200]);
});

test('zones are called what the database calls them', () => {
  const name = (zone: string, text: string) => namedZone(zone)!.nameAt(Date.parse(text) / 1000);
  assert.equal(name('Asia/Tokyo', '2021-02-03T00:00:00Z'), 'JST');
  assert.equal(name('Europe/Moscow', '2005-07-03T00:00:00Z'), 'MSD');
  assert.equal(name('Europe/Berlin', '2021-07-03T00:00:00Z'), 'CEST');
  assert.equal(name('America/Sao_Paulo', '2021-07-03T00:00:00Z'), '-03');
  assert.equal(name('Europe/Paris', '1900-01-01T00:00:00Z'), 'LMT');
});

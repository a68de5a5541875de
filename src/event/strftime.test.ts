import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatTime, isDynamic, parseStrftime, showsFraction, strftime } from './strftime.ts';
import { parseRfc3339, Timestamp } from './timestamp.ts';
import { namedByOffset, namedZone, UTC } from './timezone.ts';

const at = (text: string): Timestamp => parseRfc3339(text)!;
const moment = at('2001-07-08T00:34:59.026490708Z');

// The values are those of chrono's own table of specifiers, at this moment in UTC.
const TABLE: Record<string, string> = {
  '%Y': '2001',
  '%C': '20',
  '%y': '01',
  '%q': '3',
  '%m': '07',
  '%b': 'Jul',
  '%B': 'July',
  '%h': 'Jul',
  '%d': '08',
  '%e': ' 8',
  '%a': 'Sun',
  '%A': 'Sunday',
  '%w': '0',
  '%u': '7',
  '%U': '27',
  '%W': '27',
  '%G': '2001',
  '%g': '01',
  '%V': '27',
  '%j': '189',
  '%D': '07/08/01',
  '%x': '07/08/01',
  '%F': '2001-07-08',
  '%v': ' 8-Jul-2001',
  '%H': '00',
  '%k': ' 0',
  '%I': '12',
  '%l': '12',
  '%P': 'am',
  '%p': 'AM',
  '%M': '34',
  '%S': '59',
  '%f': '026490708',
  '%.f': '.026490708',
  '%.3f': '.026',
  '%.6f': '.026490',
  '%.9f': '.026490708',
  '%3f': '026',
  '%6f': '026490',
  '%9f': '026490708',
  '%R': '00:34',
  '%T': '00:34:59',
  '%X': '00:34:59',
  '%r': '12:34:59 AM',
  '%Z': 'UTC',
  '%z': '+0000',
  '%:z': '+00:00',
  '%::z': '+00:00:00',
  '%:::z': '+00',
  '%#z': '+0000',
  '%c': 'Sun Jul  8 00:34:59 2001',
  '%+': '2001-07-08T00:34:59.026490708+00:00',
  '%s': '994552499',
  '%t': '\t',
  '%n': '\n',
  '%%': '%',
  '%-d': '8',
  '%_d': ' 8',
  '%0e': '08',
  '%-j': '189',
  '%_H': ' 0',
  '%-H': '0',
  '%_f': ' 26490708',
};

for (const [format, text] of Object.entries(TABLE)) {
  test(`${format} is ${JSON.stringify(text)}`, () => assert.equal(strftime(format, moment), text));
}

test('keeps text around specifiers, white space included', () => {
  assert.equal(strftime('day %F  at\t%R, é{}!', moment), 'day 2001-07-08  at\t00:34, é{}!');
});

test('refuses what is no specifier', () => {
  for (const format of ['%', 'a%', '%Q', '%20', '%-', '%-D', '%-%', '%.4f', '%4f', '%::::z', '%-a', '%E', '%é']) {
    assert.match(String(parseStrftime(format)), /is not a time specifier/, format);
    assert.equal(strftime(format, moment), undefined, format);
  }
});

test('counts weeks as ISO 8601 does at the edges of years', () => {
  const weeks: Record<string, string> = {
    '2020-12-31': '2020-53 52 52',
    '2021-01-01': '2020-53 00 00',
    '2021-01-03': '2020-53 01 00',
    '2021-01-04': '2021-01 01 01',
    '2018-12-31': '2019-01 52 53',
    '2012-01-01': '2011-52 01 00',
    '2000-02-29': '2000-09 09 09',
  };
  for (const [day, expected] of Object.entries(weeks))
    assert.equal(strftime('%G-%V %U %W', at(`${day}T12:00:00Z`)), expected, day);
});

test('writes years beyond four digits with their sign', () => {
  assert.equal(strftime('%Y|%-Y|%_Y|%C|%y', new Timestamp(-62198755200, 0)), '-0001|-1|   -1|-1|99');
  assert.equal(strftime('%Y|%-Y', new Timestamp(253402300800, 0)), '+10000|+10000');
  assert.equal(strftime('%Y', new Timestamp(9e15, 0)), '9000000000000000s');
});

test('writes local time of a zone, summer and winter', () => {
  const paris = namedZone('Europe/Paris')!;
  assert.equal(strftime('%F %T %z %Z', at('2021-07-01T10:00:00Z'), paris), '2021-07-01 12:00:00 +0200 CEST');
  assert.equal(strftime('%F %T %z %Z', at('2021-01-01T23:30:00Z'), paris), '2021-01-02 00:30:00 +0100 CET');
  assert.equal(strftime('%T %Z', at('2021-01-01T23:30:00Z'), namedByOffset(paris)), '00:30:00 +01:00');
  assert.equal(
    strftime('%T %:z %Z', at('2021-01-01T00:00:00Z'), namedZone('America/New_York')!),
    '19:00:00 -05:00 EST',
  );
  assert.equal(
    strftime('%T %:z %Z', at('2021-01-01T00:00:00Z'), namedZone('Asia/Kathmandu')!),
    '05:45:00 +05:45 +0545',
  );
  assert.equal(strftime('%T %::z', at('1960-01-01T00:00:00Z'), namedZone('Africa/Monrovia')!), '23:15:30 -00:44:30');
});

test('changes offset at the second of a transition', () => {
  const zone = namedZone('Europe/Paris')!;
  const change = at('2021-03-28T01:00:00Z').seconds;
  assert.deepEqual([zone.offsetAt(change - 1), zone.offsetAt(change), zone.offsetAt(change - 1)], [3600, 7200, 3600]);
});

test('knows no zone by a wrong name', () => {
  for (const name of ['', 'Mars/Olympus', '+01:00', '../../etc/passwd']) assert.equal(namedZone(name), undefined);
  assert.equal(namedZone('UTC'), UTC);
  assert.ok(namedZone('local'));
});

test('says whether a format depends on the time, and on its fraction', () => {
  const facts = (format: string) => {
    const items = parseStrftime(format);
    assert.ok(typeof items !== 'string');
    return [isDynamic(items), showsFraction(items)];
  };
  assert.deepEqual(facts('a%%b%n'), [false, false]);
  assert.deepEqual(facts('%F'), [true, false]);
  for (const format of ['%f', '%.3f', '%6f', '%+']) assert.deepEqual(facts(format), [true, true], format);
});

test('agrees with RFC 3339 at any moment', () => {
  const items = parseStrftime('%Y-%m-%dT%H:%M:%S%.fZ');
  assert.ok(typeof items !== 'string');
  fc.assert(
    fc.property(fc.integer({ min: -62135596800, max: 253402300799 }), fc.nat(999_999_999), (seconds, nanos) => {
      const timestamp = new Timestamp(seconds, nanos);
      assert.equal(formatTime(items, timestamp), timestamp.toString());
    }),
  );
});

test('any text is a format or a problem, never a throw', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('%', '-', '_', '.', '3', 'f', ':', 'z', 'Y', ' ', 'é', '+') }),
      (format) => {
        const text = strftime(format, moment);
        assert.equal(typeof text, typeof parseStrftime(format) === 'string' ? 'undefined' : 'string');
      },
    ),
  );
});

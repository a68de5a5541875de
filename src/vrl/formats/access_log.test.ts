import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileStrptime } from '../../event/strptime.ts';
import { UTC } from '../../event/timezone.ts';
import { Failure } from '../4_run/failure.ts';
import { parseCombinedLog, parseCommonLog } from './access_log.ts';
import { parseErrorLog } from './error_log.ts';

const FORMAT = '%d/%b/%Y:%T %z';
const time = { format: FORMAT, reader: compileStrptime(FORMAT), zone: UTC };
const START = 'h - ann [03/Feb/2021:21:13:55 +0000]';

function common(line: string): Record<string, unknown> {
  const fields = parseCommonLog(line, time);
  return fields instanceof Failure
    ? { failure: fields.message }
    : { ...fields, timestamp: String(fields['timestamp']) };
}

const start = { host: 'h', user: 'ann', timestamp: '2021-02-03T21:13:55Z' };

test('what is missing is left out', () => {
  assert.deepEqual(common(`${START} "-" - -`), start);
  assert.deepEqual(common('- - - [03/Feb/2021:21:13:55 +0000] - 200 5'), {
    timestamp: start.timestamp,
    status: 200,
    size: 5,
  });
});

test('a request is three words where it can be, and otherwise one text', () => {
  const request = { message: 'GET /a b HTTP/1.1', method: 'GET', path: '/a', protocol: 'b HTTP/1.1' };
  assert.deepEqual(common(`${START} "GET /a b HTTP/1.1" 200 5`), { ...start, ...request, status: 200, size: 5 });
  assert.deepEqual(common(`${START} "GET /a" 200 5`), { ...start, message: 'GET /a', status: 200, size: 5 });
  const quoted = { message: 'GET /"x" H', method: 'GET', path: '/"x"', protocol: 'H' };
  assert.deepEqual(common(`${START} "GET /"x" H" 200 5`), { ...start, ...quoted, status: 200, size: 5 });
});

test('says which part is wrong', () => {
  assert.deepEqual(common('nothing of it'), { failure: 'failed parsing common log line' });
  assert.deepEqual(common(`${START} "-" 99999999999999999999 5`), { failure: 'failed parsing status' });
  assert.deepEqual(common('h - - [yesterday] "-" 1 5'), {
    failure: `failed parsing timestamp yesterday using format ${FORMAT}: input contains invalid characters`,
  });
});

test('the scanner of usual lines and the pattern say the same', () => {
  const piece = fc.constantFrom(
    ...[
      'h',
      '-',
      ' ',
      ' ',
      '[03/Feb/2021:21:13:55 +0000]',
      '[',
      ']',
      '"',
      'GET',
      '/a',
      'HTTP/1.1',
      '200',
      '\t',
      'é',
      '1',
      '-x',
    ],
  );
  const near = fc.tuple(fc.nat(60), piece).map(([at, part]) => {
    const line = `${START} "GET /a HTTP/1.1" 200 5 "http://x" "agent [1] y"`;
    return line.slice(0, at) + part + line.slice(at);
  });
  const line = fc.oneof(
    near,
    fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join('')),
  );
  // White space in front changes nothing for the pattern, and is unusual.
  for (const parse of [parseCommonLog, parseCombinedLog])
    fc.assert(
      fc.property(line, (text) => assert.deepEqual({ ...parse(text, time) }, { ...parse(` ${text}`, time) })),
      { numRuns: 2000 },
    );
});

test('hostile lines cost time in proportion', { timeout: 20_000 }, () => {
  for (const unit of [' ', '- ', '[', '] ', '" ', '[] "', 'a ', '1 ', ': '])
    for (const parse of [parseCommonLog, parseCombinedLog, parseErrorLog])
      parse(unit.repeat(20_000 / unit.length), time);
});

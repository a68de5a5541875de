import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InfluxProblem, influxLines, parseInfluxLine } from './influxdb_line.ts';

function problem(line: string): string {
  try {
    parseInfluxLine(line);
  } catch (error) {
    if (error instanceof InfluxProblem) return error.message;
    throw error;
  }
  return assert.fail(`${line} should not be read`);
}

test('reads names with escapes, fields of all types and a time', () => {
  assert.deepEqual(parseInfluxLine('a\\,\\ b,t\\=1=x\\y i=-1i,u=2u,f=-1.5e2,t=T,f2=false,s="a\\"b" -5'), {
    measurement: 'a, b',
    tags: [['t=1', 'x\\y']],
    fields: [
      ['i', -1],
      ['u', 2],
      ['f', -150],
      ['t', 1],
      ['f2', 0],
      ['s', 'a\\"b'],
    ],
    timestamp: -5n,
  });
  assert.deepEqual(parseInfluxLine('m a=1,').fields, [['a', 1]]);
});

test('lines end where no quotes are open, and comments are passed over', () => {
  assert.deepEqual([...influxLines('# c\n  a b="x\ny"\n\n\t#d\nc d=1')], ['a b="x\ny"', 'c d=1']);
});

test('says what is wrong', () => {
  assert.equal(problem(',a=1 b=1'), 'Invalid measurement was provided');
  assert.equal(problem('m,a b=1'), 'Tag Set Malformed');
  assert.equal(problem('m'), 'A generic parsing error occurred: TakeWhile1');
  assert.equal(problem('m a='), 'No fields were provided');
  assert.equal(problem('m a=9223372036854775808i'), "Unable to parse integer value '9223372036854775808'");
  assert.equal(problem('m a=1 x'), "Could not parse entire line. Found trailing content: ' x'");
  assert.equal(problem('m a=1 9223372036854775808'), "Unable to parse timestamp value '9223372036854775808'");
  assert.match(problem('m\\\\ a=1'), /may not end with a backslash$/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timestamp } from '../event/timestamp.ts';
import { Float, Regex } from '../event/value.ts';
import { fromTagged, toTagged } from './tagged.ts';

for (const [json, value] of [
  [null, null],
  [1, 1],
  [1.5, 1.5],
  [{ $int: '9223372036854775807' }, 9223372036854775807n],
  [{ $float: '15.0' }, new Float(15)],
  [{ $float: '-0.0' }, new Float(-0)],
  [{ $float: 'inf' }, new Float(Number.POSITIVE_INFINITY)],
  [{ $timestamp: '2021-02-03T21:13:55.5Z' }, new Timestamp(1612386835, 500_000_000)],
  [{ $regex: '\\d+' }, new Regex('\\d+')],
  [{ $bytes: '/w==' }, new Uint8Array([255])],
  [{ $object: { $int: '1' } }, { $int: '1' }],
  [
    { a: [{ $float: '1.0' }], $int: 2 },
    { a: [new Float(1)], $int: 2 },
  ],
] as const) {
  test(`${JSON.stringify(json)} survives the way in and out`, () => {
    assert.deepEqual(fromTagged(json), value);
    const written =
      json !== null && typeof json === 'object' && '$timestamp' in json
        ? { $timestamp: '2021-02-03T21:13:55.500Z' }
        : json;
    assert.deepEqual(toTagged(value as never), written);
  });
}

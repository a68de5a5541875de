import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, Regex } from '../../event/value.ts';
import { temporaryFolder } from '../../testing/component.ts';
import { decodeExact, encodeExact } from './exact.ts';
import { DamagedState, StateFile } from './state_file.ts';

const special = fc.oneof(
  fc.bigInt().map((value) => value as unknown),
  fc.double().map((value) => value as unknown),
  fc.uint8Array().map((bytes) => new Uint8Array(bytes) as unknown),
  fc.double({ noNaN: true }).map((value) => new Float(value) as unknown),
  fc.tuple(fc.integer(), fc.nat(999_999_999)).map(([seconds, nanos]) => new Timestamp(seconds, nanos) as unknown),
  fc.string().map((source) => new Regex(source) as unknown),
  fc.string({ unit: 'binary' }).map((text) => text as unknown),
  fc.constantFrom<unknown>(null, true, false, -0, Number.POSITIVE_INFINITY, '', { $: 1 }, { $: ['i', '1'] }),
);

const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    special,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc
      .array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom('__proto__', '$', 'constructor')), tie('value')), {
        maxLength: 4,
      })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

test('every value comes back as it was', () => {
  fc.assert(fc.property(anything, (value) => assert.deepStrictEqual(decodeExact(encodeExact(value)), value)));
});

test('what was saved is loaded, by its owner alone', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'deep', 'state');
  const file = new StateFile(path, 'dedupe');
  assert.equal(file.load(), undefined);
  file.save({ keys: ['a'] }, 5);
  file.save({ keys: ['a', 'é\ud800'] }, 7);
  assert.deepEqual(file.load(), { state: { keys: ['a', 'é\ud800'] }, savedMs: 7 });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(existsSync(`${path}.new`), false);
  assert.throws(() => new StateFile(path, 'reduce').load(), /state of a component `dedupe`/);
});

test('no damage goes unnoticed', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'state');
  const file = new StateFile(path, 'dedupe');
  file.save({ keys: ['some', 'keys'] }, 5);
  const whole = readFileSync(path);
  const states = new Set<string>();
  for (let at = 0; at < whole.length; at++) {
    for (const bytes of [whole.subarray(0, at), flipped(whole, at)]) {
      writeFileSync(path, bytes);
      try {
        states.add(JSON.stringify(file.load()!.state));
      } catch (error) {
        assert.ok(error instanceof DamagedState);
      }
    }
  }
  // The time in the header is not covered by the checksum.
  assert.deepEqual([...states], ['{"keys":["some","keys"]}']);
  writeFileSync(path, Buffer.concat([whole, Buffer.from('x')]));
  assert.throws(() => file.load(), DamagedState);
  assert.equal(file.setAside(), `${path}.damaged`);
  assert.equal(file.load(), undefined);
});

function flipped(whole: Buffer, at: number): Buffer {
  const bytes = Buffer.from(whole);
  bytes[at]! ^= 1;
  return bytes;
}

test('a save that fails leaves what was there', (t) => {
  if (process.getuid?.() === 0) {
    using folder = temporaryFolder();
    const path = join(folder.path, 'state');
    mkdirSync(`${path}.new`);
    const file = new StateFile(path, 'dedupe');
    assert.throws(() => file.save(1, 1), /EISDIR/);
    return;
  }
  using folder = temporaryFolder();
  const path = join(folder.path, 'state');
  const file = new StateFile(path, 'dedupe');
  file.save('before', 1);
  chmodSync(folder.path, 0o500);
  t.after(() => chmodSync(folder.path, 0o700));
  assert.throws(() => file.save('after', 2), /EACCES/);
  assert.deepEqual(file.load()?.state, 'before');
});

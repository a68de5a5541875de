import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Segment } from '../../event/path.ts';
import { Float, Regex, type Value } from '../../event/value.ts';
import { type AnyKindName, Collection, ENTRIES_MAX, Kind } from './kind.ts';

const bytes = Kind.of('bytes');
const integer = Kind.of('integer');
const nothing = Kind.of('undefined');

/** Kinds of all shapes: plain sets, arrays and objects with known and unknown entries, `any` and `json`. */
const kinds: fc.Arbitrary<Kind> = fc.letrec<{ kind: Kind }>((tie) => ({
  kind: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc
      .subarray<Exclude<AnyKindName, 'array' | 'object'>>(
        ['bytes', 'integer', 'float', 'boolean', 'timestamp', 'regex', 'null', 'undefined'],
        { minLength: 1 },
      )
      .map((names) => Kind.of(...names)),
    fc.constantFrom(Kind.any(), Kind.json(), Kind.of('object'), Kind.of('array', 'null'), Kind.objectOf({})),
    fc
      .tuple(fc.dictionary(fc.constantFrom('a', 'b', 'c d'), tie('kind')), fc.option(tie('kind'), { nil: undefined }))
      .map(([known, unknown]) => Kind.objectOf(known, unknown)),
    fc
      .tuple(fc.array(tie('kind'), { maxLength: 3 }), fc.option(tie('kind'), { nil: undefined }))
      .map(([known, unknown]) => Kind.arrayOf(known, unknown)),
    fc.tuple(tie('kind'), tie('kind')).map(([a, b]) => a.union(b)),
  ),
})).kind;

const segments: fc.Arbitrary<Segment[]> = fc.array(
  fc.oneof(fc.constantFrom<Segment>('a', 'b', 'c d'), fc.integer({ min: -4, max: 4 })),
  { maxLength: 3 },
);

test('plain kinds exist once', () => {
  assert.equal(Kind.of('bytes', 'null'), Kind.of('null').union(Kind.of('bytes')));
  assert.equal(Kind.any(), Kind.of('any'));
  assert.equal(Kind.of('object', 'array'), Kind.of('object').with('array'));
  assert.equal(Kind.any().objectMembers?.unknownKind, Kind.any());
});

test('messages name kinds in a fixed order and spell out what is known of a single array or object', () => {
  const shown = (kind: Kind, text: string) => assert.equal(kind.toString(), text);
  shown(Kind.of('null', 'bytes'), 'string or null');
  shown(Kind.of('array', 'regex', 'integer'), 'integer, regex or array');
  shown(Kind.any(), 'any');
  shown(Kind.never(), 'any');
  shown(
    Kind.fromValue({ b: [1, 'x'], a: {}, 'c d': new Float(1), '0': null }),
    '{ "0": null, a: object, b: [integer, string], "c d": float }',
  );
  shown(Kind.objectOf({ a: bytes }, integer), 'object');
  shown(Kind.objectOf({ a: bytes }).with('null'), 'null or object');
  shown(
    Kind.fromValue({ a: 1 }).union(Kind.fromValue({ b: 1 })),
    '{ a: integer or undefined, b: integer or undefined }',
  );
});

test('the kind of a value is exact', () => {
  const value: Value = { a: 'x', b: [1, 2n ** 60n, 1.5, new Regex('x')], __proto__: null };
  const kind = Kind.fromValue(value);
  assert.ok(
    kind.equals(Kind.objectOf({ a: bytes, b: Kind.arrayOf([integer, integer, Kind.of('float'), Kind.of('regex')]) })),
  );
  assert.equal(kind.arrayItems, undefined);
  assert.equal(Kind.fromValue([1, 2]).arrayItems?.exactLength(), 2);
  assert.equal(Kind.fromValue([]).arrayItems?.emptiness, 'always');
});

test('a kind that never comes may be anything', () => {
  const never = Kind.never();
  assert.ok(never.isAny() && never.is('bytes') && never.contains('regex') && never.isExact());
  assert.ok(never.intersects(bytes) && bytes.intersects(never));
  assert.ok(bytes.isSuperset(never) && !never.isSuperset(bytes));
  assert.equal(never.upgradeUndefined(), never);
  assert.equal(bytes.insert(['a'], never), bytes);
});

test('reading gives null where there may be nothing', () => {
  const kind = Kind.fromValue({ a: { b: 1 }, c: ['x', 1] });
  assert.equal(kind.get(['a', 'b']), integer);
  assert.equal(kind.get(['a', 'x']), Kind.of('null'));
  assert.equal(kind.atPath(['a', 'x', 'y']), nothing);
  assert.equal(kind.get(['c', -1]), integer);
  assert.equal(kind.get(['c', -3]), Kind.of('null'));
  assert.equal(kind.with('null').get(['a', 'b']), integer.with('null'));
  assert.equal(Kind.any().get(['x', 3]), Kind.any().without('undefined'));
  assert.ok(Kind.arrayOf([bytes], integer).get([-1]).equals(bytes.union(integer)));
});

test('writing makes arrays and objects, and holes hold null', () => {
  const shown = (kind: Kind, text: string) => assert.equal(kind.toString(), text);
  shown(bytes.insert(['a', 2], integer), '{ a: [null, null, integer] }');
  shown(Kind.fromValue([1]).insert([-3], bytes), '[string, null, null]');
  shown(Kind.fromValue({ a: 1 }).insert(['a', 'b'], nothing), '{ a: { b: null } }');
  shown(Kind.fromValue({ a: 1 }).setAtPath(['b'], nothing), '{ a: integer, b: undefined }');
});

test('removing takes the entry, and with `compact` what is left empty', () => {
  const kind = Kind.fromValue({ a: { b: 1 }, c: 'x' });
  assert.equal(kind.remove(['a', 'b'], false).kind.toString(), '{ a: object, c: string }');
  assert.equal(kind.remove(['a', 'b'], true).kind.toString(), '{ c: string }');
  assert.equal(kind.remove(['a', 'b'], true).removed, integer);
  assert.equal(kind.remove(['x'], true).kind, kind);
  assert.equal(kind.remove([], true).kind.toString(), 'object');
  assert.equal(bytes.remove([], false).kind, Kind.of('null'));
  assert.equal(Kind.fromValue(['x', 1]).remove([0], false).kind.toString(), '[integer]');
});

test('merging lets members of the second win', () => {
  const merged = Kind.fromValue({ a: 1, b: 1 }).mergeOverwrite(Kind.fromValue({ b: 'x', c: null }));
  assert.equal(merged.toString(), '{ a: integer, b: string, c: null }');
  const loose = Kind.fromValue({ a: 1 }).mergeOverwrite(Kind.objectOf({}, bytes));
  assert.equal(loose.get(['a']).toString(), 'string or integer');
});

test('known entries that say what is said of the rest make no difference', () => {
  assert.ok(Kind.objectOf({ a: bytes.with('undefined') }, bytes).equals(Kind.objectOf({}, bytes)));
  assert.ok(!Kind.objectOf({ a: bytes }, bytes).equals(Kind.objectOf({}, bytes)));
});

test('the kinds of entries are known all together', () => {
  const members = Kind.objectOf({ a: bytes, b: integer }, Kind.of('null')).objectMembers!;
  assert.equal(members.reducedKind().toString(), 'string, integer or null');
  assert.equal(members.anonymized().unknownKind.toString(), 'string, integer, null or undefined');
  assert.equal(Collection.empty<string>().reducedKind(), Kind.never());
  assert.equal(members.emptiness, 'never');
  assert.equal(Collection.any<string>().emptiness, 'maybe');
});

test('what is known of hostile literals is bounded', () => {
  const wide = Kind.fromValue(Array.from({ length: ENTRIES_MAX + 1 }, () => 1));
  assert.equal(wide.arrayItems?.known.size, 0);
  let deep: Kind = integer;
  for (let i = 0; i < 1000; i++) deep = Kind.objectOf({ a: deep, b: deep });
  assert.ok(deep.size < 20_000 && deep.depth <= 64);
  let value: Value = 1;
  for (let i = 0; i < 1000; i++) value = [value];
  assert.ok(Kind.fromValue(value).depth <= 64);
  const far = Kind.fromValue([1]).insert([1_000_000_000], bytes);
  assert.ok(far.get([5]).contains('bytes') && far.get([0]).contains('integer'));
  assert.ok(Kind.of('array').insert([-1_000_000], bytes).get([0]).contains('bytes'));
  assert.ok(Kind.arrayOf([bytes], integer).remove([-1_000_000], true).kind.is('array'));
});

test('names are in the order of their bytes', () => {
  const members = Kind.objectOf({ '\u{1f600}': bytes, '\uffee': bytes, b: bytes, a: bytes }).objectMembers!;
  assert.deepEqual([...members.known.keys()], ['a', 'b', '\uffee', '\u{1f600}']);
  const items = Collection.of<number>([
    [10, bytes],
    [9, bytes],
  ]);
  assert.deepEqual([...items.known.keys()], [9, 10]);
});

const check = (...properties: fc.IPropertyWithHooks<never>[]) => {
  for (const property of properties) fc.assert(property as fc.IProperty<never>, { numRuns: 400, seed: 7 });
};
const holds = (claim: (...kinds: Kind[]) => boolean, count: number) =>
  fc.property(fc.tuple(...Array.from({ length: count }, () => kinds)), (all) => claim(...all)) as never;

test('union is idempotent, commutative and monotone, and returns the same object where nothing changes', () => {
  check(
    holds((a) => a.union(a) === a, 1),
    holds((a) => a.union(Kind.never()) === a && Kind.never().union(a) === a, 1),
    holds((a, b) => a.union(b).equals(b.union(a)), 2),
    holds((a, b) => a.union(b).union(b).equals(a.union(b)), 2),
    holds(
      (a, b) =>
        a.union(b).names.join() ===
        a.names
          .filter((n) => !b.names.includes(n))
          .concat(b.names)
          .sort(byOrder)
          .join(),
      2,
    ),
  );
});

function byOrder(a: AnyKindName, b: AnyKindName): number {
  const order = Kind.any().names;
  return order.indexOf(a) - order.indexOf(b);
}

test('equality is an equivalence that kinds of values and copies keep', () => {
  check(
    holds((a) => a.equals(a) && a.isSuperset(a), 1),
    holds((a, b) => a.equals(b) === b.equals(a), 2),
    holds((a) => a.without('undefined').with('undefined').equals(a.with('undefined')), 1),
    holds((a, b) => !a.equals(b) || a.toString() === b.toString() || a.isCollection() || !a.isExact(), 2),
  );
});

test('what was written is read back, and what was removed is gone', () => {
  const written = fc.property(kinds, segments, kinds, (root, path, kind) => {
    if (path.some((segment) => typeof segment === 'number' && segment < 0)) return true;
    return root.insert(path, kind).get(path).equals(kind.upgradeUndefined());
  });
  const total = fc.property(kinds, segments, kinds, fc.boolean(), (root, path, kind, compact) => {
    const { kind: left, removed } = root.insert(path, kind).remove(path, compact);
    return typeof left.toString() === 'string' && !removed.contains('undefined');
  });
  const superset = fc.property(kinds, (kind) => Kind.any().isSuperset(kind));
  for (const property of [written, total, superset])
    fc.assert(property as fc.IProperty<unknown>, { numRuns: 1000, seed: 11 });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isExact, type VrlCase, type VrlReply } from './conformance_vrl.ts';

const judged = (expect: VrlCase['expect'], reply: VrlReply, compare: 'json' | 'value' = 'value'): boolean =>
  isExact({ id: 'x', source: '', event: {}, compare, expect }, reply);

for (const [a, b, value, json] of [
  [1, 1, true, true],
  [1, { $float: '1.0' }, false, false],
  [{ $int: '5' }, 5, true, true],
  [{ $timestamp: '2020-01-01T00:00:00.500Z' }, { $timestamp: '2020-01-01T00:00:00.5Z' }, true, true],
  [{ $timestamp: '2020-01-01T00:00:00Z' }, '2020-01-01T00:00:00Z', false, true],
  [{ $regex: 'a' }, 'a', false, true],
  [{ $float: 'inf' }, null, false, true],
  [{ $bytes: '/w==' }, '\ufffd', false, true],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true, true],
  [{ $object: { $int: '5' } }, 5, false, false],
] as const) {
  test(`${JSON.stringify(a)} and ${JSON.stringify(b)} compare as the mode says`, () => {
    assert.equal(judged({ ok: b as never }, { ok: a as never }), value);
    assert.equal(judged({ ok: b as never }, { ok: a as never }, 'json'), json);
  });
}

test('a failure has the whole message, or the part that the function says', () => {
  assert.ok(judged({ runtime_error: 'a: b' }, { runtime_error: 'a: b' }));
  assert.ok(judged({ runtime_error: 'a: b', function_error: 'b' }, { runtime_error: 'other: b' }));
  assert.ok(!judged({ runtime_error: 'a: b' }, { runtime_error: 'other: b' }));
  assert.ok(!judged({ runtime_error: 'a' }, { ok: null }));
});

test('compile errors have the codes in order, or their titles', () => {
  const reply = { compile_error: { codes: [100, 103], text: 'error[E100]: one\n\nerror[E103]: two' } };
  assert.ok(judged({ compile_error: { codes: [100, 103] } }, reply));
  assert.ok(!judged({ compile_error: { codes: [103, 100] } }, reply));
  assert.ok(judged({ compile_error: { messages: ['one'] } }, reply));
  assert.ok(!judged({ compile_error: { messages: ['two'] } }, reply));
});

test('warnings are all that there are', () => {
  const reply = { ok: null, warnings: { codes: [900], messages: ['unused x'] } };
  assert.ok(judged({ warnings: { codes: [900], messages: ['unused'] } }, reply));
  assert.ok(!judged({ warnings: { codes: [] } }, reply));
  assert.ok(judged({ warnings: { codes: [] } }, { ok: null }));
});

test('an abort has the event, a type the type', () => {
  assert.ok(judged({ abort: { event: { a: 1 } } }, { abort: { message: null }, event: { a: 1 } }));
  assert.ok(!judged({ abort: { event: { a: 1 } } }, { ok: null, event: { a: 1 } }));
  assert.ok(judged({ type: 'string' }, { ok: { $timestamp: '2020-01-01T00:00:00Z' } }));
  assert.ok(judged({ compiles: true }, { runtime_error: 'x' }));
  assert.ok(!judged({ compiles: true }, { crash: 'x' }));
});

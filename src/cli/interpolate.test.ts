import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpolationReply } from './interpolate.ts';

const reply = (request: unknown): unknown => interpolationReply(JSON.stringify(request));

test('answers with the text that has the values of variables in it', () => {
  assert.deepEqual(reply({ id: 'a', text: 'x: $A ${B:-c} $$', env: { A: '1' } }), { id: 'a', ok: 'x: 1 c $' });
  assert.deepEqual(reply({ id: 'b', text: 'nothing' }), { id: 'b', ok: 'nothing' });
});

test('answers with everything that is wrong', () => {
  const { id, error } = reply({ id: 'a', text: '$A ${B:?needed}', env: {} }) as { id: string; error: string[] };
  assert.equal(id, 'a');
  assert.equal(error.length, 2);
});

for (const request of ['{', 'null', '[]', '"text"', '{"id":"a"}', '{"text":1}', '{"text":"a","env":{"A":1}}']) {
  test(`answers ${request}, which is no request, with an error`, () => {
    const answer = interpolationReply(request) as { id: unknown; error: string[] };
    assert.equal(answer.error.length, 1);
    assert.equal(answer.id, request === '{"id":"a"}' ? 'a' : null);
  });
}

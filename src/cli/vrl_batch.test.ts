import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vrlReply } from './vrl_batch.ts';

const reply = (request: object) => vrlReply(JSON.stringify({ id: 'x', ...request })) as Record<string, unknown>;

test('gives the value and the event after the run, both tagged', () => {
  assert.deepEqual(reply({ source: '.x = 2.5 * 2\n.', event: { y: 1 } }), {
    id: 'x',
    ok: { x: { $float: '5.0' }, y: 1 },
    event: { x: { $float: '5.0' }, y: 1 },
  });
});

test('gives the message of a failure', () => {
  assert.equal(
    reply({ source: 'to_int!(.y)', event: { y: 'z' } })['runtime_error'],
    'function call error for "to_int" at (0:11): Invalid integer "z": invalid digit found in string',
  );
});

test('gives the event as it was when the program was aborted', () => {
  assert.deepEqual(reply({ source: '.a = 1\nabort "why"', event: {} }), {
    id: 'x',
    abort: { message: 'why' },
    event: { a: 1 },
  });
  assert.deepEqual(reply({ source: 'abort', event: {} })['abort'], { message: null });
});

test('gives the codes, the text and the places of compile errors', () => {
  const error = reply({ source: '.a = to_int(.b)', event: {} })['compile_error'] as Record<string, unknown>;
  assert.deepEqual(error['codes'], [103]);
  assert.match(String(error['text']), /^error\[E103\]/);
  const [labels] = error['labels'] as [number, number, boolean][][];
  assert.ok(labels!.some(([, , primary]) => primary));
});

test('only compiles when that is asked, and gives warnings', () => {
  assert.deepEqual(reply({ source: '"a"\n1', event: {}, compile_only: true })['ok'], null);
  const warnings = reply({ source: '"a"\n1', event: {} })['warnings'] as Record<string, unknown>;
  assert.deepEqual(warnings['codes'], [900]);
});

test('keeps the paths that may not be written', () => {
  const request = { source: '.a.b = 1', event: {}, read_only: [{ target: 'event', path: 'a', recursive: true }] };
  assert.deepEqual((reply(request)['compile_error'] as Record<string, unknown>)['codes'], [315]);
});

test('knows secrets, tables and metrics of the case', () => {
  assert.equal(reply({ source: 'get_secret("k")', event: {}, secrets: { k: 'v' } })['ok'], 'v');
  const row = { id: 1, firstname: 'Bob', surname: 'Smith' };
  assert.deepEqual(
    reply({ source: 'get_enrichment_table_record!("test", {"id": 9})', event: {}, stub: 'enrichment' })['ok'],
    row,
  );
});

test('answers what is no request', () => {
  assert.ok('crash' in (vrlReply('{') as object));
  assert.ok('crash' in reply({}));
});

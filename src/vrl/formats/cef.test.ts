import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../4_run/failure.ts';
import { parseCef } from './cef.ts';

/** The fields of the extension. */
function extension(text: string, strict = true) {
  const fields = parseCef(`CEF:0|a|b|c|d|e|f|${text}`, strict);
  return fields instanceof Failure ? fields.message : Object.fromEntries(fields.slice(0, -7));
}

test('reads header and extension, from wherever the header begins', () => {
  const fields = parseCef('host CEF:1|v|p \\| q|3|4|n|| k=v', true);
  assert.deepEqual(fields, [
    ['k', 'v'],
    ['cefVersion', '1'],
    ['deviceVendor', 'v'],
    ['deviceProduct', 'p | q'],
    ['deviceVersion', '3'],
    ['deviceEventClassId', '4'],
    ['name', 'n'],
    ['severity', ''],
  ]);
});

test('values may have blanks and escapes, and be empty or quoted', () => {
  assert.deepEqual(extension('a=x y b= c=1\\=2\\n3\\x d="q"  '), { a: 'x y', b: '', c: '1=2\n3\\x', d: 'q' });
});

test('a plain equals sign in a value is an error only when strict', () => {
  assert.equal(extension('u=a?b=c d=1'), 'Could not parse whole line successfully');
  assert.deepEqual(extension('u=a?b=c d=1', false), { u: 'a?b=c', d: '1' });
});

test('says where it stopped', () => {
  assert.equal((parseCef('x', true) as Failure).message, '0: at line 1, in TakeUntil:\nx\n^\n\n');
  assert.deepEqual(extension(''), {});
  assert.equal(
    (parseCef('CEF:0|a', true) as Failure).message,
    '0: at line 1, in Tag:\nCEF:0|a\n       ^\n\n1: at line 1, in Alt:\nCEF:0|a\n       ^\n\n',
  );
});

test('long lines of anything take no time', () => {
  for (const part of ['|', ' ', '|a', 'a|', '\\', ' a=', ' a=b']) {
    const start = performance.now();
    extension(part.repeat(200_000), false);
    assert.ok(performance.now() - start < 3000, part);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Labels, parseFieldSelector, parseLabelSelector, type Selector } from './selector.ts';

const matching: readonly [selector: string, labels: Labels, expected: boolean][] = [
  ['', {}, true],
  ['a=b', { a: 'b' }, true],
  ['a==b', { a: 'c' }, false],
  ['a!=b', {}, true],
  ['a!=b', { a: 'b' }, false],
  ['a=', { a: '' }, true],
  ['a in (b, c)', { a: 'c' }, true],
  ['a in (b, c)', {}, false],
  ['a notin (b, c)', {}, true],
  ['a notin (b, c)', { a: 'b' }, false],
  ['example.com/a', { 'example.com/a': 'x' }, true],
  ['!a', { a: 'x' }, false],
  ['!a', { b: 'x' }, true],
  ['a in (b,c),!d, e=f', { a: 'b', e: 'f' }, true],
  ['a in (b,c),!d, e=f', { a: 'b', d: '', e: 'f' }, false],
  ['toString', {}, false],
];

for (const [selector, labels, expected] of matching) {
  test(`\`${selector}\` ${expected ? 'selects' : 'does not select'} ${JSON.stringify(labels)}`, () => {
    assert.equal((parseLabelSelector(selector) as Selector)(labels), expected);
  });
}

for (const wrong of ['a=b c', '=b', 'a in b', 'a in (b', ',', 'a=b,,c', '-a']) {
  test(`\`${wrong}\` is no label selector`, () => assert.equal(typeof parseLabelSelector(wrong), 'string'));
}

test('fields select pods, and those that pods are not selected by are refused', () => {
  const selects = parseFieldSelector('metadata.name!=a,status.phase==Running') as Selector;
  assert.equal(selects({ 'metadata.name': 'b', 'status.phase': 'Running' }), true);
  assert.equal(selects({ 'metadata.name': 'a', 'status.phase': 'Running' }), false);
  assert.equal(selects({ 'metadata.name': 'b' }), false);
  assert.equal(typeof parseFieldSelector('spec.image=x'), 'string');
  assert.equal(typeof parseFieldSelector('metadata.name'), 'string');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLabelSelector, type Selector } from '../../net/kubernetes/selector.ts';
import { labelsFor, wantedOf } from './selected.ts';

for (const selector of [
  '',
  'environment=production',
  'environment!=production, tier==web',
  'zone in (a, b), zone!=a',
  'zone in (a, b), partition in (c), zone notin (a)',
  'owner, !canary',
  'owner, owner=me',
  'owner=me, owner',
]) {
  test(`labels are found that \`${selector}\` selects`, () => {
    assert.equal((parseLabelSelector(selector) as Selector)(labelsFor(selector)), true);
  });
}

test('a selector that nothing matches, or that is none, is no failure', () => {
  assert.deepEqual(labelsFor('a=b, a!=b'), { a: 'b' });
  assert.deepEqual(labelsFor('a in (b'), {});
});

test('the options of a source say what its pods are like', () => {
  const wanted = wantedOf({
    extra_label_selector: 'app=shop',
    extra_namespace_label_selector: 'team in (blue)',
    extra_field_selector: 'metadata.namespace=prod,metadata.name!=other,status.phase=Running',
  });
  assert.deepEqual(wanted, {
    labels: { app: 'shop' },
    namespaceLabels: { team: 'blue' },
    fields: { 'metadata.namespace': 'prod', 'status.phase': 'Running' },
  });
  assert.deepEqual(wantedOf({}), { labels: {}, namespaceLabels: {}, fields: {} });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../testing/component.ts';
import { options } from './options.ts';
import { Tracker } from './tracker.ts';
import { BloomValues, FingerprintValues } from './value_sets.ts';

const exact = parseConfig({ options }, { mode: 'exact', value_limit: 1_000_000 });

test('takes no new values when there is no room for them, and knows the old ones', () => {
  const tracker = new Tracker(10, 10_000);
  const verdicts = Array.from({ length: 1000 }, (_, i) => tracker.accept(exact, '', 'a', `value ${i}`));
  const accepted = verdicts.indexOf('refused');
  assert.ok(accepted > 50 && accepted < 200, `${accepted} were accepted`);
  assert.ok(tracker.sizeBytes <= 10_000);
  assert.equal(tracker.accept(exact, '', 'a', 'value 0'), 'accepted');
  assert.equal(tracker.wouldAccept(exact, '', 'a', 'value 999'), false);
  assert.equal(tracker.accept(exact, '', 'b', 'x'), 'untracked');
});

test('does not track a tag whose filter has no room', () => {
  const settings = parseConfig({ options }, { mode: 'probabilistic', cache_size_per_key: 8000 });
  const tracker = new Tracker(10, 10_000);
  assert.equal(tracker.accept(settings, '', 'a', 'x'), 'accepted');
  assert.equal(tracker.accept(settings, '', 'b', 'x'), 'untracked');
});

test('a tag has limits of its own', () => {
  const perTag = { a: { mode: 'limit_override', value_limit: 1, cache_size_per_key: 100 }, b: { mode: 'excluded' } };
  const settings = parseConfig({ options }, { mode: 'probabilistic', per_tag_limits: perTag });
  const tracker = new Tracker();
  assert.deepEqual(
    ['a', 'a', 'b'].map((tag, i) => tracker.accept(settings, '', tag, String(i))),
    ['last', 'refused', 'accepted'],
  );
  assert.deepEqual([tracker.keys, tracker.sizeBytes < 1_000], [1, true]);
});

test('filters and hashes tell almost all values apart', () => {
  for (const values of [new BloomValues(5120, 500), new FingerprintValues()]) {
    for (let i = 0; i < 500; i++) {
      const value = `user-${i}`;
      if (!values.has(value)) values.add(value);
    }
    assert.equal(values.size, 500);
    let mistaken = 0;
    for (let i = 500; i < 20_500; i++) if (values.has(`user-${i}`)) mistaken += 1;
    assert.ok(mistaken <= 2, `${mistaken} of 20000 were mistaken`);
    for (let i = 0; i < 500; i++) assert.ok(values.has(`user-${i}`));
  }
});

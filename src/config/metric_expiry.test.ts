import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Labels } from '../telemetry/telemetry.ts';
import { loadYaml } from '../testing/config.ts';

async function expiryOf(text: string) {
  const { config } = await loadYaml(text, { allowEmpty: true });
  return config!.globals.metricExpiry!;
}

test('metrics live as long as the options say, five minutes by default', async () => {
  assert.equal((await expiryOf('')).secs, 300);
  assert.equal((await expiryOf('expire_metrics_secs: 0.5')).secs, 0.5);
  assert.equal((await expiryOf('expire_metrics_secs: -1')).secs, -1);
  assert.equal((await expiryOf('expire_metrics: {secs: 2, nsecs: 500000000}')).secs, 2.5);
});

const SETS = `
expire_metrics_per_metric_set:
  - name: {type: exact, value: a_total}
    labels: {type: all, matchers: [{type: exact, key: x, value: "1"}, {type: regex, key: y, value_pattern: "^b"}]}
    expire_secs: 1
  - name: {type: regex, pattern: "_bytes"}
    expire_secs: 2
  - labels: {type: any, matchers: [{type: exact, key: x, value: "1"}, {type: exact, key: z, value: "1"}]}
    expire_secs: 3
`;

const CASES: readonly [name: string, labels: Labels, secs: number | undefined][] = [
  ['a_total', { x: '1', y: 'bc' }, 1],
  ['a_total', { x: '1', y: 'cb' }, 3],
  ['a_total', { y: 'bc' }, undefined],
  ['sent_bytes_total', {}, 2],
  ['b_total', { z: '1' }, 3],
  ['b_total', {}, undefined],
];

for (const [name, labels, secs] of CASES) {
  test(`${name} ${JSON.stringify(labels)} is in the set of ${secs ?? 'none'}`, async () => {
    const { sets } = await expiryOf(SETS);
    assert.equal(sets!.find((set) => set.matches(name, labels))?.secs, secs);
  });
}

test('a pattern that is none is a mistake', async () => {
  const { shown } = await loadYaml(
    'expire_metrics_per_metric_set: [{name: {type: regex, pattern: "("}, expire_secs: 1}]',
    {
      allowEmpty: true,
    },
  );
  assert.equal(shown[0]?.[0], 'error');
});

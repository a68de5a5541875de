import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../testing/component.ts';
import { readPlain, readYamlValue, renderConfig } from './write.ts';

const CONFIG = {
  data_dir: '/var/lib/vector/',
  sources: {
    in: { type: 'demo_logs', count: 9_223_372_036_854_775_807n, interval: 0.5, on: 'yes', lines: ['a: b', '{{ x }}'] },
  },
  sinks: { out: { type: 'console', inputs: ['in'], healthcheck: { enabled: true, uri: null } } },
};

test('writes and reads a configuration in every format, with exact integers', () => {
  using folder = temporaryFolder();
  for (const format of ['yaml', 'json', 'toml'] as const) {
    const path = join(folder.path, `c.${format}`);
    writeFileSync(path, renderConfig(CONFIG, format));
    const { value, problems } = readPlain(path);
    assert.deepEqual(problems, []);
    const healthcheck = format === 'toml' ? { enabled: true } : { enabled: true, uri: null };
    assert.deepEqual(value, { ...CONFIG, sinks: { out: { ...CONFIG.sinks.out, healthcheck } } }, format);
  }
});

test('says what is wrong with a file, with line and column', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'c.json');
  writeFileSync(path, '{"a": 1,\n "a": 2}');
  assert.deepEqual(readPlain(path), { value: undefined, problems: [`${path}:2:2: the key \`a\` is written twice`] });
  writeFileSync(path, Buffer.from([0xff]));
  assert.deepEqual(readPlain(path).problems, [`${path}: this file is not UTF-8 text`]);
  assert.deepEqual(readPlain('/nonexistent/c.yaml').problems, ['/nonexistent/c.yaml: there is no such file']);
});

test('reads the YAML of examples, and throws when it is none', () => {
  assert.deepEqual(readYamlValue('a: [1, {b: ~}]'), { a: [1, { b: null }] });
  assert.throws(() => readYamlValue('a: ['), /this is not YAML/);
});

// What every component owes, whatever it does: asked of all of them through the registry.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SinkDefinition, SourceDefinition, TransformDefinition } from '../src/component/define.ts';
import { readYamlValue } from '../src/config/config.ts';
import { sinks, sources, transforms } from '../src/config/registry.gen.ts';
import { check, type Fields, fieldsOf, type Option, sampleOf } from '../src/schema/schema.ts';

const all = [
  ...Object.values(sources).map((definition) => ({
    kind: 'source',
    definition: definition as SourceDefinition<unknown>,
  })),
  ...Object.values(transforms).map((definition) => ({
    kind: 'transform',
    definition: definition as unknown as TransformDefinition<unknown>,
  })),
  ...Object.values(sinks).map((definition) => ({
    kind: 'sink',
    definition: definition as unknown as SinkDefinition<unknown>,
  })),
] as const;

for (const { kind, definition } of all) {
  const name = `${kind} ${definition.type}`;

  test(`${name}: says in one sentence what it does`, () => {
    assert.match(definition.summary, /^[A-Z].*[.]$/);
  });

  test(`${name}: every option has a sentence of documentation`, () => {
    for (const [path, option] of optionsBelow(definition.options, '')) {
      assert.match(option.doc, /^[A-Z`“"'$].*[.?)]$/su, `${path}: ${option.doc}`);
      assert.ok(option.info.types.length > 0, path);
    }
  });

  test(`${name}: its examples are valid configurations`, () => {
    assert.ok(definition.examples.length > 0, 'it has an example');
    for (const example of definition.examples) {
      const { problems } = check(definition.options, readYamlValue(example.config));
      assert.deepEqual(
        problems.filter(({ severity }) => severity === 'error'),
        [],
        example.title,
      );
    }
  });

  test(`${name}: the configuration that is generated for it is valid`, () => {
    const { problems } = check(definition.options, sampleOf(definition.options));
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error'),
      [],
    );
  });

  test(`${name}: defaults are values that its own check takes`, () => {
    for (const [path, option] of optionsBelow(definition.options, '')) {
      if (option.info.default === undefined) continue;
      const { problems } = check(option, option.info.default);
      assert.deepEqual(
        problems.filter(({ severity }) => severity === 'error'),
        [],
        path,
      );
    }
  });

  test(`${name}: is found in the registry by its own name`, () => {
    const registry: Record<string, unknown> = kind === 'source' ? sources : kind === 'sink' ? sinks : transforms;
    assert.equal((registry[definition.type] as { type: string }).type, definition.type);
  });
}

test('there are components to ask', () => {
  assert.ok(all.length >= 13, `${all.length} components`);
});

/** Every option below one, with its path as the reference writes it. */
function* optionsBelow(option: Option<unknown>, path: string): Generator<[string, Option<unknown>]> {
  if (path !== '') yield [path, option];
  const { items, values } = option.info;
  if (items) yield* optionsBelow(items, `${path}[]`);
  if (values) yield* optionsBelow(values, `${path}.*`);
  const fields: Fields = fieldsOf(option.info);
  for (const [name, field] of Object.entries(fields))
    yield* optionsBelow(field, path === '' ? name : `${path}.${name}`);
}

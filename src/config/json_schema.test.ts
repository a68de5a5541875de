import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegistry } from '../testing/config.ts';
import { configurationSchema } from './json_schema.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const root = configurationSchema(testRegistry) as Schema;

/** A schema with its references followed. */
function resolve(schema: Schema): Schema {
  const name = schema.$ref?.replace('#/$defs/', '');
  return name === undefined ? schema : resolve(root.$defs![name]!);
}

function componentsOf(section: string): Schema[] {
  const { additionalProperties } = resolve(root.properties![section]!);
  return resolve(additionalProperties as Schema).anyOf!.map(resolve);
}

test('knows the global options and the sections, and nothing else', () => {
  assert.equal(root.additionalProperties, false);
  for (const key of ['data_dir', 'api', 'log_schema', 'secret', 'sources', 'transforms', 'sinks'])
    assert.ok(root.properties![key], key);
});

test('each component has its type, its own options and the common ones', () => {
  const sinks = componentsOf('sinks').flatMap((schema) => (schema.properties ? [schema] : schema.anyOf!.map(resolve)));
  const logs = sinks.find(({ properties }) => resolve(properties!['type']!).enum?.includes('logs'))!;
  assert.ok(logs, JSON.stringify(sinks).slice(0, 500));
  for (const key of ['type', 'inputs', 'port', 'buffer', 'healthcheck', 'proxy']) assert.ok(logs.properties![key], key);
  assert.deepEqual([...logs.required!].sort(), ['inputs', 'type']);
  assert.equal(logs.additionalProperties, false);
  const buffer = resolve(logs.properties!['buffer']!);
  assert.ok(JSON.stringify(buffer).includes('max_events') || buffer.anyOf!.length >= 2, 'one stage or a list of them');
});

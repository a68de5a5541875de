import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegistry } from '../testing/config.ts';
import { globalOptions } from './global_options.ts';
import { configurationSchema } from './json_schema.ts';

interface Schema {
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly allOf?: readonly Schema[];
  readonly if?: Schema;
  readonly then?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const root = configurationSchema(testRegistry) as Schema;

/** A schema with its reference followed. */
function resolve(schema: Schema): Schema {
  const name = schema.$ref?.replace('#/$defs/', '');
  return name === undefined ? schema : resolve(root.$defs![name]!);
}

test('knows the global options and the sections, and nothing else', () => {
  const known = [...Object.keys(globalOptions), 'sources', 'transforms', 'sinks'].sort();
  assert.deepEqual(Object.keys(root.properties!).sort(), known);
  assert.equal(root.additionalProperties, false);
});

test('each component has its type, its own options and the common ones', () => {
  const component = resolve(resolve(root.properties!['sinks']!).additionalProperties as Schema);
  assert.deepEqual(component.properties!['type']!.enum, ['logs', 'lenient', 'any']);
  const logs = resolve(component.allOf!.find((one) => one.if!.properties!['type']!.const === 'logs')!.then!);
  const names = Object.keys(logs.properties!);
  for (const key of ['type', 'inputs', 'port', 'buffer', 'healthcheck', 'proxy']) assert.ok(names.includes(key), key);
  assert.ok(logs.required!.includes('inputs'));
  assert.equal(logs.additionalProperties, false);
});

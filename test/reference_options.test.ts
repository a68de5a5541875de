// Compares what we declare with a reference of Vector's options, where one is at hand: the folder that the environment
// variable SLUICE_REFERENCE names, with `components/{sources,transforms,sinks,shared}.json` and `global-options.json`.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bufferStage, sinkOptions, sourceOptions, transformOptions } from '../src/component/common_options.ts';
import { globalOption } from '../src/config/global_options.ts';
import { sinks, sources, transforms } from '../src/config/registry.gen.ts';
import { array, bool, type Option, object, oneOf, string, uint, variants } from '../src/schema/schema.ts';
import { compareOptions, type DescribedOptions, type Difference, type Groups, resolved } from './reference_options.ts';

/** Differences that are wanted: a pattern of `kind name path: what`, and why. */
const WANTED: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^transform (aggregate|dedupe|delay|reduce|sample|throttle|window) state/, 'what is kept over restarts is ours'],
  [/^global \* (memory|threads)/, 'the budget of the process is ours; threads are a flag of Vector'],
  [
    /^transform log_to_metric metrics\[\]\.tags\.\*: (type string or array|optional)/,
    'a tag may be bare or have several values',
  ],
  [/^transform dedupe fields\.(match|ignore): optional/, 'exactly one of them is given, which a check says'],
  [/ decoding\.(avro|protobuf|signal_types): missing/, 'options of codecs that this version does not have'],
  [/ encoding\.(avro|protobuf): missing/, 'options of codecs that this version does not have'],
  [
    /^\S+ (http|prometheus_\w+) auth\.auth\.(access_key_id|assume_role|credentials_file|secret_access_key): optional/,
    'each belongs to one of several ways, and a check says what belongs together',
  ],
  [
    /^sink (file|http|prometheus_remote_write) compression: type string or object/,
    'the reference has the short form alone',
  ],
  [
    /^sink (file|http|prometheus_remote_write) compression\.(level|algorithm): not in/,
    'the reference has the short form alone',
  ],
  [/^source static_metrics metrics\[\]\.value\.\w+: optional/, 'a value is exactly one of them, which a check says'],
  [/\.upper_limit: type float or string/, 'infinity can only be written as text'],
  [
    /^global \* secret\.\*\.(auth|endpoint|region|secret_id|tls): missing/,
    'secrets of AWS come with the components for AWS',
  ],
  [/^sink \* buffer\.max_events: default undefined instead of 500/, 'the default holds where `max_size` is not given'],
  [/^sink \* buffer\.when_full: with the words overflow/, 'the reference leaves out what its pages hide'],
];

const folder = process.env['SLUICE_REFERENCE'];
const skip = folder ? false : 'set SLUICE_REFERENCE to a folder with components/*.json to compare with';

interface Shared {
  readonly groups: Groups;
  readonly common_options: Readonly<Record<string, DescribedOptions>>;
}

const readFile = <T>(path: string): T => JSON.parse(readFileSync(join(folder!, path), 'utf8')) as T;
const read = <T>(name: string): T => readFile(`components/${name}.json`);

const used = new Set<RegExp>();

function unwanted(kind: string, name: string, differences: readonly Difference[]): string[] {
  return differences
    .map(({ path, what }) => `${kind} ${name} ${path}: ${what}`)
    .filter((text) => {
      const wanted = WANTED.filter(([pattern]) => pattern.test(text));
      for (const [pattern] of wanted) used.add(pattern);
      return wanted.length === 0;
    });
}

const KINDS = [
  { kind: 'source', file: 'sources', definitions: sources, common: sourceOptions },
  { kind: 'transform', file: 'transforms', definitions: transforms, common: transformOptions },
  { kind: 'sink', file: 'sinks', definitions: sinks, common: { ...sinkOptions, buffer: bufferStage() } },
] as const;

for (const { kind, file, definitions, common } of KINDS) {
  test(`the options of every ${kind} are those of the reference`, { skip }, () => {
    const described = new Map(Object.entries(read<Shared>('shared').common_options[kind]!)) as never;
    const option = object('Common options.', common) as Option<unknown>;
    assert.deepEqual(unwanted(kind, '*', compareOptions(option, described)), []);
  });

  for (const [name, definition] of Object.entries(
    definitions as Record<string, { readonly options: Option<unknown> }>,
  )) {
    test(`the options of the ${kind} \`${name}\` are those of the reference`, { skip }, () => {
      const { components } = read<{ components: Record<string, { options: DescribedOptions }> }>(file);
      assert.ok(components[name], `the reference has no ${kind} ${name}`);
      const described = resolved(components[name].options, read<Shared>('shared').groups);
      assert.deepEqual(unwanted(kind, name, compareOptions(definition.options, described)), []);
    });
  }
}

test('the global options are those of the reference', { skip }, () => {
  const { options } = readFile<{ options: DescribedOptions }>('global-options.json');
  const differences = compareOptions(globalOption as Option<unknown>, resolved(options, {}));
  assert.deepEqual(unwanted('global', '*', differences), []);
});

test('every difference that is wanted is still there', { skip }, () => {
  const gone = WANTED.filter(([pattern]) => !used.has(pattern));
  assert.deepEqual(gone, []);
});

const sample = object('A sample.', {
  path: string('Where.'),
  size: uint('How big.', { default: 10 }),
  mode: oneOf(['fast', 'slow'], 'How.', { default: 'fast', notYet: ['warp'] }),
  limit: uint('A limit.', { default: Number.POSITIVE_INFINITY }),
  parts: array(object('A part.', { name: string('Its name.') }), 'Parts.', { optional: true }),
  kind: variants(
    'A kind.',
    'type',
    { a: { x: bool('X.', { default: true }) }, b: { y: bool('Y.', { default: false }) } },
    {},
  ),
  secret: string('Not for pages.', { optional: true, hidden: true }),
}) as Option<unknown>;

const same: DescribedOptions = {
  path: { type: 'string', required: true },
  size: { type: 'uint', default: 10 },
  mode: { type: 'string', default: 'fast', enum: ['fast', 'slow', 'warp'] },
  limit: { type: 'uint', default: 2 ** 63 },
  parts: { type: 'array' },
  'parts[].name': { type: 'string', required: true },
  kind: { $ref: 'kind.v1' },
};

const groups: Groups = {
  'kind.v1': {
    options: {
      '': { type: 'object', required: true },
      '.type': { type: 'string', required: true, enum: ['a', 'b'] },
      '.x': { type: 'bool', default: true, when: 'type = "a"' },
      '.y': { type: 'bool', default: false, when: 'type = "b"' },
    },
  },
};

test('finds no difference where there is none', () => {
  assert.deepEqual(compareOptions(sample, resolved(same, groups)), []);
});

test('finds differences of every sort', () => {
  const other: DescribedOptions = {
    ...same,
    path: { type: 'string' },
    size: { type: 'int', default: 11 },
    mode: { type: 'string', default: 'fast', enum: ['fast', 'snail'] },
    limit: { type: 'uint' },
    parts: { type: 'array', required: true },
    more: { type: 'object' },
    'more.inner': { type: 'string' },
  };
  const { kind: _, ...rest } = other;
  assert.deepEqual(
    compareOptions(sample, resolved(rest, groups)).map(({ path, what }) => `${path}: ${what}`),
    [
      'kind: not in the reference',
      'kind.type: not in the reference',
      'kind.x: not in the reference',
      'kind.y: not in the reference',
      'limit: default null instead of none',
      'mode: without the words snail',
      'mode: with the words slow',
      'more: missing',
      'parts: optional instead of required',
      'path: required instead of optional',
      'size: type uint instead of int',
      'size: default 10 instead of 11',
    ],
  );
});

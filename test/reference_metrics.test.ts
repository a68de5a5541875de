// Compares the series that we declare with a reference of Vector's, where one is at hand: `internal-metrics.json` in the
// folder that the environment variable SLUICE_REFERENCE names.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import '../src/cli/run.ts';
import '../src/config/registry.gen.ts';
import { definedSeries } from '../src/telemetry/telemetry.ts';

/** Series of the reference that we do not have: a pattern of names, and why. */
const ABSENT: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^windows_/, 'Windows is not supported'],
  [/^(kafka|sqs|s3|splunk|doris|grpc|websocket|lua|metadata_refresh|collect)_/, 'the components are not there'],
  [/^active_clients$|^datadog_logs_|^component_timed_out_/, 'the components are not there'],
  [/^memory_enrichment_table_/, 'there is no such table'],
  [/^buffer_errors_total$/, 'there is no disk buffer'],
  [/^(source|transform)_buffer_max_(byte_size|size_bytes)$/, 'what waits there is limited in events'],
  [/^component_(de)?allocated_bytes(_total)?$/, 'Vector counts it on request only; `sluice_memory_bytes` tells owners'],
  [/^component_cpu_usage_ns_total$/, 'Vector counts it on request only; we have `sluice_component_work_seconds_total`'],
  [/^security_confinement_disabled$/, 'confinement cannot be switched off'],
  [/^encoder_unmappable_replacement_warnings_total$/, 'delimiters that cannot be encoded are refused at the start'],
  [
    /^(active_endpoints|http_requests_total|parse_errors_total|rewritten_timestamp_events_total)$/,
    'nothing here has it',
  ],
];

/** Labels that differ from the reference, and why. */
const LABELS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^buffer_\w+ buffer_type: not in the reference$/, 'a recorded scrape has it'],
  [/^component_sent_event\w+_total (source|service): not in the reference$/, '`telemetry.tags` asks for them'],
  [/^events_discarded_total reason: missing$/, 'transforms have `key`, as in Vector; `reason` is of other components'],
];

interface Described {
  readonly type: string;
  /** With `!` when it is always there. */
  readonly tags?: readonly string[];
  readonly tags_in_code?: readonly string[];
}

const folder = process.env['SLUICE_REFERENCE'];
const skip = folder ? false : 'set SLUICE_REFERENCE to a folder with internal-metrics.json to compare with';

const COMMON = new Set(['component_id', 'component_kind', 'component_type', 'host', 'pid']);

function reference(): Record<string, Described> {
  const text = readFileSync(join(folder!, 'internal-metrics.json'), 'utf8');
  return (JSON.parse(text) as { metrics: Record<string, Described> }).metrics;
}

const ours = new Map(definedSeries().map((definition) => [definition.name, definition]));
const vectors = [...ours.values()].filter(({ name }) => !name.startsWith('sluice_'));

test('a series is defined once, and every label has a list of values or a limit', () => {
  const names = definedSeries().map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
  const open = definedSeries().flatMap(({ name, labels }) =>
    labels.filter(({ values, limit }) => !values && !limit).map((label) => `${name} ${label.name}`),
  );
  assert.deepEqual(open, []);
});

test('series without our prefix are those of the reference, with its types', { skip }, () => {
  const described = reference();
  assert.deepEqual(
    vectors.filter(({ name, type }) => described[name]?.type !== type).map(({ name, type }) => `${name} ${type}`),
    [],
  );
});

test('labels are those of the reference', { skip }, () => {
  const described = reference();
  const used = new Set<RegExp>();
  const differences = vectors
    .flatMap(({ name, labels }) => {
      const { tags = [], tags_in_code: inCode = [] } = described[name] ?? {};
      const have = labels.map((label) => label.name);
      const known = new Set([...tags.map(bare), ...inCode]);
      const always = tags.filter((tag) => tag.endsWith('!')).map(bare);
      return [
        ...have.filter((label) => !known.has(label)).map((label) => `${name} ${label}: not in the reference`),
        ...always
          .filter((label) => !COMMON.has(label) && !have.includes(label))
          .map((label) => `${name} ${label}: missing`),
      ];
    })
    .filter((text) => {
      const wanted = LABELS.filter(([pattern]) => pattern.test(text));
      for (const [pattern] of wanted) used.add(pattern);
      return wanted.length === 0;
    });
  assert.deepEqual(differences, []);
  assert.equal(used.size, LABELS.length, 'every difference that is wanted is still there');
});

test('what we do not have of the reference is known, with a reason', { skip }, () => {
  const absent = Object.keys(reference()).filter((name) => !ours.has(name));
  assert.deepEqual(
    absent.filter((name) => !ABSENT.some(([pattern]) => pattern.test(name))),
    [],
  );
  const gone = ABSENT.filter(([pattern]) => !absent.some((name) => pattern.test(name)));
  assert.deepEqual(gone, []);
});

function bare(tag: string): string {
  return tag.endsWith('!') ? tag.slice(0, -1) : tag;
}

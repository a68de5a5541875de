// The page of the metrics that Sluice counts of itself, from their definitions.

import { type LabelDefinition, OWN_PREFIX, type SeriesDefinition } from '../src/telemetry/telemetry.ts';

export const METRICS_PAGE = 'docs/reference/internal_metrics.md';

/** Distinct values of a label that says nothing itself, as the registry has it. */
const LABEL_LIMIT = 100;

/** The unit of a series, which its name ends in. */
const UNITS: readonly (readonly [pattern: RegExp, unit: string])[] = [
  [/_seconds(_total)?$/, 'seconds'],
  [/_bytes(_total)?$|_size_bytes$|_byte_size$/, 'bytes'],
  [/^component_received_bytes$/, 'bytes'],
  [/_rtt(_mean)?$/, 'seconds'],
  [/events|_event_size$|^(source|transform)_buffer_utilization/, 'events'],
  [/^utilization$/, 'part of 1'],
];

export function renderMetrics(definitions: readonly SeriesDefinition[]): string {
  const sorted = [...definitions].sort((a, b) => (a.name < b.name ? -1 : 1));
  const ours = sorted.filter(({ name }) => name.startsWith(OWN_PREFIX));
  const vectors = sorted.filter(({ name }) => !name.startsWith(OWN_PREFIX));
  const parts = [
    '# Metrics of Sluice itself',
    'What the source [`internal_metrics`](sources/internal_metrics.md) sends. Written by `npm run gen` from the definitions; do not edit.',
    'A series about a component has the labels `component_id`, `component_kind` and `component_type`; all have `host`, and `pid` when it is asked for. ' +
      'A histogram has 26 buckets that end at 2^-12, 2^-11, … 2^12 and infinity. ' +
      'A series exists once there is something to tell. ' +
      'How values of labels are kept few is told in [Labels have limits](../guides/labels.md).',
    '## Under the names of Vector',
    'In the namespace `vector`, unless the source is told otherwise.',
    table(vectors),
    '## Of our own',
    'In no namespace.',
    table(ours),
    '## Labels with a limit',
    'Their values come from data or from the configuration. One component has so many of them at most, each cut off at 1,024 characters; what comes later is counted under `other`.',
    limits(sorted),
  ];
  return `${parts.join('\n\n')}\n`;
}

function table(definitions: readonly SeriesDefinition[]): string {
  const rows = definitions.map(
    ({ name, type, labels, doc }) =>
      `| \`${name}\` | ${type} | ${unitOf(name, type)} | ${labels.map(labelText).join('<br>')} | ${doc.replaceAll('|', '\\|')} |`,
  );
  return ['| Name | Type | Unit | Labels | What it tells |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function unitOf(name: string, type: SeriesDefinition['type']): string {
  return UNITS.find(([pattern]) => pattern.test(name))?.[1] ?? (type === 'counter' ? 'times' : '');
}

function labelText({ name, values, limit = LABEL_LIMIT }: LabelDefinition): string {
  if (values) return `\`${name}\`: ${values.map((value) => `\`${value}\``).join(', ')}`;
  return `\`${name}\`: up to ${limit.toLocaleString('en')}`;
}

function limits(definitions: readonly SeriesDefinition[]): string {
  const rows = new Map<string, string[]>();
  for (const { name, labels } of definitions)
    for (const label of labels) {
      if (label.values) continue;
      const key = `| \`${label.name}\` | ${(label.limit ?? LABEL_LIMIT).toLocaleString('en')} |`;
      rows.set(key, [...(rows.get(key) ?? []), `\`${name}\``]);
    }
  const lines = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, names]) => `${key} ${names.join(', ')} |`);
  return ['| Label | Values | Of |', '| --- | --- | --- |', ...lines].join('\n');
}

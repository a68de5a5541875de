// What a soak found, as a table for a terminal and as a page.

import { escapeHtml, sizeText } from '../profile/chart.ts';
import { MemoryHistory } from '../profile/history.ts';
import type { MemorySample } from '../profile/memory_sample.ts';
import { profilePage, rateText } from '../profile/page.ts';
import { version } from '../version.ts';
import type { ArmResult } from './arm.ts';
import type { Part } from './swap.ts';
import type { Row, Verdict } from './verdict.ts';

/** Owners that neither grow nor matter are left out of a terminal. */
const ROWS_MAX = 24;

export function verdictTable({ rows, limit }: Verdict): string {
  const shown = rows.filter(isInteresting).sort(byInterest).slice(0, ROWS_MAX);
  const cells = [
    ['owner', 'now', 'growth', '95 % interval', ''],
    ...shown.map((row) => [row.name, sizeText(row.last), rateText(row.slope), interval(row), row.judgement]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, i) => (i === 0 || i === 4 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
  const more =
    rows.length > shown.length ? [`(${rows.length - shown.length} more that have nothing or do not grow)`] : [];
  return [...lines, ...more, `Growth of less than ${sizeText(limit)}/s counts as none.`].join('\n');
}

/** What was done to the process, and what it did. */
export function loadText({ events, load: { secs, pods, receivers } }: ArmResult): string {
  const parts = [`${events} events in ${Math.round(secs)} s, ${Math.round(events / Math.max(secs, 1))}/s`];
  if (receivers.requests > 0) parts.push(`${receivers.requests} requests received`);
  if (receivers.scrapes > 0) parts.push(`${receivers.scrapes} scrapes`);
  for (const { started, lines, rotations } of pods)
    parts.push(`${lines} lines written by ${started} pods, ${rotations} rotations of their logs`);
  return `${parts.join('; ')}.`;
}

/** All samples, with a column for each owner that any of them has. */
export function samplesCsv(samples: readonly MemorySample[]): string {
  const names = [...new Set(samples.flatMap(({ owners }) => owners.map(({ name }) => name)))];
  const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`);
  const rows = samples.map(({ t, rss, heapUsed, external, owners }) => {
    const bytes = new Map(owners.map((owner) => [owner.name, owner.bytes]));
    return [t.toFixed(2), rss, heapUsed, external, ...names.map((name) => bytes.get(name) ?? 0)].join(',');
  });
  return `${[['secs', 'rss', 'heap', 'external', ...quoted].join(','), ...rows].join('\n')}\n`;
}

function interval({ low, high }: Row): string {
  return `${rateText(low)} … ${rateText(high)}`;
}

const ORDER = ['leaking', 'undecided', 'settling', 'flat', 'not judged'] as const;

function isInteresting({ last, judgement }: Row): boolean {
  return last > 0 || judgement === 'leaking' || judgement === 'undecided';
}

function byInterest(a: Row, b: Row): number {
  return ORDER.indexOf(a.judgement) - ORDER.indexOf(b.judgement) || b.last - a.last;
}

export function soakPage(verdict: Verdict, result: ArmResult, conclusion: string, culprit: Part | undefined): string {
  const history = new MemoryHistory();
  for (const sample of result.samples) history.add(sample);
  const found = culprit
    ? `<p>The leak begins with <b>${escapeHtml(culprit.id)}</b>, a ${culprit.kind} of type ${escapeHtml(culprit.type)}.</p>`
    : '';
  const lead = `<div class="verdict ${verdict.judgement === 'flat' ? 'good' : 'bad'}"><p>${escapeHtml(conclusion)}</p>${found}
<p>${escapeHtml(loadText(result))}</p>
<pre>${escapeHtml(verdictTable(verdict))}</pre></div>`;
  return profilePage({
    title: 'Memory soak',
    facts: [
      ['sluice', version()],
      ['node', process.versions.node],
      ['until', new Date().toISOString()],
      ['events', String(result.events)],
    ],
    series: history.series(),
    sites: result.allocations?.sites ?? 'The process did not tell which code allocates',
    profiledSecs: result.allocations?.secs ?? 0,
    lead,
  });
}

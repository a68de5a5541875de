// What the runs of a folder say, as a table, plots and a page that needs nothing else.

import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { table } from '../harness/report.ts';
import { type Analysis, analyse, type Finding, KEPT_LIMIT, RSS_LIMIT } from './analysis.ts';
import { armNamed, STORAGE_TITLES, STORAGES, type StorageName, VARIANT_TITLES } from './arms.ts';
import { type Line, type Plot, plotSvg } from './plot.ts';
import { pageOf } from './report_page.ts';
import { type Run, readRun, type Sample } from './samples.ts';

const MIB = 2 ** 20;

interface Judged {
  readonly name: string;
  readonly run: Run;
  readonly analysis: Analysis;
}

const COLOURS: Readonly<Record<StorageName, string>> = {
  bounded: '#2a9d6f',
  read: '#d1495b',
  pinned: '#e09f3e',
  clear: '#4a6fa5',
};

/** Writes table.md, rss.svg, registry.svg and index.html into the folder; the table. */
export function writeReport(folder: string): string {
  const runs = globSync('*.json', { cwd: folder })
    .map((file) => file.replace(/\.json$/, ''))
    .filter((name) => existsSync(join(folder, `${name}.csv`)))
    .map((name) => ({ name, run: readRun(folder, name) }))
    .map(({ name, run }): Judged => ({ name, run, analysis: analyse(run) }))
    .sort((a, b) => orderOf(a) - orderOf(b) || a.name.localeCompare(b.name));
  if (runs.length === 0) throw new Error(`there are no runs in ${folder}`);
  const text = tableOf(runs);
  const compared = runs.filter(({ run }) => isPlain(run) && armNamed(run.arm).variant === 'http');
  const plots: [string, string][] = [
    ['rss.svg', plotSvg(plotOf('Resident memory, MiB', compared, ({ rss }) => rss))],
    ['registry.svg', plotSvg(plotOf('Registry, MiB', compared, ({ registry }) => registry))],
  ];
  for (const [file, svg] of plots) writeFileSync(join(folder, file), svg);
  const each = runs.map((judged) => plotSvg(plotOfRun(judged)));
  writeFileSync(join(folder, 'table.md'), `${text}\n`);
  const reasons = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8').split(/^## Where ours differs.*$/m)[1];
  const { machine, node } = runs[0]!.run;
  writeFileSync(
    join(folder, 'index.html'),
    pageOf({ about: `${machine}, Node ${node}`, table: text, plots: plots.map(([, svg]) => svg), each, reasons }),
  );
  return text;
}

/** Everything on and nothing seeded: the runs that the plots compare. */
function isPlain({ seedLeakPerSecond, batchEvents }: Run): boolean {
  return seedLeakPerSecond === 0 && batchEvents === 1;
}

function orderOf({ run }: Judged): number {
  const { storage, variant } = armNamed(run.arm);
  return STORAGES.indexOf(storage) * 10 + Object.keys(VARIANT_TITLES).indexOf(variant) + (isPlain(run) ? 0 : 100);
}

function tableOf(runs: readonly Judged[]): string {
  const head = [
    'storage',
    'pipeline',
    'minutes',
    'events',
    'requests',
    'events/s',
    'CPU %',
    'RSS MiB',
    'registry MiB',
    'registry B/s',
    'heap and external B/s',
    'RSS B/s',
    'verdict',
  ];
  const rows = runs.map(({ run, analysis: { first, last, registry, kept, rss, verdict } }) => {
    const { storage, variant } = armNamed(run.arm);
    const secs = last.t - first.t;
    const what = [
      VARIANT_TITLES[variant],
      ...(run.batchEvents === 1 ? [] : [`batches of ${run.batchEvents ?? 'the default'}`]),
      ...(run.seedLeakPerSecond > 0 ? [`a leak of ${run.seedLeakPerSecond} B/s seeded`] : []),
    ];
    return [
      STORAGE_TITLES[storage],
      what.join(', '),
      (last.t / 60).toFixed(1),
      String(last.events),
      String(last.requests),
      ((last.events - first.events) / secs).toFixed(0),
      (((last.cpu - first.cpu) / secs) * 100).toFixed(0),
      `${mib(first.rss)} → ${mib(last.rss)}`,
      `${mib(first.registry)} → ${mib(last.registry)}`,
      registry.verdict === 'flat' ? 'constant' : interval(registry),
      interval(kept),
      interval(rss),
      verdict,
    ];
  });
  const warmUps = [...new Set(runs.map(({ run }) => (run.warmUpSecs / 60).toFixed(1)))].join(', ');
  return `${table(head, rows)}

Slopes are of the time after the warm-up (the first ${warmUps} minutes), each with its 95 % interval. Heap and external memory are taken after a collection. \`flat\`: the registry's bytes are the same in every sample, and the upper ends are below ${KEPT_LIMIT} B/s for heap and external memory and below ${RSS_LIMIT} B/s for RSS; \`climbs\`: the registry grows, or a lower end is above; \`unsure\`: the run was too short to say. Sizes are those at the end of the warm-up and at the end.`;
}

const mib = (bytes: number): string => (bytes / MIB).toFixed(1);

function interval({ slope: { slope, low, high } }: Finding): string {
  const text = (value: number): string =>
    Number.isFinite(value) ? (Object.is(Math.round(value), -0) ? '0' : String(Math.round(value))) : '∞';
  return `${text(slope)} (${low === Number.NEGATIVE_INFINITY ? '−∞' : text(low)} … ${text(high)})`;
}

function plotOf(title: string, runs: readonly Judged[], value: (sample: Sample) => number): Plot {
  const lines = runs.map(({ run }): Line => {
    const { storage } = armNamed(run.arm);
    return { name: STORAGE_TITLES[storage], colour: COLOURS[storage], points: pointsOf(run, value) };
  });
  const warmUp = runs[0]?.run.warmUpSecs;
  return { title, lines, ...(warmUp === undefined ? {} : { markAt: warmUp / 60 }) };
}

/** All that is measured of one run. */
function plotOfRun({ name, run }: Judged): Plot {
  const collected = { ...run, samples: run.samples.filter((sample) => sample.collected) };
  return {
    title: `${name}, MiB`,
    markAt: run.warmUpSecs / 60,
    lines: [
      { name: 'RSS', colour: '#4a6fa5', points: pointsOf(run, ({ rss }) => rss) },
      {
        name: 'heap after a collection, and external',
        colour: '#e09f3e',
        points: pointsOf(collected, ({ heapUsed, external }) => heapUsed + external),
      },
      { name: 'registry', colour: '#d1495b', points: pointsOf(run, ({ registry }) => registry) },
    ],
  };
}

function pointsOf({ samples }: Run, value: (sample: Sample) => number): Line['points'] {
  return samples.map((sample) => ({ x: sample.t / 60, y: value(sample) / MIB }));
}

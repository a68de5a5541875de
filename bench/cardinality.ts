// Does memory stay within its budget when the tags of metrics never repeat, and do known series go on counting?
//
//   npm run bench cardinality -- [--minutes 10] [--seconds N] [--only statsd,log_to_metric,…] [--memory 128MiB]
//                                [--built] [--dist DIR] [--csv FILE]
//
// Each scenario is a process of its own that is attacked at full speed, with one thread. `resident` and `ledger` are
// what the process took at its peak and at the end, and what its owners of memory said at that time; the share while it
// is attacked is of resident memory as the process itself saw it when the owners were asked.

import { appendFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultMemoryBytes } from '../src/engine/budget.ts';
import { attack, KNOWN_SERIES } from './harness/cardinality/attackers.ts';
import { configOf, SCENARIOS, type Scenario } from './harness/cardinality/scenarios.ts';
import { samplesOf, scrape, total } from './harness/cardinality/scrape.ts';
import { temporaryFolder } from './harness/folder.ts';
import { freePort } from './harness/ports.ts';
import { isListening, type Subject, sleep, start, until } from './harness/process.ts';
import { install, sources } from './harness/programs.ts';
import { table } from './harness/report.ts';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seconds: { type: 'string' },
    only: { type: 'string', default: SCENARIOS.map(({ name }) => name).join(',') },
    memory: { type: 'string' },
    built: { type: 'boolean', default: false },
    dist: { type: 'string', default: join(import.meta.dirname, '../dist') },
    csv: { type: 'string' },
  },
});

const MEBIBYTE = 1_048_576;
/** How far resident memory may be above the budget, and the ledger from resident memory. */
const TOLERANCE = 0.15;
const SAMPLE_MS = 1_000;
/** After the attack: what was taken last must have gone through, an interval of `aggregate` included. */
const SETTLE_MS = 4_000;
const STEADY_TRIES = 10;
const STEADY_MIB = 2;

const seconds = flags.seconds === undefined ? Number(flags.minutes) * 60 : Number(flags.seconds);
const folder = temporaryFolder(tmpdir());
const installation = flags.built ? install(flags.dist, join(folder, 'installed')) : sources();
const budgetMib = flags.memory
  ? Number.parseFloat(flags.memory)
  : defaultMemoryBytes({ sources: 2, threads: 1 }) / MEBIBYTE;

interface Outcome {
  readonly payloads: number;
  readonly newSeries: number;
  readonly peakMib: number;
  readonly endMib: number;
  readonly ledgerMib: number;
  /** What owners added up to while the attack went on, the least and the most: parts of resident memory. */
  readonly shares: readonly [least: number, most: number];
  readonly owners: string;
  readonly seriesShown: number;
  readonly refused: number;
  readonly evicted: number;
  /** Known series that do not stand at the number of payloads. */
  readonly wrong: readonly string[];
}

async function run(scenario: Scenario): Promise<Outcome> {
  const ports = { attacked: await freePort(), exported: await freePort(), internal: await freePort() };
  const path = join(folder, `${scenario.name}.json`);
  writeFileSync(path, JSON.stringify({ data_dir: folder, ...configOf(scenario, ports, flags.memory) }));
  const subject = start(installation.program, [...installation.args, '--config', path, '--threads', '1']);
  try {
    await until(
      () => Object.values(ports).every((port) => isListening(port)),
      () => `${scenario.name}: ${subject.output()}`,
    );
    const samples = sampleEvery(subject, scenario.name, ports.internal);
    const sent = await attack(scenario.protocol, ports.attacked, performance.now() + seconds * 1000);
    await sleep(SETTLE_MS);
    await steady(subject);
    samples.stop();
    return await judge(subject, sent, ports, samples.shares());
  } finally {
    await subject.stop();
    console.error(subject.output().replace(/^(?!.*(WARN|ERROR)).*\n/gm, ''));
  }
}

/** The ledger is told every two seconds: it is compared with memory that is no more going down. */
async function steady(subject: Subject): Promise<void> {
  let before = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < STEADY_TRIES; tries++) {
    const { rssMib } = subject.usage();
    if (Math.abs(rssMib - before) < STEADY_MIB) return;
    before = rssMib;
    await sleep(SETTLE_MS);
  }
}

async function judge(
  subject: Subject,
  { payloads, newSeries }: { readonly payloads: number; readonly newSeries: number },
  ports: { readonly exported: number; readonly internal: number },
  shares: Outcome['shares'],
): Promise<Outcome> {
  const internal = (await scrape(ports.internal)) ?? '';
  const endMib = subject.usage().rssMib;
  const owners = samplesOf(internal, 'sluice_memory_bytes').sort((a, b) => b.value - a.value);
  const exported = (await scrape(ports.exported)) ?? '';
  const shown = samplesOf(exported, 'attack(?:_total)?');
  const known = new Map(shown.map(({ labels, value }) => [labels['id'], value]));
  const wrong: string[] = [];
  for (let i = 0; i < KNOWN_SERIES; i++)
    if (known.get(`known-${i}`) !== payloads) wrong.push(`known-${i} is ${known.get(`known-${i}`)}, not ${payloads}`);
  return {
    payloads,
    newSeries,
    peakMib: subject.peakMib(),
    endMib,
    shares,
    ledgerMib: owners.reduce((sum, { value }) => sum + value, 0) / MEBIBYTE,
    owners: owners
      .slice(0, 8)
      .map(({ labels, value }) =>
        [labels['owner'], labels['component_id'], (value / MEBIBYTE).toFixed(1)].filter(Boolean).join(' '),
      )
      .join(', '),
    seriesShown: shown.length,
    refused: total(internal, 'component_discarded_events_total'),
    evicted: total(internal, 'sluice_state_evictions_total'),
    wrong,
  };
}

/** Resident memory and the ledger over time, and for a file. */
function sampleEvery(
  subject: Subject,
  scenario: string,
  port: number,
): { readonly stop: () => void; readonly shares: () => Outcome['shares'] } {
  const startedMs = performance.now();
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  let isScraping = false;
  const timer = setInterval(async () => {
    const { rssMib, cpuSeconds } = subject.usage();
    if (isScraping) return;
    isScraping = true;
    const text = (await scrape(port)) ?? '';
    isScraping = false;
    const resident = total(text, 'sluice_memory_resident_bytes');
    if (resident === 0) return;
    // Both are of the same moment, which is up to three seconds ago.
    const ledger = total(text, 'sluice_memory_bytes');
    least = Math.min(least, ledger / resident);
    most = Math.max(most, ledger / resident);
    if (flags.csv === undefined) return;
    const owners = samplesOf(text, 'sluice_memory_bytes').map(
      ({ labels, value }) => `${labels['owner']}/${labels['component_id'] ?? ''}=${(value / MEBIBYTE).toFixed(2)}`,
    );
    const atSecs = ((performance.now() - startedMs) / 1000).toFixed(1);
    appendFileSync(
      flags.csv,
      `${[scenario, atSecs, rssMib.toFixed(1), (ledger / MEBIBYTE).toFixed(1), cpuSeconds.toFixed(1), (ledger / resident).toFixed(3), ...owners].join(',')}\n`,
    );
  }, SAMPLE_MS);
  return { stop: () => clearInterval(timer), shares: () => [least, most] };
}

const COLUMNS = [
  'attacked',
  'new series, M',
  'peak MiB',
  'end MiB',
  'ledger MiB',
  'share',
  'under attack',
  'shown',
  'refused',
  'evicted',
  'verdict',
] as const;

/** What is wrong with an outcome. */
function problemsOf({ peakMib, endMib, ledgerMib, shares, wrong }: Outcome): string[] {
  return [
    ...(peakMib > budgetMib * (1 + TOLERANCE) ? ['over the budget'] : []),
    ...([ledgerMib / endMib, ...shares].some((share) => Math.abs(1 - share) > TOLERANCE)
      ? ['the ledger does not explain it']
      : []),
    ...(wrong.length > 0 ? [`${wrong.length} known series are wrong: ${wrong[0]}`] : []),
  ];
}

function rowOf(name: string, outcome: Outcome): string[] {
  return [
    name,
    (outcome.newSeries / 1e6).toFixed(2),
    outcome.peakMib.toFixed(0),
    outcome.endMib.toFixed(0),
    outcome.ledgerMib.toFixed(0),
    (outcome.ledgerMib / outcome.endMib).toFixed(2),
    outcome.shares.map((share) => share.toFixed(2)).join(' to '),
    String(outcome.seriesShown),
    String(outcome.refused),
    String(outcome.evicted),
    problemsOf(outcome).join('; ') || 'holds',
  ];
}

/** A row of the table, which is printed at once as well: what an hour has shown is there whatever becomes of the rest. */
async function attempt(scenario: Scenario): Promise<string[]> {
  let row: string[];
  try {
    const outcome = await run(scenario);
    if (problemsOf(outcome).length > 0) process.exitCode = 1;
    console.log(`${scenario.name}: ${outcome.owners}`);
    row = rowOf(scenario.name, outcome);
  } catch (error) {
    process.exitCode = 1;
    const reason = (error as Error).message.split('\n', 1)[0]!;
    row = [scenario.name, ...COLUMNS.slice(2).map(() => ''), `failed: ${reason}`];
  }
  console.log(COLUMNS.map((column, index) => `${column} ${row[index]}`).join(', '));
  return row;
}

const rows: string[][] = [];
for (const scenario of SCENARIOS.filter(({ name }) => flags.only.split(',').includes(name)))
  rows.push(await attempt(scenario));
console.log(`\n${seconds} s each, budget ${budgetMib} MiB\n\n${table([...COLUMNS], rows)}`);

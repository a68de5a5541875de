// The guides to Kubernetes stay true: their configurations are valid, their values are those of the chart, and what the
// commands and tables of "Kubernetes in ten minutes" name is there.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import { ROOT, run, runScript } from '../../scripts/command.ts';
import { findProgram } from '../../scripts/debian.ts';

const GUIDE = readFileSync(join(ROOT, 'docs/guides/kubernetes-in-ten-minutes.md'), 'utf8');
const DETAILS = readFileSync(join(ROOT, 'docs/guides/kubernetes.md'), 'utf8');
const CHART = 'deploy/helm/sluice';
const VALUES = parse(readFileSync(join(ROOT, CHART, 'values.yaml'), 'utf8')) as Values;

type Values = { readonly [name: string]: unknown };

interface Block {
  readonly language: string;
  readonly text: string;
}

function blocksOf(guide: string): Block[] {
  const found = [...guide.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  return found.map(([, language, text]) => ({ language: language!, text: text! }));
}

/** The YAML blocks that say by their first line where they belong; those that do not without a place. */
function yamlOf(guide: string, place: string | undefined): Values[] {
  return blocksOf(guide)
    .filter(({ language, text }) => language === 'yaml' && /^# (\S+)\n/.exec(text)?.[1] === place)
    .map(({ text }) => parse(text) as Values);
}

/** Commands in blocks and in the text. */
const COMMANDS: readonly string[] = [
  ...blocksOf(GUIDE)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.trim().split('\n')),
  ...[...GUIDE.matchAll(/`((?:helm|kubectl|npx) [^`]+)`/g)].map(([, command]) => command!.replaceAll('\\|', '|')),
];

/** All words behind a flag such as `--namespace`. */
function argumentsOf(flag: string): string[] {
  return [...COMMANDS.join('\n').matchAll(new RegExp(`${flag}[ =](\\S+)`, 'g'))].map(([, word]) => word!);
}

/** Whether the chart has the value; what lists and configurations hold is the user's. */
function isValue(path: string): boolean {
  let value: unknown = VALUES;
  for (const name of path.replace(/\[.*/, '').split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
    value = (value as Values)[name];
  }
  return true;
}

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-guide-'));
  try {
    await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function validated(config: unknown): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, 'sluice.yaml');
    writeFileSync(file, stringify(config));
    const env = { ...process.env, INGEST_TOKEN: 'secret' };
    const { code, output } = await runScript(['src/cli/main.ts', 'validate', '--no-environment', file], { env });
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /warning/);
  });
}

type Config = { readonly sources: Values; readonly sinks: Values };

describe('Kubernetes in ten minutes', () => {
  const [values, more] = yamlOf(GUIDE, 'values.yaml');
  const [sinks] = yamlOf(GUIDE, 'customConfig.sinks');
  const config = values?.['customConfig'] as Config;

  it('has a configuration that is valid', () => validated(config));

  it('has a sink that takes the place of another in it', async () => {
    const { stdout, ...rest } = config.sinks;
    assert.ok(stdout);
    await validated({ ...config, sinks: { ...rest, ...sinks } });
  });

  it('keeps the names of the sources, by which positions are known', () => {
    const installed = parse(readFileSync(join(ROOT, 'deploy/kustomize/agent/sluice.yaml'), 'utf8')) as Config;
    assert.deepEqual(config.sources, installed.sources);
  });

  it('sets only what the chart has', () => {
    const set = [...GUIDE.matchAll(/--set ([^=\s]+)=/g)].map(([, name]) => name!);
    const names = [...set, ...Object.keys({ ...values, ...more })];
    assert.deepEqual(names.sort(), ['customConfig', 'envFrom', 'image.repository', 'tolerations[0].operator']);
    assert.deepEqual(
      names.filter((name) => !isValue(name)),
      [],
    );
  });

  it('names files that are there', () => {
    const paths: string[] = GUIDE.match(/deploy\/[\w/.]+\w/g) ?? [];
    assert.ok(paths.includes(CHART));
    const links = [...GUIDE.matchAll(/\]\(([^)#]+)/g)].map(([, path]) => join('docs/guides', path!));
    assert.deepEqual(
      [...paths, ...links].filter((path) => !existsSync(join(ROOT, path))),
      [],
    );
  });

  it('names metrics that there are', () => {
    const reference = readFileSync(join(ROOT, 'docs/reference/internal_metrics.md'), 'utf8');
    const names = GUIDE.match(/\b(?:component|sluice)_[a-z_]+[a-z]\b/g) ?? [];
    assert.ok(names.length >= 6);
    assert.deepEqual(
      names.filter((name) => !reference.includes(`\`${name}\``)),
      [],
    );
  });

  it('asks for the objects that are installed, in the namespace that they are in', () => {
    const workload = parse(readFileSync(join(ROOT, 'deploy/kustomize/agent/daemonset.yaml'), 'utf8'));
    assert.deepEqual([workload.kind, workload.metadata.name], ['DaemonSet', 'sluice']);
    const named = COMMANDS.flatMap((command) => command.match(/\bdaemonset\/\S+/g) ?? []);
    assert.deepEqual(new Set(named), new Set(['daemonset/sluice']));
    const places = [...argumentsOf('kubectl -n'), ...argumentsOf('--namespace')];
    assert.deepEqual(new Set(places), new Set(['sluice']));
    assert.deepEqual(argumentsOf('--as'), ['system:serviceaccount:sluice:sluice']);
  });

  it('shows an event as the source makes it', () => {
    const text = blocksOf(GUIDE).find(({ language }) => language === 'json')?.text ?? '';
    const { kubernetes, ...event } = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(Object.keys(event).sort(), ['file', 'message', 'source_type', 'stream', 'timestamp']);
    const reference = readFileSync(join(ROOT, 'docs/reference/sources/kubernetes_logs.md'), 'utf8');
    const fields = [...reference.matchAll(/\.kubernetes\.(\w+)/g)].map(([, name]) => name!);
    assert.deepEqual(Object.keys(kubernetes as object).sort(), [...new Set(fields)].sort());
  });

  it('has values that the chart renders', { skip: findProgram('helm') ? false : 'needs helm' }, () =>
    inFolder(async (folder) => {
      const file = join(folder, 'values.yaml');
      writeFileSync(file, stringify({ ...values, ...more }));
      const flags = ['template', 'sluice', join(ROOT, CHART), '--kube-version', '1.31.0', '--values', file];
      const { code, output } = await run('helm', flags);
      assert.equal(code, 0, output);
      assert.match(output, /secretRef:\s+name: sluice-tokens/);
    }),
  );
});

describe('the guide to logs of Kubernetes', () => {
  it('has a configuration that is valid', async () => {
    const configs = yamlOf(DETAILS, undefined);
    assert.equal(configs.length, 1);
    await validated(configs[0]);
  });

  it('sets only what the chart has', () => {
    const names = yamlOf(DETAILS, 'values.yaml').flatMap((values) => Object.keys(values));
    assert.deepEqual(names, ['env', 'extraVolumes', 'extraVolumeMounts']);
    assert.ok(names.every(isValue));
  });
});

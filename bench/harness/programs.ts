// The programs that are compared: how each is started on a job.

import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubeconfig, kubernetesApi, pod } from '../../src/testing/kubernetes_api.ts';
import type { Form } from './forms.ts';
import { type Job, type Setting, sluiceConfig } from './job_list.ts';
import { freePort } from './ports.ts';
import { type Subject, start } from './process.ts';

export interface Program {
  readonly name: string;
  /** Whether it can do the job; a text says why not. */
  has(job: Job): true | string;
  start(job: Job, setting: Setting): Subject | Promise<Subject>;
  /** Where its output goes when it cannot go where the job says. */
  output?(job: Job): Job['output'];
  /** Whether it makes no promise about the order of lines. */
  readonly disorders?: boolean;
  /** How it writes events; `lines` unless given. */
  form?(job: Job): Form;
  /** How many lines it took, as it says itself when asked or stopped; for jobs without an output. */
  linesTaken?(setting: Setting, subject: Subject): Promise<number>;
}

const ROOT = join(import.meta.dirname, '../..');

/** What starts Sluice: a program, and its arguments before those of the command. */
export interface Installation {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Puts a built `dist/` into a folder as npm installs it, so that the published command runs, and goes on running when
 * the repository is built anew meanwhile.
 */
export function install(dist: string, folder: string): Installation {
  if (!existsSync(join(dist, 'cli/main.js'))) throw new Error(`there is no built command in ${dist}: npm run build`);
  mkdirSync(folder, { recursive: true });
  cpSync(dist, join(folder, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return { program: process.execPath, args: [join(folder, 'bin/sluice.js')] };
}

/** The sources of this repository, unbuilt. */
export function sources(): Installation {
  return { program: process.execPath, args: [join(ROOT, 'src/cli/main.ts')] };
}

/** The same on one core only, from its first moment. */
export function pinned({ program, args }: Installation, core: number): Installation {
  return { program: 'taskset', args: ['-c', String(core), program, ...args] };
}

export function startSluice(
  installation: Installation,
  config: string,
  { dataDir, threads }: Setting,
  env?: Readonly<Record<string, string>>,
): Subject {
  const path = writeConfig(config, dataDir);
  return start(installation.program, [...installation.args, '--config', path, '--threads', String(threads)], env);
}

/** Puts a configuration where a run finds it. */
export function writeConfig(config: string, dataDir: string): string {
  const path = join(dataDir, 'sluice.yaml');
  writeFileSync(path, config);
  return path;
}

export function sluice(installation: Installation): Program {
  return {
    name: 'Sluice',
    has: () => true,
    start: (job, setting) =>
      job.input === 'pod'
        ? startBesideApi(installation, job, setting)
        : startSluice(installation, sluiceConfig(job, setting), setting),
    async linesTaken(_, subject) {
      await subject.stop();
      const said = [...subject.output().matchAll(/Collected events\..*?events["=: ]+(\d+)/g)].at(-1);
      return said ? Number(said[1]) : 0;
    },
  };
}

/** Started together with an API server that knows the pod. */
async function startBesideApi(installation: Installation, job: Job, setting: Setting): Promise<Subject> {
  const api = await kubernetesApi();
  api.put('nodes', { metadata: { name: 'node-1', uid: 'n', labels: {} } });
  api.put('namespaces', { metadata: { name: 'default', uid: 'ns', labels: {} } });
  api.put('pods', pod('web', 'u0', { app: 'shop' }));
  const token = join(setting.dataDir, 'token');
  writeFileSync(token, 'token');
  writeFileSync(join(setting.dataDir, 'kubeconfig'), kubeconfig(api.url, token));
  const env = { SLUICE_POD_LOGS_DIR: setting.inDir };
  const subject = startSluice(installation, sluiceConfig(job, setting), setting, env);
  return { ...subject, stop: () => subject.stop().finally(() => api.stop()) };
}

const metricsPorts = new WeakMap<Setting, number>();

export const plainNode: Program = {
  name: 'plain Node',
  has: () => true,
  async start(job, setting) {
    const metricsPort = await freePort();
    metricsPorts.set(setting, metricsPort);
    const { inDir, inPort, outPort } = setting;
    const outFile = job.output === 'discard' ? '/dev/null' : setting.outFile;
    const options = { id: job.id, inDir, inPort, outPort, outFile, metricsPort };
    return start(process.execPath, [join(ROOT, 'bench/plain.mjs'), JSON.stringify(options)]);
  },
  async linesTaken(setting) {
    const response = await fetch(`http://127.0.0.1:${metricsPorts.get(setting)}/`);
    return Number(await response.text());
  },
};

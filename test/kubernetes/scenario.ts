// `npm run cluster -- scenario`: the agent on a node of a real API server. 500 pods in 50 namespaces come, are labelled,
// deleted and made again while their logs are written and rotated; then the server is killed, nothing gets through to
// it until its history is gone, and the token is revoked. Every line must arrive once, with the right metadata, and the
// requests to the API must follow what happened and not the number of pods.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../scripts/cluster.ts';
import { NODE, ROOT } from '../../scripts/command.ts';
import { Admin, forAll } from './admin.ts';
import { Node, type RunningPod } from './node.ts';
import { judge } from './verdict.ts';
import { Wire } from './wire.ts';

const NODE_NAME = 'node-1';
const NAMESPACES = 50;
const PODS = 500;

/** The agent must know of a change after so long; and after an outage, in which it asks less and less often. */
const KNOWN_MS = 10_000;
const KNOWN_AFTER_OUTAGE_MS = 30_000;

/** Requests that a phase may cost: each of three resources is listed and watched anew once, with a failure or two. */
const STEADY_MAX = 6;
const OUTAGE_MAX = 24;

/** The server remembers for ten seconds that a token was good. */
const TOKEN_CACHE_MS = 11_000;

/** Runs it with the command at `command`, or the sources. Whether all went as it must. */
export async function scenario(cluster: Cluster, command: string = join(ROOT, 'src/cli/main.ts')): Promise<boolean> {
  const run = await Run.start(cluster, command);
  try {
    await run.phase('500 pods come', 0, STEADY_MAX, () => run.come());
    await run.phase('all are labelled', 0, 0, () => run.label(run.pods, 2, KNOWN_MS));
    await run.phase('half are deleted and made again', 0, 0, () => run.remake(run.pods.slice(PODS / 2)));
    await run.phase('the API server is killed and comes back', 1, OUTAGE_MAX, () => run.kill());
    await run.phase('nothing gets through until history is gone', 1, OUTAGE_MAX, () => run.expire());
    await run.phase('the token is revoked, and replaced later', 1, OUTAGE_MAX, () => run.rotateToken());
    return await run.end();
  } finally {
    run.close();
  }
}

class Run {
  readonly #cluster: Cluster;
  readonly #folder: string;
  readonly #admin: Admin;
  readonly #wire: Wire;
  readonly #node: Node;
  readonly #agent: ChildProcess;
  #isGood = true;

  private constructor(cluster: Cluster, folder: string, admin: Admin, wire: Wire, command: string) {
    this.#cluster = cluster;
    this.#folder = folder;
    this.#admin = admin;
    this.#wire = wire;
    this.#node = new Node(join(folder, 'pods'));
    this.#agent = spawn(NODE, [command, '--config', join(folder, 'sluice.yaml'), '-qq'], {
      env: { ...process.env, SLUICE_POD_LOGS_DIR: this.#node.folder },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }

  static async start(cluster: Cluster, command: string): Promise<Run> {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-scenario-'));
    const admin = new Admin(cluster);
    await admin.allowAgent();
    const wire = await Wire.to(Number(new URL(cluster.url).port));
    for (const name of ['data', 'pods']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'token'), await admin.token('first'));
    writeFileSync(join(folder, 'kubeconfig'), kubeconfigOf(cluster, wire.port, join(folder, 'token')));
    writeFileSync(join(folder, 'sluice.yaml'), configOf(folder));
    await admin.node(NODE_NAME);
    return new Run(cluster, folder, admin, wire, command);
  }

  get pods(): readonly RunningPod[] {
    return [...this.#node.running];
  }

  /** Does something, and looks at how many requests it cost the agent. */
  async phase(name: string, least: number, most: number, act: () => Promise<void>): Promise<void> {
    const requests = this.#requests();
    const { changes } = this.#admin;
    const started = performance.now();
    await act();
    await after(KNOWN_MS);
    const cost = this.#requests() - requests;
    const isGood = cost >= least && cost <= most;
    this.#isGood &&= isGood;
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    const verdict = isGood ? '' : `; ${least} to ${most} were expected`;
    console.log(`${name}: ${seconds} s, ${this.#admin.changes - changes} changes, ${cost} requests${verdict}`);
  }

  async come(): Promise<void> {
    const namespaces = Array.from({ length: NAMESPACES }, (_, index) => `n${index}`);
    await forAll(namespaces, (name) => this.#admin.namespace(name));
    const pods = Array.from({ length: PODS }, (_, index) => index);
    await forAll(pods, (index) => this.#make(`n${index % NAMESPACES}`, `p${index}`, 1));
  }

  async label(pods: readonly RunningPod[], version: number, knownMs: number): Promise<void> {
    await forAll(pods, async ({ namespace, name, uid }) => {
      await this.#admin.label(namespace, name, version);
      this.#node.labelled(uid, version, Date.now() + knownMs);
    });
  }

  async remake(pods: readonly RunningPod[]): Promise<void> {
    await forAll(pods, async ({ namespace, name, uid }) => {
      this.#node.end(uid);
      await this.#admin.deletePod(namespace, name);
      await this.#make(namespace, name, 3);
    });
  }

  async kill(): Promise<void> {
    await this.#cluster.restartApiserver(() => after(3_000));
    await this.label(this.pods.slice(0, 50), 4, KNOWN_AFTER_OUTAGE_MS);
    await this.remake(this.pods.slice(50, 100));
  }

  /** The agent sees nothing of what happens, and when it is back the server can only tell what is, not what was. */
  async expire(): Promise<void> {
    this.#wire.block();
    const labelled = this.pods.slice(0, 100);
    await forAll(labelled, ({ namespace, name }) => this.#admin.label(namespace, name, 5));
    await this.remake(this.pods.slice(100, 120));
    await this.#cluster.forgetHistory();
    await this.#cluster.restartApiserver();
    this.#wire.mend();
    for (const { uid } of labelled) this.#node.labelled(uid, 5, Date.now() + KNOWN_AFTER_OUTAGE_MS);
    await after(KNOWN_AFTER_OUTAGE_MS);
  }

  async rotateToken(): Promise<void> {
    await this.#admin.revoke('first');
    await after(TOKEN_CACHE_MS);
    this.#wire.break();
    await this.label(this.pods.slice(0, 100), 6, 5_000 + KNOWN_AFTER_OUTAGE_MS);
    await after(5_000);
    const path = join(this.#folder, 'token');
    writeFileSync(`${path}.new`, await this.#admin.token('second'));
    renameSync(`${path}.new`, path);
    await after(KNOWN_AFTER_OUTAGE_MS);
  }

  /** Stops everything and says what became of all lines. */
  async end(): Promise<boolean> {
    this.#node.stop();
    await after(KNOWN_MS);
    const exit = new Promise((resolve) => this.#agent.once('exit', resolve));
    this.#agent.kill('SIGTERM');
    await exit;
    const { written, missing, doubled, strange, wrong } = await judge(join(this.#folder, 'out'), this.#node, NODE_NAME);
    const rotations = [...this.#node.pods.values()].reduce((sum, { log }) => sum + log.rotations, 0);
    console.log(
      `${this.#node.pods.size} pods, ${rotations} rotations, ${written} lines: missing ${missing}, doubled ${doubled}, strange ${strange}`,
    );
    console.log(`wrong metadata: ${JSON.stringify(wrong)}`);
    console.log(`${this.#admin.changes} changes, ${this.#requests()} requests, ${this.#wire.connections} connections`);
    for (const [name, value] of this.#counts()) console.log(`${name} ${value}`);
    const isExpired = [...this.#counts()].some(([name, value]) => name.includes('expired') && value > 0);
    if (!isExpired) console.log('no watch was told that its version had expired');
    return this.#isGood && isExpired && missing + doubled + strange + Object.keys(wrong).length === 0;
  }

  close(): void {
    this.#node.stop();
    this.#agent.kill('SIGKILL');
    this.#wire.close();
    this.#admin.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #make(namespace: string, name: string, version: number): Promise<void> {
    const { metadata } = await this.#admin.pod(namespace, name, NODE_NAME, version);
    this.#node.run(namespace, name, metadata.uid, version);
  }

  /** Requests of the agent that the server knows it for. */
  #requests(): number {
    return readFileSync(this.#cluster.auditLog, 'utf8').split('\n').length - 1;
  }

  /** The agent's own counts of requests, as they were last. */
  #counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const line of readFileSync(join(this.#folder, 'counts'), 'utf8').trim().split('\n')) {
      const { name, tags, counter } = JSON.parse(line) as {
        name: string;
        tags: Record<string, string>;
        counter?: { value: number };
      };
      const { resource, verb, outcome, type } = tags;
      if (counter) counts.set([name, resource, verb ?? type, outcome].filter(Boolean).join(' '), counter.value);
    }
    return counts;
  }
}

function kubeconfigOf({ certificate }: Cluster, port: number, tokenFile: string): string {
  return `apiVersion: v1
kind: Config
current-context: agent
contexts: [{ name: agent, context: { cluster: one, user: agent } }]
clusters: [{ name: one, cluster: { server: "https://127.0.0.1:${port}", certificate-authority: "${certificate}" } }]
users: [{ name: agent, user: { tokenFile: "${tokenFile}" } }]
`;
}

function configOf(folder: string): string {
  return `data_dir: ${folder}/data
sources:
  logs: { type: kubernetes_logs, self_node_name: ${NODE_NAME}, kube_config_file: ${folder}/kubeconfig }
  metrics: { type: internal_metrics }
transforms:
  of_the_api: { type: filter, inputs: [metrics], condition: 'starts_with(string!(.name), "sluice_kubernetes")' }
sinks:
  out: { type: file, inputs: [logs], path: ${folder}/out, encoding: { codec: json }, acknowledgements: true }
  counts: { type: file, inputs: [of_the_api], path: ${folder}/counts, encoding: { codec: json } }
`;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

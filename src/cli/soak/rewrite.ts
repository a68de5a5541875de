// Turns a configuration into one that is safe to drive: its sources are fed by us, and nothing of it reaches the world.
// Whatever is not known to be safe is replaced, never left as it is. Every change is told.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { type Glob, parseGlob } from '../../std/glob.ts';
import type { Feed } from './feeds.ts';
import { CONTAINER, type NodePlace } from './kubernetes_node.ts';
import type { LineForm } from './lines.ts';
import type { Receivers } from './receivers.ts';
import { wantedOf } from './selected.ts';

export type Document = Readonly<Record<string, unknown>>;
type Options = Readonly<Record<string, unknown>>;

export interface DrivenFeed {
  readonly id: string;
  readonly feed: Feed;
  readonly form: LineForm;
}

export interface Rewritten {
  readonly document: Document;
  readonly feeds: readonly DrivenFeed[];
  readonly scrapes: readonly string[];
  /** What was changed, a line for each component. */
  readonly notes: readonly string[];
}

export interface Place {
  /** A folder of this soak alone. */
  readonly folder: string;
  /** Where sinks write files. */
  readonly output: string;
  readonly receivers: Pick<Receivers, 'httpPort' | 'tcpPort' | 'udpPort' | 'unixPath'>;
  readonly port: () => number;
  /** Where pods run; there is one when a source reads the logs of pods. */
  readonly node: NodePlace | undefined;
}

/** What becomes of one component; `undefined` options stay as they are written. */
interface Change {
  readonly options: Options;
  readonly note: string;
  readonly feed?: Feed;
  readonly form?: LineForm;
  readonly scrape?: string;
}

export function rewrite(document: Document, config: Config, place: Place): Rewritten {
  const feeds: DrivenFeed[] = [];
  const scrapes: string[] = [];
  const notes: string[] = [];
  const section = (
    name: 'sources' | 'sinks',
    change: (id: string, type: string, options: Options) => Change,
  ): Options => {
    const written = Object.entries((document[name] ?? {}) as Record<string, Options>);
    return Object.fromEntries(
      written.map(([id, options]) => {
        // A part that was left out is a blackhole by now; a type may be written as a variable.
        const type = options['type'] === 'blackhole' ? 'blackhole' : config[name].get(id)!.definition.type;
        const changed = change(id, type, options);
        notes.push(`${id} (${type} ${name.slice(0, -1)}) ${changed.note}`);
        if (changed.feed) feeds.push({ id, feed: changed.feed, form: changed.form ?? 'text' });
        if (changed.scrape !== undefined) scrapes.push(changed.scrape);
        return [id, withoutUndefined(changed.options)];
      }),
    );
  };
  const sources = section('sources', (id, type, options) => changedSource(id, type, options, config, place));
  const sinks = section('sinks', (id, type, options) => changedSink(id, type, options, place));
  const { api: _, tests: __, provider: ___, ...kept } = document;
  return { document: { ...kept, data_dir: folderOf(place, 'data'), sources, sinks }, feeds, scrapes, notes };
}

/** These make their events themselves, from this process and machine. */
const SELF_DRIVEN = new Set(['demo_logs', 'internal_logs', 'internal_metrics', 'host_metrics', 'static_metrics']);

/** Options that have to do with who is at the other end. */
const NO_PEER = { tls: undefined, auth: undefined, proxy: undefined, permit_origin: undefined } as const;

function changedSource(id: string, type: string, options: Options, config: Config, place: Place): Change {
  if (SELF_DRIVEN.has(type)) return { options, note: 'runs as it is' };
  const form = formOf(type, options);
  const local = (port: number): string => `127.0.0.1:${port}`;
  switch (type) {
    case 'file': {
      const folder = folderOf(place, id);
      const more = { include: [join(folder, '*.log')], exclude: undefined, data_dir: undefined };
      return {
        options: { ...options, ...more },
        note: 'reads files that are written and rotated for it',
        feed: { kind: 'files', folder },
        form,
      };
    }
    case 'kubernetes_logs':
      return changedPods(options, place.node!);
    case 'stdin':
      return { options, note: 'reads made-up lines', feed: { kind: 'stdin' }, form };
    case 'socket':
    case 'syslog':
    case 'statsd':
      return changedSocket(id, options, form, place);
    case 'http_server': {
      const port = place.port();
      const path = options['path'] ?? '/';
      const url = `http://${local(port)}${String(path)}`;
      const method = String(options['method'] ?? 'POST').toUpperCase();
      const feed: Feed = { kind: 'requests', url, method };
      return { options: { ...options, ...NO_PEER, address: local(port) }, note: 'gets requests', feed, form };
    }
    case 'prometheus_remote_write':
    case 'prometheus_pushgateway': {
      const port = place.port();
      const isWrite = type === 'prometheus_remote_write';
      const path = isWrite ? String(options['path'] ?? '/') : '/metrics/job/soak';
      const feed: Feed = { kind: isWrite ? 'remote_write' : 'push', url: `http://${local(port)}${path}` };
      return { options: { ...options, ...NO_PEER, address: local(port) }, note: 'gets requests with metrics', feed };
    }
    case 'prometheus_scrape': {
      const endpoints = [`http://${local(place.receivers.httpPort)}/metrics`];
      return { options: { ...options, ...NO_PEER, endpoints }, note: 'scrapes made-up metrics' };
    }
    default:
      return standIn(id, config);
  }
}

function changedSocket(id: string, options: Options, form: LineForm, place: Place): Change {
  const mode = String(options['mode']);
  if (mode === 'unix_datagram') return { options: DEMO, note: 'is not driven: demo_logs stands in for it' };
  if (mode.startsWith('unix')) {
    const path = join(place.folder, `${id}.sock`);
    return { options: { ...options, path }, note: 'gets connections', feed: { kind: 'stream', to: { path } }, form };
  }
  const port = place.port();
  const changed = { ...options, ...NO_PEER, multicast_groups: undefined, address: `127.0.0.1:${port}` };
  if (mode === 'udp') return { options: changed, note: 'gets datagrams', feed: { kind: 'datagrams', port }, form };
  return { options: changed, note: 'gets connections', feed: { kind: 'stream', to: { port } }, form };
}

/** Where the kubelet keeps logs, as patterns of paths have it. */
const POD_LOGS = '/var/log/pods';

/** Everything stays as it is written, but for where server and files are, and what pods cannot be made up for. */
function changedPods(options: Options, { name, kubeConfig, logs }: NodePlace): Change {
  const wanted = wantedOf(options);
  const isMatching = (glob: Glob | string): boolean =>
    typeof glob !== 'string' && glob.matches(join(logs, `soak-0_shop_0/${CONTAINER}/0.log`));
  const moved: Record<string, unknown> = {};
  const left: string[] = [];
  for (const [option, isRead] of PATTERNS) {
    const written = options[option];
    if (!Array.isArray(written)) continue;
    const patterns = written.map((pattern) => String(pattern).replace(POD_LOGS, () => logs));
    const fits = patterns.some((pattern) => isMatching(parseGlob(pattern))) === isRead;
    moved[option] = fits ? patterns : undefined;
    if (!fits) left.push(option);
  }
  const peer = { self_node_name: name, kube_config_file: kubeConfig, data_dir: undefined };
  const without = left.length === 0 ? '' : `; without ${left.join(' and ')}, which fit no path of theirs`;
  return {
    options: { ...options, ...moved, ...peer },
    note: `reads the logs of pods that come and go on a made-up node${without}`,
    feed: { kind: 'pods', wanted },
  };
}

/** Options with patterns of paths, and whether a path that is to be read has to match. */
const PATTERNS = [
  ['include_paths_glob_patterns', true],
  ['exclude_paths_glob_patterns', false],
] as const;

const DEMO = { type: 'demo_logs', format: 'json', interval: 0.01 } as const;
const METRICS = {
  type: 'static_metrics',
  interval_secs: 0.01,
  metrics: [{ name: 'soak', kind: 'incremental', value: { counter: { value: 1 } }, tags: { from: 'soak' } }],
} as const;

/** Events of the same sort from a source that asks nobody. */
function standIn(id: string, config: Config): Change {
  const isMetric = config.sources.get(id)?.outputs.every(({ types }) => types.every((type) => type === 'metric'));
  const options = isMetric ? METRICS : DEMO;
  return { options, note: `is not driven: ${options.type} stands in for it` };
}

function formOf(type: string, options: Options): LineForm {
  if (type === 'syslog' || type === 'statsd') return type;
  const codec = (options['decoding'] as Options | undefined)?.['codec'] ?? options['encoding'];
  if (codec === 'json' || codec === 'syslog') return codec;
  return 'text';
}

function changedSink(id: string, type: string, options: Options, place: Place): Change {
  const { httpPort, tcpPort, udpPort, unixPath } = place.receivers;
  const note = 'sends to a receiver of this soak';
  const peerless = { ...options, ...NO_PEER, healthcheck_uri: undefined, healthcheck: undefined };
  switch (type) {
    case 'blackhole':
      return { options, note: 'runs as it is' };
    case 'console':
      return { options, note: 'prints, and nobody reads it' };
    case 'file': {
      const more = { path: join(place.output, `${id}.out`), base_dir: undefined };
      return { options: { ...options, ...more }, note: 'writes one file that is emptied at 64 MiB' };
    }
    case 'http':
      return { options: { ...peerless, uri: `http://127.0.0.1:${httpPort}/${id}` }, note };
    case 'prometheus_remote_write': {
      const endpoint = `http://127.0.0.1:${httpPort}/${id}`;
      return { options: { ...peerless, endpoint, aws: undefined }, note };
    }
    case 'prometheus_exporter': {
      const port = place.port();
      const address = `127.0.0.1:${port}`;
      return { options: { ...peerless, address }, note: 'is scraped', scrape: `http://${address}/metrics` };
    }
    case 'socket':
    case 'statsd': {
      const { mode } = options;
      const isDatagram = mode === 'unix_datagram' || options['unix_mode'] === 'Datagram';
      if (mode === 'tcp') return { options: { ...peerless, address: `127.0.0.1:${tcpPort}` }, note };
      if (mode === 'udp') return { options: { ...peerless, address: `127.0.0.1:${udpPort}` }, note };
      if (!isDatagram && String(mode).startsWith('unix')) return { options: { ...peerless, path: unixPath }, note };
      return blackholed(options);
    }
    default:
      return blackholed(options);
  }
}

function blackholed({ inputs }: Options): Change {
  return { options: { type: 'blackhole', inputs }, note: 'is not driven: a blackhole stands in for it' };
}

function folderOf({ folder }: Place, name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

function withoutUndefined(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

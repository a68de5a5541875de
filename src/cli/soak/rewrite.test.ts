import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { builtIn, type Config, loadConfig, readConfigValue, renderConfig } from '../../config/config.ts';
import { temporaryFolder } from '../../testing/component.ts';
import { outwardCalls } from './outward.ts';
import { type Document, type Rewritten, rewrite } from './rewrite.ts';
import { keepFirst, partsOf } from './swap.ts';

interface Read {
  readonly config: Config;
  readonly document: Document;
}

/** Checks a configuration that must be right. */
async function read(value: unknown): Promise<Read> {
  const text = { text: renderConfig(value, 'json'), format: 'json' as const };
  const none = { config: [], configYaml: [], configToml: [], configJson: [], configDirs: [] };
  const request = { ...none, text, env: {}, interpolation: 'default' as const, allowEmpty: false, registry: builtIn };
  const { config, problems } = await loadConfig(request);
  assert.ok(config, problems.map(({ message }) => message).join('\n'));
  return { config, document: await readConfigValue(request) };
}

function rewritten({ document, config }: Read, folder: string): Rewritten {
  let port = 40_000;
  const receivers = { httpPort: 1001, tcpPort: 1002, udpPort: 1003, unixPath: '/tmp/receiver' };
  const node = { name: 'soak-node', kubeConfig: join(folder, 'kubeconfig'), logs: join(folder, 'pods') };
  return rewrite(document, config, { folder, output: folder, receivers, port: () => port++, node });
}

const inputs = ['parse'];
const encoding = { codec: 'json' };
const SECRET = 'production.example.com';

const EVERYTHING = {
  data_dir: `/var/lib/${SECRET}`,
  api: { enabled: true },
  sources: {
    files: { type: 'file', include: [`/var/log/${SECRET}/*.log`] },
    web: { type: 'http_server', address: '0.0.0.0:80', auth: { strategy: 'basic', username: 'a', password: 'b' } },
    tcp: { type: 'socket', mode: 'tcp', address: '0.0.0.0:81' },
    udp: { type: 'socket', mode: 'udp', address: '0.0.0.0:82' },
    command: { type: 'exec', mode: 'streaming', command: ['rm', SECRET] },
    self: { type: 'internal_logs' },
    numbers: { type: 'statsd', mode: 'udp', address: '0.0.0.0:83' },
    written: { type: 'prometheus_remote_write', address: '0.0.0.0:84' },
    scraped: { type: 'prometheus_scrape', endpoints: [`http://${SECRET}/metrics`] },
  },
  transforms: {
    parse: { type: 'remap', inputs: ['files', 'web', 'tcp', 'udp', 'command', 'self'], source: '.a = 1' },
    split: { type: 'route', inputs: ['parse'], route: { one: '.a == 1' } },
    count: { type: 'log_to_metric', inputs: ['split.one'], metrics: [{ type: 'counter', field: 'message' }] },
  },
  sinks: {
    post: { type: 'http', inputs, uri: `https://${SECRET}/x`, encoding, auth: { strategy: 'bearer', token: SECRET } },
    stream: { type: 'socket', mode: 'tcp', inputs, address: `${SECRET}:1`, encoding, tls: { enabled: true } },
    packets: { type: 'socket', mode: 'udp', inputs, address: `${SECRET}:1`, encoding },
    disk: { type: 'file', inputs: ['split._unmatched'], path: `/var/${SECRET}/{{ a }}.log`, encoding },
    gauge: { type: 'statsd', mode: 'udp', inputs: ['count', 'numbers'], address: `${SECRET}:1` },
    write: { type: 'prometheus_remote_write', inputs: ['count'], endpoint: `https://${SECRET}/w` },
    offer: { type: 'prometheus_exporter', inputs: ['count', 'written', 'scraped'], address: '0.0.0.0:85' },
  },
} as const;

test('nothing of production is left in what is run, and it is still a configuration', async () => {
  using folder = temporaryFolder();
  const { document, feeds, scrapes, notes } = rewritten(await read(EVERYTHING), folder.path);
  assert.equal(JSON.stringify(document).includes(SECRET), false);
  assert.equal(JSON.stringify(document).includes('0.0.0.0'), false);
  await read(document);
  assert.deepEqual(
    feeds.map(({ id, feed }) => `${id} ${feed.kind}`),
    ['files files', 'web requests', 'tcp stream', 'udp datagrams', 'numbers datagrams', 'written remote_write'],
  );
  assert.equal(scrapes.length, 1);
  assert.equal(notes.length, Object.keys(EVERYTHING.sources).length + Object.keys(EVERYTHING.sinks).length);
  assert.match(notes.join('\n'), /command \(exec source\) is not driven: demo_logs stands in for it/);
});

test('what feeds a component comes before it', async () => {
  const { config } = await read(EVERYTHING);
  const ids = partsOf(config).map(({ id }) => id);
  assert.equal(new Set(ids).size, 19);
  assert.ok(ids.indexOf('parse') < ids.indexOf('split') && ids.indexOf('split') < ids.indexOf('count'));
  assert.ok(ids.indexOf('count') < ids.indexOf('post'));
});

test('every part of a configuration that is kept is a configuration', async () => {
  using folder = temporaryFolder();
  const whole = await read(EVERYTHING);
  const parts = partsOf(whole.config);
  for (let kept = 1; kept <= parts.length; kept++) {
    const document = keepFirst(whole.document, whole.config, parts, kept);
    const { config } = await read(rewritten({ document, config: whole.config }, folder.path).document);
    const ids = [...config.sources.keys(), ...config.transforms.keys()];
    assert.deepEqual(
      ids.sort(),
      parts
        .slice(0, Math.min(kept, 12))
        .map(({ id }) => id)
        .sort(),
    );
  }
});

test('a transform that is left out passes everything through, whichever of its outputs was meant', async () => {
  const { config, document } = await read(EVERYTHING);
  const parts = partsOf(config);
  const kept = parts.findIndex(({ id }) => id === 'split');
  const { sinks } = keepFirst(document, config, parts, kept) as { sinks: Record<string, unknown> };
  assert.deepEqual(sinks['disk'], { type: 'blackhole', inputs: ['parse'] });
  assert.deepEqual(sinks['gauge'], { type: 'blackhole', inputs: ['parse', 'numbers'] });
});

test('the logs of pods are read as they are written to be, from a made-up node', async () => {
  using folder = temporaryFolder();
  const written = {
    self_node_name: SECRET,
    kube_config_file: `/etc/${SECRET}`,
    data_dir: `/var/lib/${SECRET}`,
    extra_label_selector: 'team in (blue, red)',
    extra_field_selector: 'metadata.namespace!=kube-system',
    pod_annotation_fields: { pod_labels: 'labels' },
    include_paths_glob_patterns: ['/var/log/pods/*/*/*.log'],
    exclude_paths_glob_patterns: ['**/*.gz', '/var/log/pods/kube-system_*/**'],
    max_merged_line_bytes: 1000,
  };
  const whole = await read({
    sources: { pods: { type: 'kubernetes_logs', ...written } },
    sinks: { out: { type: 'blackhole', inputs: ['pods'] } },
  });
  const { document, feeds, notes } = rewritten(whole, folder.path);
  const { pods } = document['sources'] as Record<string, Record<string, unknown>>;
  const { self_node_name: _, kube_config_file: __, data_dir: ___, ...same } = written;
  const logs = join(folder.path, 'pods');
  assert.deepEqual(pods, {
    type: 'kubernetes_logs',
    ...same,
    self_node_name: 'soak-node',
    kube_config_file: join(folder.path, 'kubeconfig'),
    include_paths_glob_patterns: [`${logs}/*/*/*.log`],
    exclude_paths_glob_patterns: ['**/*.gz', `${logs}/kube-system_*/**`],
  });
  const wanted = { labels: { team: 'blue' }, namespaceLabels: {}, fields: {} };
  assert.deepEqual(feeds, [{ id: 'pods', feed: { kind: 'pods', wanted }, form: 'text' }]);
  assert.deepEqual(notes[0], 'pods (kubernetes_logs source) reads the logs of pods that come and go on a made-up node');
  await read(document);
});

test('patterns of paths that made-up pods do not have are left out, and that is said', async () => {
  using folder = temporaryFolder();
  const include_paths_glob_patterns = ['/var/log/pods/shop_*/**'];
  const whole = await read({
    sources: { pods: { type: 'kubernetes_logs', self_node_name: 'node', include_paths_glob_patterns } },
    sinks: { out: { type: 'blackhole', inputs: ['pods'] } },
  });
  const { document, notes } = rewritten(whole, folder.path);
  assert.equal(JSON.stringify(document).includes('include_paths_glob_patterns'), false);
  assert.match(notes[0]!, /without include_paths_glob_patterns, which fit no path of theirs$/);
});

test('a program that reaches the world by itself is found, wherever it is written', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'program.vrl');
  writeFileSync(file, '.name = reverse_dns!(.ip)');
  const remap = (more: object) => ({ type: 'remap', inputs: ['in'], ...more });
  const { document, config } = await read({
    sources: { in: { type: 'stdin' } },
    transforms: {
      quiet: remap({ source: '.http_request = "http_request"' }),
      inline: remap({ source: '.a = reverse_dns!(.ip)' }),
      elsewhere: remap({ file }),
    },
    sinks: { out: { type: 'blackhole', inputs: ['quiet', 'inline', 'elsewhere'] } },
  });
  assert.deepEqual(outwardCalls(document, config), [
    { id: 'inline', name: 'reverse_dns' },
    { id: 'elsewhere', name: 'reverse_dns' },
  ]);
});

// Against a real Prometheus, where one is at hand: the folder that the environment variable SLUICE_PROMETHEUS names, with
// `prometheus` and `promtool`. It scrapes our exporter, is written to by our sink, and writes to our source.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { temporaryFolder } from '../../src/testing/component.ts';
import { sluice } from './process.ts';

const binaries = process.env['SLUICE_PROMETHEUS'];
const skip = binaries ? false : 'set SLUICE_PROMETHEUS to a folder with `prometheus` and `promtool`';

/** Hostile names and values, and one of each type. */
const EVENTS = [
  { name: 'hits_total', namespace: 'web', tags: { path: 'a "b" \\ c\nd' }, kind: 'incremental', counter: { value: 5 } },
  {
    name: 'hits_total',
    namespace: 'web',
    tags: { path: 'a "b" \\ c\nd' },
    kind: 'incremental',
    counter: { value: 2.5 },
  },
  { name: 'we-ird.náme', tags: { '1st.tag': 'x' }, kind: 'absolute', gauge: { value: 1e21 } },
  { name: 'users', kind: 'incremental', set: { values: ['a', 'b', 'a'] } },
  {
    name: 'lat',
    kind: 'incremental',
    distribution: {
      samples: [
        { value: 0.3, rate: 3 },
        { value: 70, rate: 1 },
      ],
      statistic: 'histogram',
    },
  },
  {
    name: 'summ',
    kind: 'absolute',
    aggregated_summary: { quantiles: [{ quantile: 0.5, value: 4 }], count: 2, sum: 8 },
  },
];

/** Queries, each with what Prometheus is to answer; `*` stands for the prefix of what was written by the sink. */
const QUERIES: readonly (readonly [query: string, value: string])[] = [
  ['*web_hits_total{path="a \\"b\\" \\\\ c\\nd"}', '7.5'],
  ['*we_ird_n_me{_1st_tag="x"}', '1e+21'],
  ['*users', '2'],
  ['*lat_bucket{le="0.5"}', '3'],
  ['*lat_bucket{le="+Inf"}', '4'],
  ['*lat_sum', '70.9'],
  ['*lat_count', '4'],
  ['*summ{quantile="0.5"}', '4'],
  ['*summ_count', '2'],
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const config = (prometheus: number) => ({
  sources: {
    in: { type: 'stdin', decoding: { codec: 'native_json' } },
    received: { type: 'prometheus_remote_write', address: '127.0.0.1:0' },
  },
  sinks: {
    exporter: { type: 'prometheus_exporter', inputs: ['in'], address: '127.0.0.1:0' },
    written: {
      type: 'prometheus_remote_write',
      inputs: ['in'],
      endpoint: `http://127.0.0.1:${prometheus}/api/v1/write`,
      default_namespace: 'pushed',
      healthcheck: false,
    },
    out: { type: 'console', inputs: ['received'], encoding: { codec: 'native_json' } },
  },
});

test('a real Prometheus reads what we show, takes what we write, and is understood', { skip }, async () => {
  using folder = temporaryFolder();
  const port = await freePort();
  await using agent = sluice({ config: config(port) });
  await agent.started();
  const [exporter, receiver] = [await agent.port('exporter'), await agent.port('received')];
  writeFileSync(
    join(folder.path, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [{ job_name: 'sluice', static_configs: [{ targets: [`127.0.0.1:${exporter}`] }] }],
      remote_write: [{ url: `http://127.0.0.1:${receiver}/` }],
    }),
  );
  const args = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=127.0.0.1:${port}`];
  const child = spawn(join(binaries!, 'prometheus'), [...args, '--web.enable-remote-write-receiver'], {
    cwd: folder.path,
    stdio: 'ignore',
  });
  const gone = new Promise((resolve) => child.once('close', resolve));
  try {
    for (const metric of EVENTS) agent.stdin.write(`${JSON.stringify({ metric })}\n`);
    const metrics = (uri: string): Promise<string> => fetch(uri).then((response) => response.text());
    await eventually(async () =>
      assert.match(await metrics(`http://127.0.0.1:${exporter}/metrics`), /^summ_count 2$/m),
    );
    const text = await metrics(`http://127.0.0.1:${exporter}/metrics`);
    const { stderr } = spawnSync(join(binaries!, 'promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.doesNotMatch(stderr, /error/i);
    for (const [query, value] of QUERIES) {
      const scraped = query.replace('*', '');
      await eventually(async () => assert.equal(await answer(port, scraped), value, scraped));
      const pushed = query.startsWith('*web_') ? scraped : query.replace('*', 'pushed_');
      await eventually(async () => assert.equal(await answer(port, `max(${pushed})`), value, pushed));
    }
    await eventually(() => assert.match(agent.stdout, /"name":"lat_bucket".*"le":"0.5".*"gauge":\{"value":3/));
    await eventually(() => assert.match(agent.stdout, /"name":"web_hits_total".*"value":7.5/));
  } finally {
    child.kill();
    await gone;
  }
});

/** The one value that a query has. */
async function answer(port: number, query: string): Promise<string | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result[0]?.value[1];
}

async function eventually(check: () => Promise<void> | void): Promise<void> {
  for (const started = Date.now(); ; await wait(100)) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() - started > 20_000) throw error;
    }
  }
}

// Against a real Prometheus, of Debian's package: it scrapes our exporter, is written to by our sink, and writes to our
// source. Its `promtool` reads all that we show.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { ensure, findProgram } from '../../scripts/debian.ts';
import { temporaryFolder } from '../../src/testing/component.ts';
import { sluice } from './process.ts';

const skip = await ensure({ prometheus: 'prometheus', promtool: 'prometheus' });

const HOSTILE = 'a "b" \\ c\nd {e="f"} 😀';

/** A counter of one, or what else is said. */
const metric = (name: string, rest: Record<string, unknown>): Record<string, unknown> => ({
  name,
  kind: 'incremental',
  ...rest,
});

const samples = (...pairs: readonly (readonly [value: number, rate: number])[]) =>
  pairs.map(([value, rate]) => ({ value, rate }));

/** Hostile names and values, and each type, absolute and in increments. */
const EVENTS = [
  metric('hits_total', { namespace: 'web', tags: { path: HOSTILE }, counter: { value: 5 } }),
  metric('hits_total', { namespace: 'web', tags: { path: HOSTILE }, counter: { value: 2.5 } }),
  metric('reset_total', { kind: 'absolute', counter: { value: 9 } }),
  metric('reset_total', { kind: 'absolute', counter: { value: 4 } }),
  metric('we-ird.náme', { kind: 'absolute', tags: { '1st.tag': 'x', zwölf: '十二' }, gauge: { value: 1e21 } }),
  metric('temp', { kind: 'absolute', gauge: { value: -2.5 } }),
  metric('temp', { gauge: { value: 1 } }),
  metric('users', { set: { values: ['a', 'b', 'a'] } }),
  metric('users', { set: { values: ['b', 'c'] } }),
  metric('lat', { distribution: { samples: samples([0.25, 3], [70, 1]), statistic: 'histogram' } }),
  metric('lat', { distribution: { samples: samples([0.5, 2]), statistic: 'histogram' } }),
  metric('agg', {
    aggregated_histogram: {
      buckets: [
        { upper_limit: 1, count: 2 },
        { upper_limit: 5, count: 1 },
      ],
      count: 4,
      sum: 16.5,
    },
  }),
  metric('summ', {
    kind: 'absolute',
    aggregated_summary: { quantiles: [{ quantile: 0.5, value: 4 }], count: 2, sum: 8 },
  }),
  metric('sketchy', {
    kind: 'absolute',
    sketch: {
      sketch: {
        AgentDDSketch: { bins: { k: [1338, 1383], n: [1, 1] }, count: 2, min: 1, max: 2, sum: 3, avg: 1.5 },
      },
    },
  }),
];

/** Queries, each with what Prometheus is to answer; `*` stands for the prefix of what was written by the sink. */
const QUERIES: readonly (readonly [query: string, value: string])[] = [
  [`*web_hits_total{path=${JSON.stringify(HOSTILE)}}`, '7.5'],
  ['*reset_total', '4'],
  ['*we_ird_n_me{_1st_tag="x",zw_lf="十二"}', '1e+21'],
  ['*temp', '-1.5'],
  ['*users', '3'],
  ['*lat_bucket{le="0.25"}', '3'],
  ['*lat_bucket{le="0.5"}', '5'],
  ['*lat_bucket{le="+Inf"}', '6'],
  ['*lat_sum', '71.75'],
  ['*lat_count', '6'],
  ['*agg_bucket{le="1"}', '2'],
  ['*agg_bucket{le="5"}', '3'],
  ['*agg_bucket{le="+Inf"}', '4'],
  ['*agg_sum', '16.5'],
  ['*summ{quantile="0.5"}', '4'],
  ['*summ_sum', '8'],
  ['*summ_count', '2'],
  ['*sketchy_sum', '3'],
  ['*sketchy_count', '2'],
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
  const child = spawn(findProgram('prometheus')!, [...args, '--web.enable-remote-write-receiver'], {
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
    // The names of this test are as they are; its text must be read.
    complaints(text);
    for (const [query, value] of QUERIES) {
      const scraped = query.replace('*', '');
      await eventually(async () => assert.equal(await answer(port, scraped), value, scraped));
      const pushed = query.startsWith('*web_') ? scraped : query.replace('*', 'pushed_');
      await eventually(async () => assert.equal(await answer(port, `max(${pushed})`), value, pushed));
    }
    await eventually(() => assert.match(agent.stdout, /"name":"lat_bucket".*"le":"0.5".*"gauge":\{"value":5/));
    await eventually(() => assert.match(agent.stdout, /"name":"web_hits_total".*"value":7.5/));
  } finally {
    child.kill();
    await gone;
  }
});

test('what promtool says of our own metrics is about names of Vector alone', { skip }, async () => {
  const lines = readFileSync(join(import.meta.dirname, 'promtool_names.txt'), 'utf8').split('\n');
  const known = lines.filter((line) => line !== '' && !line.startsWith('#'));
  assert.deepEqual(
    known.filter((line) => line.startsWith('sluice_')),
    [],
  );
  await using agent = sluice({
    config: {
      sources: { own: { type: 'internal_metrics' }, host: { type: 'host_metrics' } },
      sinks: { exporter: { type: 'prometheus_exporter', inputs: ['own', 'host'], address: '127.0.0.1:0' } },
    },
  });
  await agent.started();
  const uri = `http://127.0.0.1:${await agent.port('exporter')}/metrics`;
  await eventually(async () => {
    const text = await (await fetch(uri)).text();
    for (const name of ['vector_component_sent_events_total', 'host_memory_total_bytes'])
      assert.match(text, new RegExp(`^${name}`, 'm'));
    assert.deepEqual(
      complaints(text).filter((line) => !known.includes(line)),
      [],
    );
  });
});

/** What promtool has to say about text that it can read; it ends with 1 when it cannot. */
function complaints(text: string): string[] {
  const { status, stderr } = spawnSync(findProgram('promtool')!, ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  assert.ok(status === 0 || status === 3, stderr);
  return stderr.split('\n').filter(Boolean);
}

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

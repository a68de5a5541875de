import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../std/clock.ts';
import { ListWatchServer } from './list_watch_server.ts';

const pod = (name: string, nodeName = 'node-1') => ({ metadata: { name, uid: name }, spec: { nodeName } });

/** A running server, with a clock that stands still. */
async function server() {
  const clock = new FakeClock();
  const api = new ListWatchServer({ clock });
  await api.start();
  return { api, clock, [Symbol.asyncDispose]: () => api.stop() };
}

/** The lines of a watch: read until there are `count`, or all until its end. */
async function watch(api: ListWatchServer, query: string, count = Number.POSITIVE_INFINITY): Promise<string[]> {
  const stop = new AbortController();
  const response = await fetch(`${api.url}/api/v1/pods?watch=true&${query}`, { signal: stop.signal });
  if (response.status !== 200) return [String(response.status)];
  let text = '';
  for await (const chunk of response.body!) {
    text += Buffer.from(chunk).toString();
    if (text.split('\n').length > count) break;
  }
  stop.abort();
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => {
    const { type, object } = JSON.parse(line) as { type: string; object: { metadata: { name?: string } } };
    return `${type} ${object.metadata.name ?? ''}`.trim();
  });
}

async function list(api: ListWatchServer, query = ''): Promise<{ version: string; names: string[]; next?: string }> {
  const response = await fetch(`${api.url}/api/v1/pods?${query}`);
  const { metadata, items } = (await response.json()) as {
    metadata: { resourceVersion: string; continue?: string };
    items: { metadata: { name: string } }[];
  };
  const names = items.map((item) => item.metadata.name);
  return { version: metadata.resourceVersion, names, ...(metadata.continue ? { next: metadata.continue } : {}) };
}

test('a watch from the version of a list is told what came after it, of its node', async () => {
  await using host = await server();
  const { api } = host;
  api.put('pods', pod('a'));
  const { version, names } = await list(api);
  assert.deepEqual(names, ['a']);
  api.put('pods', pod('b'));
  api.put('pods', pod('elsewhere', 'node-2'));
  api.put('namespaces', { metadata: { name: 'n', uid: 'n' } });
  api.put('pods', pod('a'));
  api.delete('pods', 'b');
  const query = `resourceVersion=${version}&fieldSelector=spec.nodeName%3Dnode-1`;
  assert.deepEqual(await watch(api, query, 3), ['ADDED b', 'MODIFIED a', 'DELETED b']);
});

test('a list comes in pages', async () => {
  await using host = await server();
  for (const name of ['a', 'b', 'c']) host.api.put('pods', pod(name));
  const first = await list(host.api, 'limit=2');
  const second = await list(host.api, `limit=2&continue=${first.next}`);
  assert.deepEqual([first.names, second.names, second.next], [['a', 'b'], ['c'], undefined]);
});

test('a watch ends when its time is over', async () => {
  await using host = await server();
  const lines = watch(host.api, 'resourceVersion=1&timeoutSeconds=300');
  while (host.api.watches === 0) await new Promise((resolve) => setImmediate(resolve));
  host.api.bookmark();
  await host.clock.advance(300_000);
  assert.deepEqual(await lines, ['BOOKMARK']);
});

test('changes are remembered up to a limit, and a watch from before it is refused', async () => {
  await using host = await server();
  const { version } = await list(host.api);
  for (let i = 0; i < 10_001; i++) host.api.put('pods', pod('a'));
  assert.deepEqual(await watch(host.api, `resourceVersion=${version}`), ['410']);
  const { version: now } = await list(host.api);
  host.api.put('pods', pod('b'));
  assert.deepEqual(await watch(host.api, `resourceVersion=${now}`, 1), ['ADDED b']);
});

test('a watch that nobody reads is broken off', async () => {
  await using host = await server();
  const stop = new AbortController();
  const response = await fetch(`${host.api.url}/api/v1/pods?watch=true&resourceVersion=1`, { signal: stop.signal });
  const large = { metadata: { name: 'a', uid: 'a', annotations: { text: 'x'.repeat(1_000_000) } } };
  for (let i = 0; i < 64 && host.api.watches > 0; i++) host.api.put('pods', large);
  assert.equal(host.api.watches, 0);
  await assert.rejects(response.text());
  stop.abort();
});

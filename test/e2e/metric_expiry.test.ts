// `expire_metrics_secs` and `expire_metrics_per_metric_set` in the command, with workers and over a reload.

import { once } from 'node:events';
import { test } from 'node:test';
import { open } from './hostile.ts';
import { type SluiceProcess, sluice, writeConfig } from './process.ts';

const config = (expiry: object) => ({
  ...expiry,
  sources: {
    in: { type: 'socket', mode: 'tcp', address: '127.0.0.1:0', decoding: { codec: 'json' } },
    internal: { type: 'internal_metrics', scrape_interval_secs: 0.1 },
  },
  transforms: { edit: { type: 'remap', inputs: ['in'], source: '.n = int!(.n) + 1' } },
  sinks: {
    out: { type: 'file', inputs: ['edit'], path: 'out.log', encoding: { codec: 'json' } },
    prom: { type: 'prometheus_exporter', inputs: ['internal'], address: '127.0.0.1:0', flush_period_secs: 1 },
  },
});

/** Scrapes until the values of `edit` are those, where undefined is none. */
async function shows(process: SluiceProcess, wanted: Readonly<Record<string, number | undefined>>): Promise<void> {
  const port = await process.port('prom');
  let isThere = false;
  let isOver = false;
  const scrapes = (async () => {
    while (!isThere && !isOver) {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      isThere = Object.entries(wanted).every(([name, value]) => valueIn(text, name) === value);
    }
  })();
  scrapes.catch(() => {});
  try {
    await process.until(`a scrape with ${JSON.stringify(wanted)}`, () => isThere);
  } finally {
    isOver = true;
    await scrapes.catch(() => {});
  }
}

function valueIn(text: string, name: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`vector_${name}{`) && one.includes('component_id="edit"'));
  return line === undefined ? undefined : Number(/\} (\S+)/.exec(line)![1]);
}

test('series without records are not shown, count on, and follow a reload, with workers as well', async () => {
  await using process = sluice({ config: config({ expire_metrics_secs: 1 }), args: ['--threads', '2'] });
  const socket = await open(await process.port('in'));
  const [received, sent] = ['component_received_events_total', 'component_sent_events_total'];
  socket.write('{"n":1}\n{"n":2}\n');
  await shows(process, { [received]: 2, [sent]: 2 });
  await shows(process, { [received]: undefined, [sent]: undefined });
  socket.write('{"n":3}\n');
  await shows(process, { [received]: 3, [sent]: 3 });

  const edit = { type: 'any', matchers: [{ type: 'exact', key: 'component_id', value: 'edit' }] };
  const set = { name: { type: 'regex', pattern: 'component_received_.*' }, labels: edit, expire_secs: 0.5 };
  writeConfig(process.folder, config({ expire_metrics_secs: 600, expire_metrics_per_metric_set: [set] }));
  process.signal('SIGHUP');
  await process.untilLogged({ message: 'The configuration was reloaded.' });
  socket.write('{"n":4}\n');
  await shows(process, { [sent]: 4, [received]: undefined });

  writeConfig(process.folder, config({ expire_metrics_secs: -1 }));
  process.signal('SIGHUP');
  await process.until('the second reload', () => process.logged({ message: 'The configuration was reloaded.' })[1]);
  socket.write('{"n":5}\n');
  await shows(process, { [sent]: 5, [received]: 5 });
  socket.end();
  await once(socket, 'close');
});

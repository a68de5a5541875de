// Events meant to reach further than they may: into other files, other hosts, other requests, or the prototypes of our
// own objects; and bytes that are no text.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type HttpReceiver, httpReceiver } from '../../src/testing/http_receiver.ts';
import { type Attack, attackOn, exchange, survives } from './hostile.ts';
import { type SluiceProcess, sluice } from './process.ts';

let receiver: HttpReceiver;
let process: SluiceProcess;
let attack: Attack;
let templated: number;
let bytes: number;

before(async () => {
  receiver = await httpReceiver();
  const http = { type: 'http', batch: { timeout_secs: 0.05 }, healthcheck: false, encoding: { codec: 'json' } };
  process = sluice({
    config: (folder: string) => ({
      sources: {
        events: { type: 'socket', mode: 'tcp', address: '127.0.0.1:0', decoding: { codec: 'json' } },
        bytes: { type: 'socket', mode: 'tcp', address: '127.0.0.1:0' },
      },
      sinks: {
        out: { type: 'console', inputs: ['events'], encoding: { codec: 'json', except_fields: ['host', 'port'] } },
        by_uri: { ...http, inputs: ['events'], uri: `${receiver.uri}/in/{{ app }}` },
        by_header: {
          ...http,
          inputs: ['events'],
          uri: `${receiver.uri}/header`,
          request: { headers: { 'X-App': '{{ app }}' } },
        },
        by_path: {
          type: 'file',
          inputs: ['events'],
          path: join(folder, 'apps', '{{ app }}.log'),
          encoding: { codec: 'text' },
        },
        as_json: { ...http, inputs: ['bytes'], uri: `${receiver.uri}/bytes` },
        as_text: { type: 'file', inputs: ['bytes'], path: join(folder, 'bytes.txt'), encoding: { codec: 'text' } },
      },
    }),
  });
  await process.started();
  templated = await process.port('events');
  bytes = await process.port('bytes');
  attack = attackOn(process, (text) => send({ message: text, app: 'good' }));
});

after(async () => {
  await process[Symbol.asyncDispose]();
  await receiver.close();
});

/** Sends events; text goes as it is, for keys that JavaScript would take for its own. */
function send(...events: readonly unknown[]): Promise<string> {
  const lines = events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event)));
  return exchange(templated, `${lines.join('\n')}\n`, { end: true });
}

const requestsTo = (path: string) => receiver.requests.filter((request) => request.path.startsWith(path));

/** Sends one event of this app through all templates, then a good one behind it, and waits for the good one everywhere. */
async function sendApp(app: string): Promise<void> {
  const marker = `behind ${JSON.stringify(app).slice(0, 60)}`;
  await send({ message: 'attack', app }, { message: marker, app: 'behind' });
  const isThere = (path: string): boolean => requestsTo(path).some(({ body }) => body.includes(JSON.stringify(marker)));
  const file = join(process.folder, 'apps', 'behind.log');
  await process.until(`${marker} in all sinks`, () => {
    return (
      isThere('/in/behind') && isThere('/header') && existsSync(file) && readFileSync(file, 'utf8').includes(marker)
    );
  });
}

const CONFINED = { level: 'ERROR', error_type: 'confinement_failed' };

const ESCAPES = {
  '../../escaped': ['by_uri', 'by_header', 'by_path'],
  'a/../../../escaped': ['by_uri', 'by_header', 'by_path'],
  '..\\..\\escaped': ['by_uri', 'by_header', 'by_path'],
  // With its ending it is an ordinary name of a file.
  '..': ['by_uri', 'by_header'],
  'x/..': ['by_uri', 'by_header'],
  'a\u0000b': ['by_uri', 'by_header', 'by_path'],
  'x\r\ny': ['by_uri', 'by_header', 'by_path'],
  ['y'.repeat(5000)]: ['by_uri', 'by_header', 'by_path'],
};
for (const [app, sinks] of Object.entries(ESCAPES)) {
  test(`${JSON.stringify(app).slice(0, 40)} as a part of names is refused by ${sinks.join(', ')}`, () =>
    survives(
      attack,
      sinks.map((sink) => ({ ...CONFINED, component_id: sink })),
      async () => {
        const before = receiver.requests.length;
        await sendApp(app);
        for (const { path, headers } of receiver.requests.slice(before)) {
          assert.match(path, /^\/(?:in\/behind|in\/good|header|bytes)$/);
          assert.match(String(headers['x-app'] ?? 'good'), /^(?:behind|good)$/);
        }
        assertConfined();
      },
    ));
}

for (const app of ['a?admin=1', 'a#b', '%2e%2e%2fadmin', 'a%00b', 'a\\b', 'tab\there']) {
  test(`${JSON.stringify(app)} as a part of a URI is refused`, () =>
    survives(attack, [{ ...CONFINED, component_id: 'by_uri' }], async () => {
      await sendApp(app);
      assert.ok(receiver.requests.every(({ path }) => /^\/(?:in\/(?:behind|good)|header|bytes)$/.test(path)));
      assertConfined();
    }));
}

/** Nothing was written but below the folder of the template. */
function assertConfined(): void {
  const names = readdirSync(process.folder).filter((name) => !['apps', 'bytes.txt', 'sluice.yaml'].includes(name));
  assert.deepEqual(names, []);
  assert.ok(!existsSync(join(process.folder, '..', 'escaped.log')));
}

test('a header with the line break of another header never leaves the process', () =>
  survives(attack, [{ ...CONFINED, component_id: 'by_header' }], async () => {
    for (const app of ['a\r\nX-Evil: 1', 'a\nX-Evil: 1', 'a\rX-Evil: 1', 'a\r\n\r\nGET /evil HTTP/1.1'])
      await sendApp(app);
    for (const { path, headers } of receiver.requests) {
      assert.equal(headers['x-evil'], undefined);
      assert.ok(!path.includes('evil'));
    }
  }));

test('control characters that a header must not have cost their event', () =>
  survives(attack, [{ level: 'ERROR', error_type: 'template_failed', component_id: 'by_header' }], () =>
    sendApp('escape\u001b[2J'),
  ));

test('an event without the field of the template is counted at every sink', () =>
  survives(
    attack,
    ['by_uri', 'by_header', 'by_path'].map((sink) => ({
      level: 'ERROR',
      error_type: 'template_failed',
      component_id: sink,
    })),
    () => send({ message: 'without an app' }),
  ));

const HOSTILE_KEYS =
  '{"message":"keys","app":"keys","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},' +
  '"toString":"text","hasOwnProperty":1,"valueOf":null,"a":{"__proto__":[1]}}';

test('hostile keys are ordinary fields from end to end', () =>
  survives(attack, [], async () => {
    await send(HOSTILE_KEYS);
    const line = await process.until('the event', () => process.lines.find((one) => one.includes('"keys"')));
    for (const part of [
      '"__proto__":{"polluted":true}',
      '"constructor":{"prototype":{"polluted":true}}',
      '"toString":"text"',
      '"hasOwnProperty":1',
      '"valueOf":null',
      '"a":{"__proto__":[1]}',
    ])
      assert.ok(line.includes(part), `${part} in ${line}`);
    await process.until('the request', () =>
      requestsTo('/in/keys').some(({ body }) => body.includes('"__proto__":{"polluted":true}')),
    );
  }));

test('a template with a hostile key sees the field and nothing inherited', () =>
  survives(attack, [{ level: 'ERROR', error_type: 'template_failed', component_id: 'by_path' }], () =>
    send('{"message":"inherited","__proto__":{"app":"inherited"}}'),
  ));

test('bytes that are no UTF-8, and NUL bytes, reach a file as they are and JSON as replacement characters', () =>
  survives(attack, [], async () => {
    const line = Buffer.from([0x61, 0xff, 0xfe, 0x00, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x1b, 0x62]);
    await exchange(bytes, Buffer.concat([line, Buffer.from('\n')]), { end: true });
    await process.until('the request', () => requestsTo('/bytes').length > 0);
    const [event] = JSON.parse(requestsTo('/bytes')[0].body) as [{ message: string }];
    assert.equal(event.message, line.toString('utf8'));
    assert.ok(event.message.includes('\0') && event.message.includes('\ufffd'));
    const file = join(process.folder, 'bytes.txt');
    await process.until('the file', () => existsSync(file) && readFileSync(file).length > line.length);
    assert.deepEqual(readFileSync(file), Buffer.concat([line, Buffer.from('\n')]));
  }));

test('what peers send cannot steer a terminal through our log lines', () =>
  survives(attack, [{ level: 'ERROR', component_id: 'by_uri' }], async () => {
    await sendApp('../\u001b]0;owned\u0007\u009b31m');
    assert.doesNotMatch(process.stderr, /[\u0007\u001b\u009b]/);
  }));

test('a flood of refused events, each with another text, is a line of the log now and then', async () => {
  await using limited = sluice({
    config: (folder: string) => ({
      sources: { events: { type: 'socket', mode: 'tcp', address: '127.0.0.1:0', decoding: { codec: 'json' } } },
      sinks: {
        by_path: {
          type: 'file',
          inputs: ['events'],
          path: join(folder, '{{ a }}', '{{ b }}'),
          encoding: { codec: 'text' },
        },
        by_uri: {
          type: 'http',
          inputs: ['events'],
          uri: `${receiver.uri}/{{ a }}`,
          healthcheck: false,
          encoding: { codec: 'json' },
        },
        out: { type: 'console', inputs: ['events'], encoding: { codec: 'text' } },
      },
    }),
    args: ['--internal-log-rate-limit', '60'],
  });
  const lines = Array.from({ length: 1000 }, (_, i) => `{"message":"m","a":"../${i}","b":"${i}"}\nnonsense ${i}\n`);
  await exchange(await limited.port('events'), lines.join(''), { end: true });
  await limited.printed(1000);
  await limited.stop();
  assert.ok(limited.logged({ level: 'ERROR' }).length <= 12, `${limited.logged({ level: 'ERROR' }).length} lines`);
});

test('after all of it the process stops in order', async () => {
  assert.deepEqual(await process.stop(), { code: 0, signal: null });
});

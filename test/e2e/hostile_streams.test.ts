// Streams meant to fill the memory or the tables of the process: lines without end, connections by the thousand, peers
// that vanish in the middle.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { type Attack, attackOn, closed, exchange, open, pour, survives } from './hostile.ts';
import { type SluiceProcess, sluice } from './process.ts';

const GIBIBYTE = 1 << 30;
const PIECE = Buffer.alloc(4 << 20, 'x');

let process: SluiceProcess;
let lines: number;
let json: number;
let lengths: number;
let attack: Attack;

before(async () => {
  const socket = { type: 'socket', mode: 'tcp', address: '127.0.0.1:0' };
  process = sluice({
    config: {
      sources: {
        lines: socket,
        json: { ...socket, decoding: { codec: 'json' } },
        lengths: { ...socket, framing: { method: 'length_delimited', length_delimited: {} } },
        counted: { ...socket, framing: { method: 'octet_counting' } },
      },
      sinks: {
        out: {
          type: 'console',
          inputs: ['*'],
          encoding: { codec: 'json', only_fields: ['message', 'source_type'] },
        },
      },
    },
  });
  [lines, json, lengths] = await Promise.all([process.port('lines'), process.port('json'), process.port('lengths')]);
  await process.started();
  attack = attackOn(process, (text) => exchange(lines, `${text}\n`, { end: true }));
});

after(async () => process[Symbol.asyncDispose]());

const printed = (text: string): Promise<unknown> =>
  process.until(`${text.slice(0, 100)} in the output`, () => process.stdout.includes(text));

test('a gibibyte without a line break over TCP is dropped, and the next line arrives', () =>
  survives(
    attack,
    [{ component_id: 'lines', level: 'ERROR', message: 'Events dropped', length: GIBIBYTE + 1 }],
    async () => {
      const socket = await open(lines);
      await pour(socket, PIECE, GIBIBYTE / PIECE.length);
      socket.end('!\nbehind the gibibyte\n');
      await printed('"behind the gibibyte"');
    },
  ));

test('JSON nested a hundred thousand deep costs its line', () =>
  survives(attack, [{ component_id: 'json', error_code: 'decoder_deserialize' }], async () => {
    const nested = `${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}`;
    await exchange(json, `{"message":"above"}\n${nested}\n{"message":"below"}\n`, { end: true });
    await printed('"above"');
    await printed('"below"');
  }));

test('a frame that claims four gigabytes ends its connection and nothing else', () =>
  survives(attack, [{ component_id: 'lengths', error_code: 'decoder_frame' }], async () => {
    const socket = await open(lengths);
    const good = Buffer.concat([Buffer.from([0, 0, 0, 5]), Buffer.from('whole')]);
    socket.write(Buffer.concat([good, Buffer.from([0xff, 0xff, 0xff, 0xff]), Buffer.from('rest')]));
    await closed(socket);
    await printed('"whole"');
  }));

test('a counted frame of a gibibyte is dropped, and the next frame arrives', () =>
  survives(attack, [{ component_id: 'counted', level: 'ERROR', message: 'Events dropped' }], async () => {
    const socket = await open(await process.port('counted'));
    socket.write(`5 fifth${GIBIBYTE} `);
    await pour(socket, PIECE, GIBIBYTE / PIECE.length);
    socket.end('6 behind');
    await printed('"fifth"');
    await printed('"behind"');
  }));

test('ten thousand short connections deliver ten thousand lines and leave nothing behind', () =>
  survives(attack, [], async () => {
    const before = process.stdout.length;
    const descriptors = process.descriptors();
    const count = 10_000;
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) await exchange(lines, `short ${next++}\n`, { end: true });
    };
    await Promise.all(Array.from({ length: 64 }, worker));
    const wanted = Array.from({ length: count }, (_, i) =>
      JSON.stringify({ message: `short ${i}`, source_type: 'socket' }),
    );
    const size = wanted.reduce((sum, line) => sum + line.length + 1, 0);
    await process.until('ten thousand lines', () => process.stdout.length - before >= size);
    assert.deepEqual(process.stdout.slice(before).trimEnd().split('\n').sort(), wanted.sort());
    await process.until('as few open connections as before', () => (process.descriptors() ?? 0) <= (descriptors ?? 0));
  }));

test('peers that reset in the middle of a line lose that line and no other', () =>
  survives(attack, [{ component_id: 'lines', reason: 'The connection was lost inside a frame.' }], async () => {
    const sockets = await Promise.all(Array.from({ length: 50 }, () => open(lines)));
    for (const [index, socket] of sockets.entries()) socket.write(`whole ${index}\ntorn ${index}`);
    for (const index of sockets.keys()) await printed(`"whole ${index}"`);
    for (const socket of sockets) socket.resetAndDestroy();
    await Promise.all(sockets.map(closed));
    await process.until('all losses', () => process.logged({ reason: /lost inside a frame/ }).length >= 50);
    assert.ok(!process.stdout.includes('torn'));
  }));

test('a thousand open connections with half a line each are a matter of kilobytes', () =>
  survives(attack, [], async () => {
    const sockets = await Promise.all(Array.from({ length: 1000 }, () => open(lines)));
    for (const socket of sockets) socket.write('half a line of a peer that has all the time in the world');
    await exchange(lines, 'in between\n', { end: true });
    await printed('"in between"');
    for (const socket of sockets) socket.end(' and ends\n');
    await Promise.all(sockets.map((socket) => once(socket, 'close')));
    await process.until('the other halves', () => process.stdout.split('in the world and ends"').length > 1000);
  }));

test('after all of it the process stops in order', async () => {
  assert.deepEqual(await process.stop(), { code: 0, signal: null });
});

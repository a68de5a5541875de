// Bodies and requests meant to break the http_server source: each is refused with a status, counted and said, and the
// process goes on.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';
import { type Attack, answered, attackOn, closed, exchange, open, pour, statusOf, survives } from './hostile.ts';
import { type SluiceProcess, sluice } from './process.ts';

/** What bodies may inflate to; the bombs below make 1 GiB. */
const LIMIT_BYTES = 8_000_000;

const REFUSED = { message: 'A request was refused', component_id: 'web', error_type: 'request_failed' };
const MALFORMED = { component_id: 'web', error_type: 'parser_failed', error_code: 'http_malformed' };
const GONE = { component_id: 'web', error_type: 'connection_failed', error_code: 'http_connection' };

let process: SluiceProcess;
let attack: Attack;
let port: number;

before(async () => {
  process = sluice({
    config: {
      sources: { web: { type: 'http_server', address: '127.0.0.1:0', decoding: { codec: 'json' } } },
      sinks: {
        out: { type: 'console', inputs: ['web'], encoding: { codec: 'json', only_fields: ['message'] } },
      },
    },
    args: ['--max-decompressed-size-bytes', String(LIMIT_BYTES)],
  });
  port = await process.port('web');
  await process.started();
  attack = attackOn(process, async (text) => {
    assert.equal(await post(JSON.stringify({ message: text })), 200);
  });
});

after(async () => process[Symbol.asyncDispose]());

async function post(body: string | Buffer, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: body as string, headers });
  await response.arrayBuffer();
  return response.status;
}

const ZEROS = Buffer.alloc(1 << 20);

/** A gigabyte of zeros in one gzip member, which is cut off behind it: nobody gets that far. */
function gzipBomb(): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
  const piece = zlib.deflateRawSync(ZEROS, { finishFlush: zlib.constants.Z_FULL_FLUSH });
  return Buffer.concat([header, ...Array.from({ length: 1024 }, () => piece)]);
}

/** A gigabyte in many members or frames, each small enough by itself. */
function repeated(piece: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: 1024 }, () => piece));
}

const BOMBS: readonly (readonly [name: string, encoding: string, make: () => Buffer])[] = [
  ['a gzip bomb', 'gzip', gzipBomb],
  ['a gzip bomb of a thousand members', 'gzip', () => repeated(zlib.gzipSync(ZEROS))],
  ['a zlib bomb', 'deflate', () => Buffer.concat([Buffer.from([0x78, 0x9c]), gzipBomb().subarray(10)])],
  ['a zstd bomb of a thousand frames', 'zstd', () => repeated(zlib.zstdCompressSync(ZEROS))],
  ['a snappy body that claims four gigabytes', 'snappy', () => Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 65])],
  ['a gzip bomb inside of gzip', 'gzip, gzip', () => zlib.gzipSync(gzipBomb())],
  [
    'a zstd bomb inside of zlib inside of gzip',
    'zstd, deflate, gzip',
    () => zlib.gzipSync(zlib.deflateSync(repeated(zlib.zstdCompressSync(ZEROS)))),
  ],
];

for (const [name, encoding, make] of BOMBS) {
  test(`${name} is refused with 413`, () =>
    survives(attack, [{ ...REFUSED, error_code: 'http_response_413' }], async () => {
      const bomb = make();
      const statuses = await Promise.all(Array.from({ length: 4 }, () => post(bomb, { 'content-encoding': encoding })));
      // A body that finds no room beside the others is told to come again.
      assert.ok(statuses.includes(413), statuses.join(' '));
      assert.ok(
        statuses.every((status) => status === 413 || status === 503),
        statuses.join(' '),
      );
    }));
}

test('encodings stacked higher than anybody does are refused with 415', () =>
  survives(attack, [{ ...REFUSED, error_code: 'http_response_415' }], async () => {
    const body = zlib.gzipSync('{}');
    assert.equal(await post(body, { 'content-encoding': Array.from({ length: 100 }, () => 'gzip').join(',') }), 415);
  }));

test('a damaged gzip body is refused with 422', () =>
  survives(attack, [{ error_code: 'failed_decompressing_payload', component_id: 'web' }], async () => {
    const body = zlib.gzipSync(JSON.stringify({ message: 'x'.repeat(100_000) }));
    body.fill(0xff, 20, 60);
    assert.equal(await post(body, { 'content-encoding': 'gzip' }), 422);
    assert.equal(await post(zlib.gzipSync('{}').subarray(0, 15), { 'content-encoding': 'gzip' }), 422);
  }));

const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\n';

test('a body shorter than its Content-Length gives no event', () =>
  survives(attack, [GONE], async () => {
    await exchange(port, `${HEAD}Content-Length: 1000\r\n\r\n{"message":"torn"}`, { end: true });
    assert.ok(!process.stdout.includes('torn'));
  }));

test('what follows a body longer than its Content-Length is no request', () =>
  survives(attack, [MALFORMED], async () => {
    const answer = await exchange(port, `${HEAD}Content-Length: 2\r\n\r\n{}{"message":"smuggled"}\r\n\r\n`);
    assert.equal(statusOf(answer), 200);
    assert.ok(!process.stdout.includes('smuggled'));
  }));

const LIES: Readonly<Record<string, string>> = {
  negative: 'Content-Length: -1',
  'not a number': 'Content-Length: 0x10',
  'larger than any number': `Content-Length: ${'9'.repeat(40)}`,
  'given twice, each time otherwise': 'Content-Length: 2\r\nContent-Length: 20',
  'given beside chunks': 'Content-Length: 2\r\nTransfer-Encoding: chunked',
};
for (const [name, lie] of Object.entries(LIES)) {
  test(`a Content-Length that is ${name} is refused with 400`, () =>
    survives(attack, [MALFORMED], async () => {
      assert.equal(statusOf(await exchange(port, `${HEAD}${lie}\r\n\r\n{}`)), 400);
    }));
}

test('a Content-Length beyond the limit is refused before anything of the body is read', () =>
  survives(attack, [{ ...REFUSED, error_code: 'http_response_413' }], async () => {
    const socket = await open(port);
    socket.write(`${HEAD}Content-Length: 10737418240\r\n\r\n`);
    assert.equal(statusOf(await answered(socket)), 413);
    socket.destroy();
  }));

test('a chunked body without end is refused at the limit', () =>
  survives(attack, [{ ...REFUSED, error_code: 'http_response_413' }], async () => {
    const socket = await open(port);
    const answer = answered(socket);
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, ' '), Buffer.from('\r\n')]);
    // Little beyond the limit: who goes on writing into a closed connection may lose what it could have read.
    await pour(socket, chunk, LIMIT_BYTES / 65_536 + 2);
    assert.equal(statusOf(await answer), 413);
    socket.destroy();
  }));

const CHUNKS: Readonly<Record<string, string>> = {
  'a length that is no number': 'xyz\r\n{}\r\n0\r\n\r\n',
  'a length of sixty digits': `${'f'.repeat(60)}\r\n{}\r\n`,
  'a negative length': '-5\r\n{}\r\n0\r\n\r\n',
  'no line break behind the data': '2\r\n{}}}}}\r\n0\r\n\r\n',
  'bytes at random': '\u0000\u0001\u0002\u00ff\u00fe\r\n\r\n',
};
for (const [name, chunks] of Object.entries(CHUNKS)) {
  test(`a chunked body with ${name} is refused`, () =>
    survives(attack, [{ component_id: 'web', error_code: /http_(malformed|connection)/ }], async () => {
      const bytes = Buffer.from(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunks}`, 'latin1');
      assert.equal(statusOf(await exchange(port, bytes)), 400);
    }));
}

test('chunk extensions without end are cut off', () =>
  survives(attack, [{ component_id: 'web', error_code: 'http_limit' }], async () => {
    const socket = await open(port);
    // Who reads nothing does not hear that the connection is closed.
    socket.resume();
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n2;`);
    await pour(socket, Buffer.alloc(65_536, 'x'), 100);
    await closed(socket);
  }));

test('headers without end are refused with 431', () =>
  survives(attack, [{ component_id: 'web', error_code: 'http_limit' }], async () => {
    const socket = await open(port);
    const answer = answered(socket);
    socket.write(HEAD);
    await pour(socket, Buffer.from('X-Filler: '.concat('x'.repeat(1000), '\r\n')), 1000);
    // The answer may be lost when the connection is cut off with bytes on their way.
    assert.match(await answer, /^(?:HTTP\/1.1 431 .*)?/);
    await closed(socket);
  }));

test('hundreds of connections that send their headers or bodies byte by byte keep nobody out', () =>
  survives(attack, [GONE], async () => {
    const slow = await Promise.all(Array.from({ length: 300 }, () => open(port)));
    for (const [index, socket] of slow.entries())
      socket.write(index % 2 === 0 ? HEAD : `${HEAD}Content-Length: 1000000\r\n\r\n{"message":"`);
    for (const letter of 'slow') for (const socket of slow) socket.write(letter);
    assert.equal(await post('{"message":"between the slow ones"}'), 200);
    await process.until('the quick one', () => process.stdout.includes('between the slow ones'));
    for (const socket of slow) socket.destroy();
  }));

test('JSON nested a hundred thousand deep is refused with 400', () =>
  survives(attack, [{ component_id: 'web', error_code: 'decoder_deserialize' }], async () => {
    for (const [left, right] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const)
      assert.equal(await post(`${left.repeat(100_000)}1${right.repeat(100_000)}`), 400);
    assert.equal(await post('['.repeat(100_000)), 400);
  }));

test('a JSON array of a million events is refused with 400', () =>
  survives(attack, [{ component_id: 'web', error_code: 'decoder_deserialize' }], async () => {
    assert.equal(await post(`[${'{},'.repeat(999_999)}{}]`), 400);
  }));

test('a JSON array of a hundred thousand events is taken whole', () =>
  survives(attack, [], async () => {
    const before = process.stdout.length;
    assert.equal(await post(`[${'{},'.repeat(99_999)}{}]`), 200);
    await process.until('all events', () => process.stdout.length - before >= 300_000);
    assert.equal(process.stdout.slice(before), '{}\n'.repeat(100_000));
  }));

test('a million elements inside of one event stay there', () =>
  survives(attack, [], async () => {
    assert.equal(await post(`{"message":[${'1,'.repeat(999_999)}1]}`), 200);
    await process.until('the wide event', () => process.stdout.endsWith(',1]}\n'));
    assert.equal(process.lines.at(-1)!.split(',').length, 1_000_000);
  }));

test('bodies that are not what they claim to be are refused with 400', () =>
  survives(attack, [{ component_id: 'web', error_code: 'decoder_deserialize' }], async () => {
    for (const body of ['{"message":', 'nonsense', '{} {}x', '"\\ud800', '{"a":NaN}'])
      assert.equal(await post(body), 400, body);
    assert.equal(await post(Buffer.from([0xff, 0xfe, 0, 0x7b])), 400);
  }));

test('after all of it the process stops in order', async () => {
  assert.deepEqual(await process.stop(), { code: 0, signal: null });
  assert.deepEqual(process.logged({ level: 'ERROR', error_code: 'http_handler' }), []);
});

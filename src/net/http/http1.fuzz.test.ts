// Holds the reader of requests against Node's parser: what it takes for a request, Node takes for the same request, so
// that no proxy in front disagrees with it about where one ends. What is right is taken by both.

import assert from 'node:assert/strict';
import { createServer, METHODS } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../std/clock.ts';
import { systemRandom } from '../../std/random.ts';
import { testContext } from '../../testing/component.ts';
import { HttpServer } from './server.ts';

interface Seen {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

interface Reader extends AsyncDisposable {
  readonly port: number;
  /** The requests of the connection that is open. */
  seen: Seen[];
}

async function ours(): Promise<Reader> {
  const { context } = testContext('source', 'http');
  const server = new HttpServer({
    address: { kind: 'ip', host: '127.0.0.1', port: 0 },
    keepalive: { max_connection_age_secs: 300, max_connection_age_jitter_factor: 0 },
    bodyBytesMax: 1_000_000,
    clock: systemClock,
    random: systemRandom,
    recorder: context,
    ownPath: () => undefined,
    handler: {
      begin: () => undefined,
      body(exchange, body) {
        const { method, path, query } = exchange;
        const text = Buffer.concat(body.pieces).toString('latin1');
        reader.seen.push({ method, target: query === '' ? path : `${path}?${query}`, body: text });
        body.release();
        exchange.reply({ status: 200 });
      },
      gone() {},
    },
    onError() {},
  });
  const { port } = await server.listen();
  const reader: Reader = {
    port,
    seen: [],
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
  return reader;
}

async function nodes(): Promise<Reader> {
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    const pieces: Buffer[] = [];
    const { method = '', url = '' } = request;
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      reader.seen.push({ method, target: url.replace(/\?$/, ''), body: Buffer.concat(pieces).toString('latin1') });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const reader: Reader = {
    port: (server.address() as AddressInfo).port,
    seen: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
  return reader;
}

/** What a reader makes of the pieces until the connection is over. */
function read(reader: Reader, pieces: readonly Buffer[]): Promise<readonly Seen[]> {
  reader.seen = [];
  return new Promise((resolve) => {
    const socket = connect({ port: reader.port, host: '127.0.0.1', noDelay: true }, async () => {
      for (const piece of pieces) {
        if (!socket.writable) break;
        socket.write(piece, 'latin1');
        if (pieces.length > 1) await new Promise((next) => setImmediate(next));
      }
      socket.end();
    });
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => resolve(reader.seen));
  });
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'Z', '0', '-', ' ', '\n', '\r', ':', 'é'), maxLength: 12 });

/** A request that is right, with what it is. */
const right = fc
  .record({
    method: fc.constantFrom('POST', 'PUT', 'GET', 'DELETE'),
    target: fc.constantFrom('/', '/a/b', '/a?b=c', '/%20x?y', '*', 'http://x/y'),
    body: word,
    chunks: fc.option(fc.array(fc.nat(5), { minLength: 1, maxLength: 4 })),
    extension: fc.constantFrom('', ';a=b', ';x', ';q="1"'),
    trailer: fc.constantFrom('', 'x-t: 1\r\n'),
    headers: fc.subarray(['x-a: b', 'X-B:c\t', 'accept: */*', 'x-e:', 'connection: keep-alive', 'x-utf: é']),
  })
  .map(({ method, target, body, chunks, extension, trailer, headers }) => {
    const head = [`${method} ${target} HTTP/1.1`, 'host: x', ...headers];
    const seen: Seen = { method, target, body };
    if (!chunks) return { seen, text: `${[...head, `content-length: ${body.length}`].join('\r\n')}\r\n\r\n${body}` };
    let text = `${[...head, 'transfer-encoding: chunked'].join('\r\n')}\r\n\r\n`;
    let at = 0;
    for (const size of [...chunks, body.length]) {
      const piece = body.slice(at, at + size);
      if (piece === '') continue;
      text += `${piece.length.toString(16)}${extension}\r\n${piece}\r\n`;
      at += piece.length;
    }
    return { seen, text: `${text}0\r\n${trailer}\r\n` };
  });

const nasty = fc.constantFrom(
  ...['\r', '\n', '\r\n', '\0', ' ', '\t', ':', ',', '0', '1', '-', '+', 'x', ';', 'é', '\x7f', '\r\n ', '0\r\n\r\n'],
  ...['content-length: 3\r\n', 'Content-Length : 1\r\n', 'transfer-encoding: chunked\r\n', 'transfer-encoding: x\r\n'],
  ...['Transfer-Encoding: gzip, chunked\r\n', 'host: y\r\n', 'HTTP/1.0', 'HTTP/2.0', '0x3', 'GET / HTTP/1.1\r\n'],
  ...['expect: 100-continue\r\n', 'connection: close\r\n', 'upgrade: x\r\n', 'connection: upgrade\r\n'],
);
const change = fc.record({ place: fc.nat(), remove: fc.nat(3), insert: fc.option(nasty) });

/** The text in pieces, cut at places that are anywhere. */
function cut(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const starts = [0, ...ends];
  return starts.map((start, i) => bytes.subarray(start, ends[i])).filter(({ length }) => length > 0);
}

const places = fc.array(fc.nat(), { maxLength: 4 });
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);

test('requests that are right are taken, however they are cut into reads', async () => {
  await using reader = await ours();
  await using node = await nodes();
  await fc.assert(
    fc.asyncProperty(fc.array(right, { minLength: 1, maxLength: 4 }), places, async (requests, at) => {
      const pieces = cut(requests.map(({ text }) => text).join(''), at);
      const expected = requests.map(({ seen }) => ({
        ...seen,
        body: Buffer.from(seen.body, 'latin1').toString('latin1'),
      }));
      assert.deepEqual(await read(node, pieces), expected);
      assert.deepEqual(await read(reader, pieces), expected);
    }),
    { numRuns: RUNS },
  );
});

test('what is taken for a request is the same request to Node', async () => {
  await using reader = await ours();
  await using node = await nodes();
  const known = new Set(METHODS);
  await fc.assert(
    fc.asyncProperty(
      fc.array(right, { minLength: 1, maxLength: 3 }),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      places,
      async (requests, changes, at) => {
        let text = requests.map((request) => request.text).join('');
        for (const { place, remove, insert } of changes) {
          const from = place % (text.length + 1);
          text = text.slice(0, from) + (insert ?? '') + text.slice(from + remove);
        }
        const pieces = cut(text, at);
        const theirs = await read(node, pieces);
        // Methods are the business of whoever handles the request; Node knows a list of them.
        const seen = [...(await read(reader, pieces))];
        const unknown = seen.findIndex(({ method }) => !known.has(method));
        const compared = unknown < 0 ? seen : seen.slice(0, unknown);
        assert.deepEqual(compared, theirs.slice(0, compared.length), JSON.stringify(text));
      },
    ),
    { numRuns: 3 * RUNS },
  );
});

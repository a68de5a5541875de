// A web server and a name server on this machine, in a thread of their own, as programs that ask them block theirs.
// What they say depends on the question alone.

import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const { httpPort, dnsPort } = workerData as { readonly httpPort: number; readonly dnsPort: number };

const web = createServer((request, response) => {
  if (request.url === '/moved') {
    response.writeHead(302, { location: '/here' }).end();
    return;
  }
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    response.statusCode = request.url === '/teapot' ? 418 : 200;
    response.end(`${request.method} ${request.url} ${request.headers['x-a'] ?? '-'} ${body}`);
  });
});

/** By the number of the type: what records of it hold. */
const RECORDS: Readonly<Record<number, readonly (readonly number[])[]>> = {
  1: [
    [192, 0, 2, 1],
    [192, 0, 2, 255],
  ],
  2: [[2, 110, 115, 0xc0, 12]],
  5: [[1, 97, 0xc0, 12]],
  15: [
    [0, 10, 4, 109, 97, 105, 108, 0xc0, 12],
    [1, 0, 1, 98, 0],
  ],
  16: [[5, 118, 61, 34, 92, 49, 2, 0xc3, 0xa9]],
  28: [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
};

/** The reply: the question again, and the records of its type; names that begin with `n` do not exist. */
function answered(query: Buffer): Buffer {
  let end = 12;
  while (query[end] !== 0) end += query[end]! + 1;
  const question = query.subarray(12, end + 5);
  const exists = (query[13]! | 0x20) !== 0x6e;
  const records = exists ? (RECORDS[query.readUInt16BE(end + 1)] ?? []) : [];
  const header = Buffer.from(query.subarray(0, 12));
  header[2] = 0x84 | (query[2]! & 1);
  header[3] = 0x80 | (exists ? 0 : 3);
  header.writeUInt16BE(records.length, 6);
  header.fill(0, 8, 12);
  const sections = records.map((data, i) =>
    Buffer.from([0xc0, 12, ...query.subarray(end + 1, end + 5), 0, 0, 14, i, 0, data.length, ...data]),
  );
  return Buffer.concat([header, question, ...sections]);
}

const names = createSocket('udp4');
names.on('message', (query, from) => names.send(answered(query), from.port, from.address));

const failed = (error: Error): void => parentPort!.postMessage(error.message);
web.on('error', failed);
names.on('error', failed);
names.bind(dnsPort, '127.0.0.1', () => web.listen(httpPort, '127.0.0.1', () => parentPort!.postMessage('ready')));

// Each job of the benchmark the plain way, with Node's streams and nothing else: no batches, no acknowledgements, no
// metrics. The yardstick that travels from machine to machine.
//   node plain.ts JOB IN OUT_PORT      IN is a file or a port

import { createReadStream, existsSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import type { Readable } from 'node:stream';

const [job, input, outPort] = process.argv.slice(2);
const out = (): net.Socket => net.connect(Number(outPort), '127.0.0.1');
const chunkBytes = 65_536;
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

// A file job begins when the file appears, and the process stays to be looked at.
if (job!.startsWith('file')) {
  while (!existsSync(input!)) await new Promise((resolve) => setTimeout(resolve, 20));
  setInterval(() => {}, 1000);
}

if (job === 'file-blackhole') await count(createReadStream(input!, { highWaterMark: chunkBytes }));
else if (job === 'file-tcp') createReadStream(input!, { highWaterMark: chunkBytes }).pipe(out());
else if (job === 'tcp-tcp') net.createServer((socket) => socket.pipe(out())).listen(Number(input), '127.0.0.1');
else if (job === 'file-http') await postLines(createReadStream(input!, { highWaterMark: chunkBytes }));
else if (job === 'http-http') serve();
else throw new Error(`there is no job ${job}`);

async function count(stream: Readable): Promise<void> {
  let lines = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  console.log(`done ${lines}`);
}

function post(body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: '127.0.0.1',
        port: Number(outPort),
        method: 'POST',
        agent,
        headers: { 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        response.resume().on('end', resolve);
      },
    );
    request.on('error', reject).end(body);
  });
}

function event(line: string): string {
  return JSON.stringify({
    file: input,
    host: 'localhost',
    message: line,
    source_type: 'file',
    timestamp: new Date().toISOString(),
  });
}

async function postLines(stream: Readable): Promise<void> {
  let carry = '';
  let body: string[] = [];
  let size = 0;
  let sent: Promise<void> | undefined;
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (carry + chunk).split('\n');
    carry = lines.pop()!;
    for (const line of lines) {
      const text = event(line);
      body.push(text);
      size += text.length;
    }
    if (size > 1_000_000) {
      await sent;
      sent = post(`${body.join('\n')}\n`);
      body = [];
      size = 0;
    }
  }
  if (carry !== '') body.push(event(carry));
  await sent;
  if (body.length > 0) await post(`${body.join('\n')}\n`);
}

function serve(): void {
  http
    .createServer((request, response) => {
      const parts: Buffer[] = [];
      request
        .on('data', (chunk: Buffer) => parts.push(chunk))
        .on('end', async () => {
          const lines = Buffer.concat(parts)
            .toString('utf8')
            .split('\n')
            .filter((line) => line !== '');
          await post(`${lines.map(event).join('\n')}\n`);
          response.end();
        });
    })
    .listen(Number(input), '127.0.0.1');
}

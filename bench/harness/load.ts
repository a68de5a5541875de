// The other ends of a pipeline, in a process of their own so that their CPU is not counted: senders and receivers.
//   node load.ts receive tcp|http PORT       prints `listening`, then the bytes and newlines taken, ten times a second
//   node load.ts send tcp|http PORT FILE MIB sends the file over and over until MIB are sent, then prints `sent`

import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';

const [role, protocol, portText, file, mib] = process.argv.slice(2);
const port = Number(portText);

if (role === 'receive') receive();
else await send(readFileSync(file!), Number(mib) * 2 ** 20);

function receive(): void {
  let bytes = 0;
  let lines = 0;
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
  };
  const answer = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    let last = 10;
    request.on('data', (chunk: Buffer) => {
      take(chunk);
      last = chunk[chunk.length - 1] ?? last;
    });
    request.on('end', () => {
      // The last line of a body may end without a newline.
      if (last !== 10) lines += 1;
      response.end();
    });
  };
  const server =
    protocol === 'tcp'
      ? net.createServer((socket) => socket.on('data', take).on('error', () => {}))
      : http.createServer(answer);
  server.listen(port, '127.0.0.1', () => console.log('listening'));
  setInterval(() => console.log(`${bytes} ${lines}`), 100);
}

async function send(data: Buffer, total: number): Promise<void> {
  const whole = Math.ceil(total / data.length);
  if (protocol === 'tcp') {
    const socket = net.connect(port, '127.0.0.1');
    for (let i = 0; i < whole; i++) {
      if (!socket.write(data)) await new Promise((resolve) => socket.once('drain', resolve));
    }
    await new Promise<void>((resolve) => socket.end(resolve));
  } else {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
    const bodies = split(data, 65_536);
    const jobs = Array.from({ length: whole }, () => bodies).flat();
    await Promise.all(Array.from({ length: 4 }, () => worker(agent, jobs)));
  }
  console.log(`sent ${whole * data.length}`);
}

async function worker(agent: http.Agent, jobs: Buffer[]): Promise<void> {
  for (let body = jobs.pop(); body; body = jobs.pop()) {
    for (;;) if (await post(agent, body)) break;
  }
}

function post(agent: http.Agent, body: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.request({ host: '127.0.0.1', port, method: 'POST', agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode === 200));
    });
    request.on('error', () => resolve(false)).end(body);
  });
}

function split(data: Buffer, size: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < data.length; ) {
    const end = data.lastIndexOf(10, Math.min(at + size, data.length) - 1) + 1;
    parts.push(data.subarray(at, end));
    at = end;
  }
  return parts;
}

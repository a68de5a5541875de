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
    socket.on('error', (error) => {
      console.error(error.message);
      process.exit(1);
    });
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

/** A server that is busy is asked again this often. */
const TRIES_MAX = 1_000;

async function worker(agent: http.Agent, jobs: Buffer[]): Promise<void> {
  for (let body = jobs.pop(); body; body = jobs.pop()) {
    let tries = 1;
    while (!(await post(agent, body))) {
      if (++tries > TRIES_MAX) throw new Error(`a request was refused ${TRIES_MAX} times`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
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

/** Parts of at most `size` bytes that end in whole lines; a longer line is a part of its own. */
function split(data: Buffer, size: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < data.length; ) {
    const last = data.subarray(at, at + size).lastIndexOf(10);
    const next = last === -1 ? data.indexOf(10, at) : at + last;
    const end = next === -1 ? data.length : next + 1;
    parts.push(data.subarray(at, end));
    at = end;
  }
  return parts;
}

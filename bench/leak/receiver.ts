// An HTTP server that does as little as it can: counts requests and the lines in them, and answers 200. A process of its
// own; it tells its parent the port, and what it counted several times a second.

import net from 'node:net';

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const TELL_MS = 100;

let requests = 0;
let events = 0;

/** Requests of one connection, of which the sink has one under way at a time. */
class Connection {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the body that are still to come; -1 between requests. */
  #missing = -1;
  #last = 10;

  /** Answers that are due after this piece. */
  take(piece: Buffer): number {
    let answers = 0;
    let data = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    for (;;) {
      if (this.#missing < 0) {
        const end = data.indexOf(HEAD_END);
        if (end < 0) break;
        this.#missing = lengthOf(data.toString('latin1', 0, end));
        data = data.subarray(end + HEAD_END.length);
      }
      const body = data.subarray(0, this.#missing);
      this.#count(body);
      this.#missing -= body.length;
      data = data.subarray(body.length);
      if (this.#missing > 0) break;
      // A last line may have no end.
      if (this.#last !== 10) events += 1;
      this.#last = 10;
      this.#missing = -1;
      requests += 1;
      answers += 1;
    }
    this.#rest = Buffer.from(data);
    return answers;
  }

  #count(body: Buffer): void {
    for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) events += 1;
    if (body.length > 0) this.#last = body[body.length - 1]!;
  }
}

function lengthOf(head: string): number {
  const length = /\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`a request without a length: ${head}`);
  return Number(length);
}

const server = net.createServer((socket) => {
  const connection = new Connection();
  socket.setNoDelay(true);
  socket.on('data', (piece: Buffer) => {
    for (let due = connection.take(piece); due > 0; due--) socket.write(ANSWER);
  });
  socket.on('error', () => socket.destroy());
});

server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as net.AddressInfo).port }));
setInterval(() => {
  const { user, system } = process.cpuUsage();
  process.send!({ requests, events, cpu: (user + system) / 1e6 });
}, TELL_MS);
process.once('disconnect', () => process.exit());

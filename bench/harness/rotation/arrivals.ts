// The other end of an agent, in a process of its own: takes what the agent sends, by HTTP and by TCP, and tells what became
// of the messages of `growing_logs.ts`. Whatever is around a message (JSON of one kind or another), it is found by its look.

import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

export type Request = { readonly type: 'progress' } | { readonly type: 'verdict'; readonly counts: readonly number[] };

export type Reply =
  | { readonly type: 'listening'; readonly httpPort: number; readonly tcpPort: number }
  | { readonly type: 'progress'; readonly messages: number; readonly bytes: number }
  | { readonly type: 'verdict'; readonly verdict: Verdict };

export interface Verdict {
  readonly lost: number;
  readonly doubled: number;
  /** Messages that came without their end. */
  readonly torn: number;
  /** Messages that came after a later one of the same log. */
  readonly disordered: number;
  /** Messages that nobody wrote. */
  readonly strange: number;
}

/** The text of a message up to its end; of a torn one, up to where it was cut. */
const MESSAGE = /line=(\d+):(\d+);x*(\.?)/g;

/** A message may be cut in two by a chunk. */
const TAIL_CHARS = 512;

/** What came, by log and message. */
export class Arrivals {
  readonly #seen: Uint8Array[] = [];
  readonly #last: number[] = [];
  #doubled = 0;
  #torn = 0;
  #disordered = 0;
  messages = 0;
  bytes = 0;

  /** Takes the next piece of a text; what is to be put before the next one. */
  take(text: string, isEnd: boolean): string {
    this.bytes += text.length;
    // What reaches up to the end of the piece may go on in the next one.
    const until = isEnd ? text.length : Math.max(0, text.length - TAIL_CHARS);
    let from = until;
    MESSAGE.lastIndex = 0;
    for (let found = MESSAGE.exec(text); found; found = MESSAGE.exec(text)) {
      if (found.index >= until) break;
      from = Math.max(from, MESSAGE.lastIndex);
      this.#add(Number(found[1]), Number(found[2]), found[3] === '.');
    }
    this.bytes -= text.length - from;
    return text.slice(from);
  }

  #add(log: number, number: number, isWhole: boolean): void {
    this.messages += 1;
    if (!isWhole) this.#torn += 1;
    let seen = (this.#seen[log] ??= new Uint8Array(1024));
    if (number >= seen.length) {
      const larger = new Uint8Array(Math.max(2 * seen.length, number + 1));
      larger.set(seen);
      this.#seen[log] = seen = larger;
    }
    if (seen[number] === 1) this.#doubled += 1;
    seen[number] = 1;
    const last = this.#last[log] ?? -1;
    if (number < last) this.#disordered += 1;
    this.#last[log] = Math.max(last, number);
  }

  /** `counts` says how many messages each log had. */
  verdict(counts: readonly number[]): Verdict {
    let lost = 0;
    let strange = 0;
    for (const [log, count] of counts.entries()) {
      const seen = this.#seen[log] ?? new Uint8Array(0);
      for (let number = 0; number < count; number++) if (seen[number] !== 1) lost += 1;
      for (let number = count; number < seen.length; number++) if (seen[number] === 1) strange += 1;
    }
    for (let log = counts.length; log < this.#seen.length; log++)
      strange += this.#seen[log]?.reduce((sum, each) => sum + each, 0) ?? 0;
    return { lost, doubled: this.#doubled, torn: this.#torn, disordered: this.#disordered, strange };
  }
}

if (import.meta.main) await serve();

async function serve(): Promise<void> {
  process.on('disconnect', () => process.exit());
  const arrivals = new Arrivals();
  const servers = [
    http.createServer((request, response) => {
      read(request.setEncoding('latin1'), arrivals, () => response.writeHead(200).end('{}'));
    }),
    net.createServer((socket) => read(socket.setEncoding('latin1'), arrivals, () => socket.end())),
  ];
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  process.on('message', (request: Request) => {
    if (request.type === 'progress') say({ type: 'progress', messages: arrivals.messages, bytes: arrivals.bytes });
    else say({ type: 'verdict', verdict: arrivals.verdict(request.counts) });
  });
  say({ type: 'listening', httpPort: ports[0]!, tcpPort: ports[1]! });
}

function say(reply: Reply): void {
  process.send!(reply);
}

/** A body or a connection, chunk by chunk. */
function read(stream: NodeJS.ReadableStream, arrivals: Arrivals, onEnd: () => void): void {
  let rest = '';
  stream.on('data', (chunk: string) => (rest = arrivals.take(rest + chunk, false)));
  stream.on('error', () => {});
  stream.on('end', () => {
    arrivals.take(rest, true);
    onEnd();
  });
}

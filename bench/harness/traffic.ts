// The other ends of a pipeline, each in a process of its own so that its CPU is not counted; started by `fork` with one
// `Role` as JSON. A sender says when everything was taken; a receiver says how far it is and, asked, what it thinks of it.

import { createReadStream } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { type Expectation, LineCheck, type LineStream, SameCheck, type Verdict } from './check.ts';
import { countEvents, type Form, inForm, otlpLines } from './forms.ts';
import { type InputFile, Template } from './inputs.ts';
import { JOBS } from './job_list.ts';

export type Role =
  | { readonly role: 'send'; readonly protocol: 'tcp' | 'http'; readonly port: number; readonly input: InputFile }
  | {
      readonly role: 'receive';
      readonly protocol: 'tcp' | 'http';
      readonly job: string;
      readonly input: InputFile;
      readonly form: Form;
    };

export type Report =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'sent' }
  | Progress
  | { readonly type: 'verdict'; readonly verdict: Verdict };

export interface Progress {
  readonly type: 'progress';
  readonly lines: number;
  readonly bytes: number;
  /** Whether as much came as must. */
  readonly isComplete: boolean;
  /** When 95 % of the output was there, as milliseconds of `Date.now()`. */
  readonly mostAtMs: number | undefined;
}

/** A share of the output before the last batches, which wait for a timer. */
export const MOST = 0.95;

const NEWLINE = Buffer.from('\n');

/** How often a receiver says how far it is. */
const PROGRESS_MS = 25;

/** Requests under way at once. Those that are answered once delivered must fill batches of a megabyte. */
const REQUESTS_AT_ONCE = 128;
const BODY_BYTES = 10_000;

/** A server that is busy is asked again this often. */
const TRIES_MAX = 1_000;

if (import.meta.main) await play(JSON.parse(process.argv[2]!) as Role);

function report(message: Report): void {
  process.send!(message);
}

async function play(role: Role): Promise<void> {
  process.on('disconnect', () => process.exit());
  if (role.role === 'receive') return receive(role);
  await (role.protocol === 'tcp' ? sendTcp(role.port, role.input) : sendHttp(role.port, role.input));
  report({ type: 'sent' });
}

/** Keeps what comes in and looks at it when all is over; bytes that must be the same are compared as they come. */
function receive({ protocol, job, input, form }: Role & { role: 'receive' }): void {
  const of = JOBS.find(({ id }) => id === job)!;
  const { expectation } = of;
  const same = expectation === 'same' ? new SameCheck(input) : undefined;
  const check = same ? undefined : new LineCheck(input, inForm(expectation as Expectation, form));
  const all = same ? input.bytes : check!.linesExpected;
  const sourceOf = of.input === 'http' ? bodyOfLine(input) : undefined;
  const streams: Buffer[][] = [];
  const progress = { lines: 0, bytes: 0, mostAtMs: undefined as number | undefined };

  const open = (): ((chunk: Buffer) => void) => {
    const kept: Buffer[] = [];
    if (!same) streams.push(kept);
    return (chunk) => {
      progress.bytes += chunk.length;
      if (same) same.push(chunk);
      else {
        kept.push(chunk);
        progress.lines += countEvents(chunk, form);
      }
      const share = (same ? progress.bytes : progress.lines) / all;
      if (share >= MOST) progress.mostAtMs ??= Date.now();
    };
  };
  const answer = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    const take = open();
    const parts: Buffer[] = [];
    const whole = form === 'otlp';
    request
      .on('data', (chunk: Buffer) => (whole ? parts.push(chunk) : take(chunk)))
      .on('end', () => {
        if (whole) take(Buffer.concat(parts));
        // The last line of a body may end without a newline.
        else take(NEWLINE);
        response.end();
      });
  };
  const server =
    protocol === 'http'
      ? http.createServer(answer)
      : net.createServer((socket) => socket.on('data', open()).on('error', () => {}));
  server.listen(0, '127.0.0.1', () => report({ type: 'listening', port: (server.address() as net.AddressInfo).port }));
  const timer = setInterval(() => {
    const isComplete = (same ? progress.bytes : progress.lines) >= all;
    report({ type: 'progress', ...progress, isComplete });
  }, PROGRESS_MS);
  process.on('message', () => {
    clearInterval(timer);
    for (const kept of streams) checkStream(check!.stream(sourceOf), form === 'otlp' ? kept.map(otlpChunk) : kept);
    report({ type: 'verdict', verdict: (same ?? check!).verdict() });
  });
}

function otlpChunk(body: Buffer): Buffer {
  return Buffer.from(otlpLines(body.toString('utf8'), 'socket'));
}

function checkStream(stream: LineStream, kept: Buffer[]): void {
  for (const chunk of kept) stream.push(chunk);
  stream.end();
}

async function sendTcp(port: number, input: InputFile): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve, reject) => socket.on('close', () => resolve()).on('error', reject));
  createReadStream(input.path, { highWaterMark: 1 << 20 }).pipe(socket);
  socket.resume();
  await closed;
}

async function sendHttp(port: number, input: InputFile): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: REQUESTS_AT_ONCE });
  const bodies = bodiesOf(input);
  const worker = async (): Promise<void> => {
    for (let next = await bodies.next(); !next.done; next = await bodies.next()) {
      let tries = 1;
      while (!(await post(agent, port, next.value))) {
        if (++tries > TRIES_MAX) throw new Error(`a request was refused ${TRIES_MAX} times`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, worker));
  agent.destroy();
}

/** The file in parts of about `BODY_BYTES` that end in whole lines. */
async function* bodiesOf(input: InputFile): AsyncGenerator<Buffer, void, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(input.path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    const data = Buffer.concat([rest, chunk]);
    let at = 0;
    for (;;) {
      const end = data.indexOf(10, at + BODY_BYTES - 1);
      if (end === -1) break;
      yield data.subarray(at, end + 1);
      at = end + 1;
    }
    rest = data.subarray(at);
  }
  if (rest.length > 0) yield rest;
}

/** In which of these parts each line is. */
function bodyOfLine(input: InputFile): (index: number) => number {
  const template = new Template(input.kind);
  const bodies = new Uint32Array(input.lines);
  let [body, start] = [0, 0];
  for (let index = 0; index < input.lines; index++) {
    bodies[index] = body;
    const end = template.offsetOf(index + 1);
    if (end - start < BODY_BYTES) continue;
    body++;
    start = end;
  }
  return (index) => bodies[index]!;
}

function post(agent: http.Agent, port: number, body: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { 'content-length': body.length, 'content-type': 'text/plain' };
    const request = http.request({ host: '127.0.0.1', port, method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode === 200));
    });
    request.on('error', () => resolve(false)).end(body);
  });
}

// Asks name servers: over UDP, and over TCP for what does not fit or when that is wanted.

import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { getServers } from 'node:dns';
import { lookup, lookupService } from 'node:dns/promises';
import { connect, isIPv6 } from 'node:net';
import { encodeQuery, isReplyTo, isTruncated, responseCode } from '../formats/dns_message.ts';
import type { Job, Reply } from './blocking.ts';

type DnsJob = Extract<Job, { kind: 'dns' }>;

interface Server {
  readonly host: string;
  readonly port: number;
}

const SERVFAIL = 2;

/** Asks one server after the other until one answers, and all of them again until there were enough attempts. */
export async function lookUp(job: DnsJob): Promise<Reply> {
  const servers: Server[] = [];
  for (const text of job.servers ?? getServers()) {
    const resolved = await resolveServer(text);
    if (typeof resolved === 'string') return { error: resolved };
    servers.push(resolved);
  }
  let failed: Uint8Array | undefined;
  for (let attempt = 0; attempt < Math.max(1, job.attempts); attempt++) {
    for (const server of servers) {
      const reply = await ask(server, job);
      if (reply && responseCode(reply) !== SERVFAIL) return { result: reply };
      failed ??= reply;
    }
  }
  return failed ? { result: failed } : { error: 'query failed: all timed out' };
}

async function resolveServer(text: string): Promise<Server | string> {
  const [, inBrackets, plain, digits] = /^(?:\[([^\]]*)\]|(.*?))(?::(\d{1,5}))?$/s.exec(text) ?? [];
  const host = inBrackets ?? plain ?? text;
  // A server of the system may be an address of IPv6 without a port.
  if (isIPv6(text)) return { host: text, port: 53 };
  try {
    const { address } = await lookup(host);
    return { host: address, port: Number(digits ?? 53) };
  } catch (error) {
    return `can't resolve nameserver (${text}): ${lookupProblem(error)}`;
  }
}

function lookupProblem(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === 'EAI_AGAIN' ? 'Temporary failure in name resolution' : 'Name or service not known';
  return `failed to lookup address information: ${reason}`;
}

/** The reply of one server; undefined when it did not come in time. */
async function ask(server: Server, job: DnsJob): Promise<Uint8Array | undefined> {
  const query = encodeQuery({ ...job, id: randomInt(65_536) });
  if (!job.tcp) {
    const reply = await askOverUdp(server, query, job.timeoutMs);
    if (!reply || !isTruncated(reply)) return reply;
  }
  return askOverTcp(server, query, job.timeoutMs);
}

function askOverUdp(server: Server, query: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
    const finish = (reply: Uint8Array | undefined): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.close();
      resolve(reply);
    };
    const timer = setTimeout(finish, timeoutMs, undefined);
    socket.on('error', () => finish(undefined));
    // Whatever else arrives, from whomever, is not the reply.
    socket.on('message', (message) => {
      if (isReplyTo(message, query)) finish(new Uint8Array(message));
    });
    socket.connect(server.port, server.host, (error?: Error) => {
      if (error) finish(undefined);
      else socket.send(query);
    });
  });
}

function askOverTcp(server: Server, query: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const socket = connect(server.port, server.host);
    let received = Buffer.alloc(0);
    const finish = (reply: Uint8Array | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reply);
    };
    const timer = setTimeout(finish, timeoutMs, undefined);
    socket.on('error', () => finish(undefined));
    socket.on('close', () => finish(undefined));
    socket.on('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const end = received.length < 2 ? Number.POSITIVE_INFINITY : 2 + received.readUInt16BE(0);
      if (received.length < end) return;
      const reply = new Uint8Array(received.subarray(2, end));
      finish(isReplyTo(reply, query) ? reply : undefined);
    });
  });
}

/** The name of an address, as the system knows it. */
export async function lookUpName(address: string): Promise<Reply> {
  try {
    return { result: (await lookupService(address, 0)).hostname };
  } catch (error) {
    return { error: lookupProblem(error) };
  }
}

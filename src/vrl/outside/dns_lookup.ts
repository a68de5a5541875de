// Records of DNS.

import { getField } from '../../event/object.ts';
import { kindOf, type ObjectValue, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { lossy } from '../4_run/convert.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { DnsProblem, decodeReply, encodeName } from '../formats/dns_message.ts';
import { classCode, recordTypeCode } from '../formats/dns_types.ts';
import { defineFunction, optional, required } from '../function.ts';
import { type Job, runBlocking } from './blocking.ts';

const ATTEMPTS = 2;
const TIMEOUT_SECS = 5;
/** However many attempts and servers a call names, it ends by then. */
const DEADLINE_MS_MAX = 300_000;

export const dnsLookup = defineFunction({
  name: 'dns_lookup',
  category: 'System',
  doc: 'Asks name servers for the records of a domain name, and gives the whole reply.',
  notices: ['The program waits for the reply. Keep it away from busy streams of events.'],
  parameters: [
    required('value', 'bytes', 'The domain name.'),
    optional('qtype', 'bytes', 'The type of the records, such as `A`, `AAAA`, `MX` or `TXT`.', { default: 'A' }),
    optional('class', 'bytes', 'The class of the records.', { default: 'IN' }),
    optional(
      'options',
      'object',
      'How to ask: `servers` (an array of `host:port`), `timeout` (seconds), `attempts`, `tcp`, and ' +
        '`ndots`, `aa_only`, `recurse` and `rotate`, which have no effect on the question.',
      { default: {} },
    ),
  ],
  failures: ['An argument is not what it should be.', 'No server replies in time.'],
  returns: { kinds: ['object'], fallible: true },
  hasLooseType: true,
  type: () => typeDef(replyKind(), true),
  examples: [{ title: 'Mail servers', source: 'dns_lookup!("example.com", qtype: "MX")', compileOnly: true }],
  run(value: string | Uint8Array, qtype: string | Uint8Array, qclass: string | Uint8Array, options: ObjectValue) {
    const name = named(lossy(value));
    if (name instanceof Failure) return name;
    const type = recordTypeCode(lossy(qtype));
    if (type === undefined) return fail('parsing query type failed: unknown record type');
    const code = classCode(lossy(qclass));
    if (code === undefined) return fail('parsing query class failed: unknown class');
    const settings = settingsOf(options);
    if (settings instanceof Failure) return settings;
    return answered({ kind: 'dns', name, type, class: code, ...settings });
  },
});

function named(text: string): Uint8Array | Failure {
  try {
    return encodeName(text);
  } catch (error) {
    if (error instanceof DnsProblem) return fail(`parsing host name failed: ${error.message}`);
    throw error;
  }
}

function answered(job: Extract<Job, { kind: 'dns' }>): Value | Failure {
  // Over UDP and over TCP, for each of the servers; the system has three at the most.
  const deadline = job.timeoutMs * Math.max(1, job.attempts) * (job.servers?.length ?? 3) * 2 + 5_000;
  const reply = runBlocking(job, Math.min(deadline, DEADLINE_MS_MAX));
  if ('error' in reply)
    return fail(reply.error === 'operation timed out' ? 'query failed: all timed out' : reply.error);
  try {
    return decodeReply(reply.result as Uint8Array);
  } catch (error) {
    if (error instanceof DnsProblem) return fail(error.message);
    throw error;
  }
}

type Settings = Omit<Extract<Job, { kind: 'dns' }>, 'kind' | 'name' | 'type' | 'class'>;

function settingsOf(options: ObjectValue): Settings | Failure {
  for (const name of ['ndots', 'attempts'] as const) {
    const problem = integerProblem(name, getField(options, name));
    if (problem) return problem;
  }
  for (const name of BOOLEANS) {
    const value = getField(options, name);
    if (value !== undefined && typeof value !== 'boolean') return fail(`expected boolean, got ${displayKind(value)}`);
  }
  const timeout = getField(options, 'timeout');
  const problem = integerProblem('timeout', timeout);
  if (problem) return problem;
  const servers = serversOf(getField(options, 'servers'));
  if (servers instanceof Failure) return servers;
  return {
    servers,
    timeoutMs: Math.min(Number(timeout ?? TIMEOUT_SECS) * 1000, DEADLINE_MS_MAX),
    attempts: Math.min(Number(getField(options, 'attempts') ?? ATTEMPTS), 1000),
    tcp: getField(options, 'tcp') === true,
  };
}

const BOOLEANS = ['aa_only', 'tcp', 'recurse', 'rotate'] as const;

function integerProblem(name: string, value: Value | undefined): Failure | undefined {
  if (value === undefined) return undefined;
  if (kindOf(value) !== 'integer') return fail(`expected integer, got ${displayKind(value)}`);
  if (Number(value) >= 0) return undefined;
  return fail(`${name} has to be a positive integer, got: ${value}. (out of range integral type conversion attempted)`);
}

function serversOf(value: Value | undefined): string[] | undefined | Failure {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return fail(`expected array, got ${displayKind(value)}`);
  const servers: string[] = [];
  for (const server of value) {
    if (typeof server !== 'string' && !(server instanceof Uint8Array))
      return fail(`expected string, got ${displayKind(server)}`);
    const text = lossy(server);
    servers.push(text.includes(':') ? text : `${text}:53`);
  }
  // Without any, the one of this machine is asked.
  return servers.length > 0 ? servers : ['127.0.0.1:53'];
}

function replyKind(): Kind {
  const bytes = Kind.of('bytes');
  const integer = Kind.of('integer');
  const boolean = Kind.of('boolean');
  const optionalBytes = Kind.of('bytes', 'null');
  const record = Kind.objectOf({
    class: bytes,
    domainName: bytes,
    rData: bytes,
    recordType: bytes,
    recordTypeId: integer,
    ttl: integer,
  });
  const records = Kind.arrayOf([], record);
  const flags = { aa: boolean, ad: boolean, cd: boolean, ra: boolean, rd: boolean, tc: boolean };
  const counts = { anCount: integer, arCount: integer, nsCount: integer, qdCount: integer };
  return Kind.objectOf({
    fullRcode: integer,
    rcodeName: optionalBytes,
    time: optionalBytes,
    timePrecision: optionalBytes,
    answers: records,
    authority: records,
    additional: records,
    // `qr` is a boolean when the program runs; programs are checked as if it were a number, as they are by Vector.
    header: Kind.objectOf({ ...flags, ...counts, opcode: integer, qr: integer, rcode: integer }),
    question: Kind.arrayOf(
      [],
      Kind.objectOf({ class: bytes, domainName: bytes, questionType: bytes, questionTypeId: integer }),
    ),
  });
}

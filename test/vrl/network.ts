// Calls of the functions that reach outside, to servers on this machine. Their arguments are drawn so that nothing is
// asked of anybody else, and nobody waits.

import { Worker } from 'node:worker_threads';
import type { Value } from '../../src/event/value.ts';
import { type Call, mutatedText } from './calls.ts';
import { type Draft, expression } from './expressions.ts';
import { literal, randomText } from './values.ts';

// They are part of programs, so they must be known to whoever runs one again.
const HTTP_PORT = 18_780;
const DNS_PORT = 18_753;

/** Starts the servers; undefined when their ports are taken. */
export async function startNetwork(): Promise<AsyncDisposable | undefined> {
  const worker = new Worker(new URL('network_worker.ts', import.meta.url), {
    workerData: { httpPort: HTTP_PORT, dnsPort: DNS_PORT },
  });
  const said = await new Promise((resolve) => worker.once('message', resolve).once('error', resolve));
  worker.unref();
  const stop = async (): Promise<void> => void (await worker.terminate());
  if (said === 'ready') return { [Symbol.asyncDispose]: stop };
  await stop();
  return undefined;
}

export const NETWORK_CALLS: Readonly<Record<string, (draft: Draft) => Call>> = {
  http_request(draft) {
    const { chance } = draft;
    const url = chance.is(0.85)
      ? `http://127.0.0.1:${HTTP_PORT}${chance.one(['', '/', '/x', '/a/../b?c=1&d=%20', '/é 1', '/teapot', '/moved', '/#f'])}`
      : chance.one(['', 'x', 'ftp://a/b', 'http://', '://', '/x', 'http:', '\0']);
    const more = [
      ['method', chance.one<Value>(['get', 'POST', 'put', 'Delete', 'patch', 'options', 'a b', ''])],
      ['headers', chance.one<Value>([{ 'X-A': 'b' }, { 'x-a': '' }, { 'a b': 'c' }, { 'x-token': 'é' }, { 'x-a': 1 }])],
      ['body', chance.one<Value>(['', 'text', 'é\n', randomText(chance)])],
      ['redact_headers', chance.is(0.5)],
    ] as const;
    const optional = more.filter(() => chance.is(0.3)).map(([name, value]) => `${name}: ${written(draft, value)}`);
    return call('http_request', [written(draft, url), ...optional]);
  },
  dns_lookup(draft) {
    const { chance } = draft;
    const known = chance.one(['example.com', 'a.b.example.org', 'nobody.example.com', 'x', 'under_score.test.', '.']);
    const name = chance.is(0.85) ? known : mutatedText(chance, known);
    const type = chance.is(0.9)
      ? chance.one(['A', 'AAAA', 'MX', 'TXT', 'NS', 'CNAME', 'SOA', 'txt', 'TYPE16', 'ANY'])
      : chance.one(['', 'NOPE', 'TYPE', 'TYPE70000']);
    const servers = [`127.0.0.1:${DNS_PORT}`];
    const options = chance.is(0.85)
      ? chance.one<Value>([
          { servers, timeout: 1 },
          { servers, timeout: 1, attempts: 1, recurse: false },
          { servers, ndots: 3, rotate: true },
        ])
      : chance.one<Value>([
          { servers, timeout: -1 },
          { servers, ndots: 'x' },
          { servers: 1 },
          { servers: [1] },
          { servers, attempts: 2n ** 63n - 1n, tcp: 0 },
        ]);
    const texts = [written(draft, name), `options: ${literal(options)}`, `qtype: ${written(draft, type)}`];
    if (chance.is(0.1)) texts.push(`class: ${literal(chance.one(['IN', 'CH', 'in', 'NOPE', 'CLASS1']))}`);
    return call('dns_lookup', texts);
  },
  reverse_dns(draft) {
    const { chance } = draft;
    const address = chance.is(0.7)
      ? '127.0.0.1'
      : chance.one(['', 'localhost', '127.0.0', '1::2::3', 'é', '127.0.0.1 ']);
    return call('reverse_dns', [chance.is(0.9) ? written(draft, address) : expression(draft, 'timestamp', 1)]);
  },
};

function call(head: string, texts: readonly string[]): Call {
  return { head, tail: `(${texts.join(', ')})`, isExact: false };
}

/** In place, or known only at run time. */
function written(draft: Draft, value: Value): string {
  const text = draft.chance.is(0.6) ? literal(value) : undefined;
  return text ?? draft.field(value);
}

import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_LOG_SCHEMA } from '../../event/log_schema.ts';
import type { Value } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { CONFINED_BYTES_MAX, confinePath, confineUri, confineValue, hasLiteralHost } from './confinement.ts';
import { parseTemplate, RenderError, type Renderer, type Template } from './template.ts';

const context = { logSchema: DEFAULT_LOG_SCHEMA, clock: new FakeClock() };

function parse(text: string): Template {
  const parsed = parseTemplate(text);
  assert.ok(typeof parsed !== 'string', String(parsed));
  return parsed;
}

const run = (renderer: Renderer, a: Value, b: Value = 'b') =>
  renderer({ value: { a, b }, metadata: { value: {} } }, 'log', context);

function refused(renderer: Renderer, a: Value, why: RegExp): void {
  const result = run(renderer, a);
  assert.ok(result instanceof RenderError, `${JSON.stringify(a)} became ${JSON.stringify(result)}`);
  assert.equal(result.type, 'confinement_failed');
  assert.match(result.message, why);
}

const HOSTILE = [
  '../../etc/passwd',
  '..',
  '/../x',
  'a/../../b',
  'a/..',
  '..\\..\\x',
  '/etc/passwd',
  '//evil.com',
  '//evil.com/x',
  '@evil.com',
  '@evil.com/',
  ':8080/',
  '.evil.com/',
  '\\evil.com',
  '%2e%2e%2f',
  '%2E%2E/%2e%2e/',
  '..%2f..%2f',
  '.%2e/',
  '%252e%252e%252f',
  '\r\nHost: evil.com',
  'x\r\n\r\nGET /',
  '\0',
  'a\0.log',
  '.\t./.\t./x',
  '?admin=1',
  '#fragment',
  '&admin=1',
  'x'.repeat(CONFINED_BYTES_MAX + 1),
  'é'.repeat(CONFINED_BYTES_MAX / 2 + 1),
  '',
  '.',
  ' ',
];

const FOLDERS: readonly [string, string][] = [
  ['/var/log/{{ a }}.log', '/var/log/'],
  ['/var/log/{{ a }}', '/var/log/'],
  ['/var/log/app-{{ a }}/{{ b }}.log', '/var/log/'],
  ['/var/log/.{{ a }}/x', '/var/log/'],
  ['logs/{{ a }}', `${resolve('logs')}/`],
  ['logs/%Y/{{ a }}/%F.log', `${resolve('logs')}/`],
  ['{{ a }}.log', `${resolve('.')}/`],
  ['{{ a }}/{{ b }}.log', `${resolve('.')}/`],
  ['./{{ a }}', `${resolve('.')}/`],
];

function staysBelow(folder: string, result: string | RenderError): void {
  if (result instanceof RenderError) {
    assert.equal(result.type, 'confinement_failed');
    return;
  }
  const full = resolve(result);
  assert.ok(`${full}/`.startsWith(folder), `${JSON.stringify(result)} leaves ${folder}`);
  assert.ok(!/[\0\r\n]/.test(result));
  assert.ok(Buffer.byteLength(result) <= CONFINED_BYTES_MAX);
}

test('a path never leaves the folder that the template names', () => {
  for (const [text, folder] of FOLDERS) {
    const renderer = confinePath(parse(text));
    for (const a of HOSTILE) {
      staysBelow(folder, run(renderer, a));
      staysBelow(folder, run(renderer, '.', a));
      staysBelow(folder, run(renderer, 'x', a));
    }
  }
});

test('a path takes what is harmless', () => {
  assert.equal(run(confinePath(parse('/var/log/{{ a }}.log')), 'web/front'), '/var/log/web/front.log');
  assert.equal(run(confinePath(parse('/var/log/{{ a }}.log')), 'a..b...'), '/var/log/a..b....log');
  assert.equal(run(confinePath(parse('../logs/{{ a }}.log')), 'x'), '../logs/x.log');
  assert.equal(run(confinePath(parse('{{ a }}.log')), 'x'), 'x.log');
  assert.equal(run(confinePath(parse('/{{ a }}/x.log')), 'srv'), '/srv/x.log');
  // What looks encoded is the name of a file and nothing more.
  assert.equal(run(confinePath(parse('/v/{{ a }}')), '%2e%2e%2f'), '/v/%2e%2e%2f');
});

test('a path says why it is refused', () => {
  const below = confinePath(parse('/var/log/{{ a }}.log'));
  refused(below, '../../etc/passwd', /holds a `\.\.` segment/);
  refused(below, 'a/../../b', /`\.\.` segment/);
  refused(below, 'a\0b', /NUL or a line break/);
  refused(below, 'x'.repeat(2000), /longer than 1024 bytes/);
  refused(confinePath(parse('/var/log/.{{ a }}')), './x', /`\.\.` segment/);
  for (const text of ['{{ a }}.log', '/{{ a }}', './{{ a }}', '{{ b }}/{{ a }}'])
    refused(confinePath(parse(text)), 'etc/passwd', /names no folder/);
  refused(confinePath(parse('{{ a }}/x.log')), '', /begins at the root/);
});

test('a refusal shows no raw bytes of the sender and not all of a long one', () => {
  const result = run(confineValue(parse('{{ a }}')), `\u001b[31m\r\n${'x'.repeat(5000)}`);
  assert.ok(result instanceof RenderError);
  assert.match(result.message, /^"\\u001b\[31m\\r\\nx+…" is refused: /);
  assert.ok(result.message.length < 200);
});

test('base_dir holds whatever the template says', () => {
  const renderer = confinePath(parse('{{ a }}'), { baseDir: '/srv/logs' });
  assert.equal(run(renderer, 'x/y.log'), '/srv/logs/x/y.log');
  assert.equal(run(renderer, '/srv/logs/z.log'), '/srv/logs/z.log');
  refused(renderer, '/etc/passwd', /outside of "\/srv\/logs"/);
  refused(renderer, '/srv/logs-of-another/x', /outside/);
  refused(renderer, '/srv/logs', /outside/);
  for (const a of HOSTILE) staysBelow('/srv/logs/', run(renderer, a));
});

const URIS = [
  'http://logs.example.com/in/{{ a }}',
  'http://logs.example.com/{{ a }}',
  'http://logs.example.com/in/x-{{ a }}/{{ b }}',
  'https://user:pass@logs.example.com:8443/in/{{ a }}',
  'http://logs.example.com/in?tenant={{ a }}',
  'http://[::1]:9000/in/{{ a }}',
  'http://logs-%Y.example.com/in/{{ a }}',
];

const UNSAFE_URIS = [
  'http://logs.example.com{{ a }}',
  'http://logs.example.com:80{{ a }}',
  'http://logs.example.com?x={{ a }}',
  'http://{{ a }}/in',
  'http://{{ a }}.example.com/in',
  'http://logs.{{ a }}/in',
  'http://user:{{ a }}@logs.example.com/in',
  '{{ a }}://logs.example.com/in',
  '{{ a }}',
  'http:{{ a }}',
  'http:/{{ a }}',
  'http://{{ a }}',
];

function sameHost(text: string, result: string | RenderError): void {
  if (result instanceof RenderError) {
    assert.equal(result.type, 'confinement_failed');
    return;
  }
  const own = new URL(text.replaceAll('%Y', '2023').replaceAll(/\{\{ . \}\}/g, 'x'));
  const url = new URL(result);
  assert.equal(url.origin, own.origin, result);
  assert.equal(url.username, own.username);
  assert.ok(url.pathname.startsWith(own.pathname.startsWith('/in') ? '/in' : '/'), result);
  assert.equal(url.hash, '');
  assert.equal([...url.searchParams].length, [...own.searchParams].length, result);
  assert.ok(!/[\0\r\n\t]/.test(result));
  const decoded = url.pathname.replaceAll(/%2e/gi, '.').replaceAll(/%2f|%5c/gi, '/');
  assert.ok(!decoded.split('/').includes('..'), result);
}

test('a URI never leads to another host or out of its path', () => {
  for (const text of URIS) {
    const renderer = confineUri(parse(text));
    for (const a of HOSTILE) {
      sameHost(text, run(renderer, a));
      sameHost(text, run(renderer, '.', a));
    }
  }
});

test('a URI takes what is harmless', () => {
  assert.equal(run(confineUri(parse(URIS[0]!)), 'one'), 'http://logs.example.com/in/one');
  assert.equal(run(confineUri(parse(URIS[0]!)), 'a b/c@d:e%20'), 'http://logs.example.com/in/a b/c@d:e%20');
  assert.equal(run(confineUri(parse('http://h/in?t={{ a }}')), 'x=y'), 'http://h/in?t=x=y');
  assert.equal(run(confineUri(parse('http://h/')), 'x'), 'http://h/');
});

test('a URI whose host comes from the event is always refused', () => {
  for (const text of UNSAFE_URIS) {
    assert.equal(hasLiteralHost(parse(text)), false, text);
    const renderer = confineUri(parse(text));
    for (const a of ['logs', 'logs.example.com', 'http://logs.example.com/', 'example.com/x', '//h/x', ...HOSTILE])
      refused(renderer, a, /scheme and host must stand in the template itself/);
  }
  assert.equal(hasLiteralHost(parse('http://h/{{ a }}')), true);
  assert.equal(hasLiteralHost(parse('http://h')), true);
});

test('a URI says why it is refused', () => {
  const renderer = confineUri(parse('http://h/in/{{ a }}'));
  refused(renderer, '../admin', /`\.\.` segment/);
  refused(renderer, '%2e%2e/admin', /encoded separator/);
  refused(renderer, 'x?admin=1', /holds `\?`/);
  refused(renderer, 'x\r\nHost: evil.com', /line break/);
  refused(renderer, '.\t./x', /control character/);
  refused(confineUri(parse('http://h/in?t={{ a }}')), 'x&admin=1', /add to the query/);
});

test('a value keeps to one line, one size and no way up', () => {
  const renderer = confineValue(parse('m-{{ a }}'));
  assert.equal(run(renderer, 'one/two..three'), 'm-one/two..three');
  refused(renderer, 'x\r\nInjected: 1', /line break/);
  refused(renderer, 'x\ny', /line break/);
  refused(renderer, '\0', /NUL/);
  refused(renderer, 'x/../y', /`\.\.` segment/);
  refused(renderer, 'x'.repeat(1023), /longer than/);
  assert.equal(String(run(renderer, 'x'.repeat(1022))).length, 1024);
  refused(confineValue(parse('{{ a }}')), '..', /`\.\.` segment/);
});

test('a missing field is a template error, not a confinement error', () => {
  for (const confine of [confinePath, confineUri, confineValue]) {
    const result = run(confine(parse('http://h/{{ none }}')), 'x');
    assert.ok(result instanceof RenderError);
    assert.equal(result.type, 'template_failed');
  }
});

test('the dangerous option lifts the confinement', () => {
  const lifted = { unconfined: true };
  assert.equal(run(confinePath(parse('{{ a }}'), lifted), '../../etc/passwd'), '../../etc/passwd');
  assert.equal(run(confinePath(parse('{{ a }}'), { ...lifted, baseDir: '/srv' }), '/etc/x'), '/etc/x');
  assert.equal(run(confineUri(parse('{{ a }}'), lifted), 'http://other/'), 'http://other/');
  assert.equal(run(confineValue(parse('{{ a }}'), lifted), 'x\n'), 'x\n');
});

test('templates without fields are the operator’s and not looked at', () => {
  assert.equal(run(confinePath(parse('../x-%Y'), { baseDir: '/srv' }), 'x'), '../x-2023');
  assert.equal(run(confineUri(parse('http://h/../x?y#z')), 'x'), 'http://h/../x?y#z');
});

const piece = fc.constantFrom(
  '..',
  '.',
  '/',
  '\\',
  '%2e',
  '%2f',
  '%5c',
  '%25',
  '@',
  ':',
  '?',
  '#',
  '\0',
  '\r\n',
  '\t',
  'a',
  'é',
  ' ',
  '//',
  'evil.com',
  '[',
  ']',
  '%',
);
const value = fc.oneof(fc.string({ unit: piece, maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 20 }));

test('no value makes a path escape', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FOLDERS), value, value, ([text, folder], a, b) => {
      staysBelow(folder, run(confinePath(parse(text)), a, b));
      staysBelow('/srv/logs/', run(confinePath(parse(text), { baseDir: '/srv/logs' }), a, b));
    }),
    { numRuns: 3000 },
  );
});

test('no value makes a URI escape', () => {
  fc.assert(
    fc.property(fc.constantFrom(...URIS), value, value, (text, a, b) =>
      sameHost(text, run(confineUri(parse(text)), a, b)),
    ),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...UNSAFE_URIS), value, (text, a) => {
      assert.ok(run(confineUri(parse(text)), a) instanceof RenderError);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogEvent } from '../../event/event.ts';
import { DEFAULT_LOG_SCHEMA } from '../../event/log_schema.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { parseRfc3339 } from '../../event/timestamp.ts';
import { namedByOffset, namedZone } from '../../event/timezone.ts';
import { Float, type ObjectValue, type Value } from '../../event/value.ts';
import { check, object } from '../../schema/schema.ts';
import { FakeClock } from '../../std/clock.ts';
import { template } from './options.ts';
import { parseTemplate, RenderError, renderTemplate, staticText, type Template } from './template.ts';

// 2023-11-14T22:13:20Z
const context = { logSchema: DEFAULT_LOG_SCHEMA, clock: new FakeClock() };

function parse(text: string): Template {
  const parsed = parseTemplate(text);
  assert.ok(typeof parsed !== 'string', `${text}: ${parsed}`);
  return parsed;
}

const log = (value: Value, metadata: ObjectValue = {}): LogEvent => ({ value, metadata: { value: metadata } });

function render(text: string, event: LogEvent): string {
  const rendered = renderTemplate(parse(text), event, 'log', context);
  assert.ok(typeof rendered === 'string', String(rendered));
  return rendered;
}

test('puts fields of any kind into the text', () => {
  const event = log(
    {
      a: 'x',
      n: 42,
      big: 9007199254740993n,
      whole: new Float(2),
      tiny: 1e-9,
      yes: true,
      nil: null,
      deep: { list: [1, { k: 'v' }] },
      'k.e-y': 'q',
      bytes: new Uint8Array([0x61, 0xff]),
      at: parseRfc3339('2021-02-03T04:05:06.5Z')!,
    },
    { m: { x: 'meta' } },
  );
  assert.equal(render('{{ a }}|{{a}}|{{ .a }}|{{ n }}|{{ big }}', event), 'x|x|x|42|9007199254740993');
  assert.equal(render('{{ whole }}|{{ tiny }}|{{ yes }}|{{ nil }}', event), '2|0.000000001|true|<null>');
  assert.equal(render('{{ deep }}|{{ deep.list[-1].k }}|{{ deep.list[0] }}', event), '{"list":[1,{"k":"v"}]}|v|1');
  assert.equal(render('{{ "k.e-y" }}|{{ bytes }}|{{ at }}', event), 'q|a\ufffd|2021-02-03T04:05:06.500Z');
  assert.equal(render('{{ %m.x }}', event), 'meta');
});

test('a quoted path may hold braces', () => {
  assert.equal(render('<{{ "a}}b{{" }}>', log({ 'a}}b{{': 'x' })), '<x>');
});

test('treats hostile names as ordinary ones', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const missing = renderTemplate(parse(`{{ ${name} }}`), log({}), 'log', context);
    assert.ok(missing instanceof RenderError, name);
  }
  assert.equal(render('{{ __proto__ }}', log(JSON.parse('{"__proto__":"x"}') as Value)), 'x');
});

test('names the field that is missing', () => {
  const result = renderTemplate(parse('a-{{ b.c }}'), log({ b: {} }), 'log', context);
  assert.ok(result instanceof RenderError);
  assert.deepEqual([result.type, result.message], ['template_failed', 'field `b.c` is missing on the event']);
});

test('writes the time of the event, or now, in the zone given', () => {
  const event = log({ timestamp: parseRfc3339('2021-07-01T23:30:00.25Z')! });
  assert.equal(render('log-%Y.%m.%d-%H%.3f', event), 'log-2021.07.01-23.250');
  assert.equal(render('%F %T', log({ timestamp: 'yesterday' })), '2023-11-14 22:13:20');
  const zone = namedByOffset(namedZone('Europe/Paris')!);
  assert.equal(renderTemplate(parse('%F %Z'), event, 'log', { ...context, zone }), '2021-07-02 +02:00');
  const logSchema = { ...DEFAULT_LOG_SCHEMA, timestamp: undefined };
  assert.equal(renderTemplate(parse('%F'), event, 'log', { ...context, logSchema }), '2023-11-14');
});

test('takes name, namespace and tags of a metric', () => {
  const metric: MetricEvent = {
    name: 'requests',
    namespace: 'web',
    tags: new Map<string, string | null | (string | null)[]>([
      ['host', 'h1'],
      ['a.b', 'dotted'],
      ['many', ['x', 'y', null]],
      ['bare', null],
    ]),
    timestamp: parseRfc3339('2020-01-02T00:00:00Z')!,
    kind: 'incremental',
    value: { type: 'counter', value: 1 },
    metadata: EMPTY_METADATA,
  };
  const of = (text: string) => renderTemplate(parse(text), metric, 'metric', context);
  assert.equal(
    of('{{ namespace }}.{{name}}.{{ tags.host }}.{{ tags.a.b }}.{{ tags.many }} %F'),
    'web.requests.h1.dotted.y 2020-01-02',
  );
  assert.equal(of('{{ tags."a.b" }}'), 'dotted');
  for (const field of ['kind', 'tags', 'tags.none', 'tags.bare', 'message', 'counter.value'])
    assert.ok(of(`{{ ${field} }}`) instanceof RenderError, field);
  delete metric.namespace;
  assert.ok(of('{{ namespace }}') instanceof RenderError);
});

test('leaves text without specifiers as it is', () => {
  assert.equal(staticText(parse('100%% }} { {')), '100%% }} { {');
  assert.equal(staticText(parse('')), '');
  assert.equal(staticText(parse('%F')), undefined);
  assert.equal(staticText(parse('{{ a }}')), undefined);
});

test('says what is wrong with a template', () => {
  const problems: Record<string, RegExp> = {
    '/tmp/{{ a': /the `\{\{` at character 6 is never closed/,
    'x{{ "a }}': /never closed/,
    '{{}}': /names no field/,
    'a{{  }}': /at character 2 names no field/,
    '{{ a b }}': /is not a path/,
    '{{ a..b }}': /is not a path/,
    '{{{ a }}}': /is not a path/,
    '{{ a }} 100%': /`%` is not a time specifier; a percent sign is written `%%`/,
    'a%20b': /`%2` is not a time specifier/,
  };
  for (const [text, message] of Object.entries(problems)) assert.match(String(parseTemplate(text)), message, text);
});

test('is an option whose problems are reported with the others', () => {
  const options = object('Sample.', { path: template('Where.'), index: template('Which.', { default: 'i-%Y' }) });
  const good = check(options, { path: '/a/{{ b }}' });
  assert.equal(good.value?.path.parts.length, 2);
  assert.equal(good.value?.index.text, 'i-%Y');
  const bad = check(options, { path: '/a/{{ b' });
  assert.deepEqual(
    bad.problems.map(({ path, message }) => [path, message]),
    [[['path'], 'the `{{` at character 4 is never closed with `}}`']],
  );
});

test('any text is a template or a problem, never a throw', () => {
  const unit = fc.constantFrom('{{', '}}', '{', '}', '"', '\\', ' ', 'a', '.', '[', ']', '0', '%', 'Y', '-', 'é');
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const parsed = parseTemplate(text);
      if (typeof parsed === 'string') return;
      const rendered = renderTemplate(parsed, log({ a: 'x' }), 'log', context);
      assert.ok(typeof rendered === 'string' || rendered instanceof RenderError);
    }),
  );
});

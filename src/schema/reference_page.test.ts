import assert from 'node:assert/strict';
import { test } from 'node:test';
import { referenceOptions, referencePage } from './reference_page.ts';
import { array, bool, map, object, oneOf, string, uint, variants } from './schema.ts';

test('a page has the summary, facts, examples and the options in order of their names', () => {
  const option = object('Sends.', {
    uri: string('Where to.', { syntax: 'uri' }),
    batch: uint('How much.', { default: 10, unit: 'events' }),
  });
  const page = referencePage({
    title: '`http` sink',
    summary: 'Sends.',
    facts: [['Status', 'stable']],
    examples: [{ title: 'Ship', config: 'sinks:\n  out:\n    type: http\n' }],
    option,
    footer: 'The end.',
  });
  assert.equal(
    page,
    [
      '# `http` sink',
      'Sends.',
      '- **Status**: stable',
      '## Ship',
      '```yaml\nsinks:\n  out:\n    type: http\n```',
      '## Options',
      '### `batch`',
      'uint, events, default `10`',
      'How much.',
      '### `uri`',
      'string, uri, **required**',
      'Where to.',
      'The end.',
    ].join('\n\n') + '\n',
  );
});

test('members of objects, lists and maps are nested, hidden ones left out', () => {
  const inner = { deep: bool('D.', { default: false }), secret: string('S.', { optional: true, hidden: true }) };
  const text = referenceOptions({
    group: object('G.', { inner: object('I.', inner) }),
    list: array(object('One.', { name: string('N.') }), 'L.'),
    labels: map(string('A value.'), 'M.', { optional: true }),
  });
  assert.match(text, /^- `inner` \(object, optional\): I\.\n {2}- `deep` \(bool, default `false`\): D\.$/m);
  assert.match(
    text,
    /array of object, \*\*required\*\*\n\nL\.\n\n- each element: One\.\n {2}- `name` \(string, \*\*required\*\*\): N\./,
  );
  assert.match(text, /^map of string, optional$/m);
  assert.doesNotMatch(text, /secret/);
});

test('the cases of a variant stand below their word', () => {
  const buffer = variants(
    'B.',
    'type',
    { memory: { events: uint('E.', { default: 5 }) }, disk: {} },
    {},
    { default: 'memory' },
  );
  const text = referenceOptions({ buffer });
  assert.match(
    text,
    /- `type` \(string, default `"memory"`\): Selects the type\. One of `memory`, `disk`\.\n- when `type` is `memory`:\n {2}- `events`/,
  );
  assert.doesNotMatch(text, /when `type` is `disk`/);
});

test('says what is deprecated, what is spelled otherwise and what is not there yet', () => {
  const codec = oneOf(['json'], 'C.', {
    aliases: ['format'],
    deprecated: 'use `x`',
    notYet: ['avro'],
    examples: ['json'],
  });
  assert.match(
    referenceOptions({ codec }),
    /C\. \*\*Deprecated\*\*: use `x`\. One of `json`\. Not in this version: `avro`\. Also written `format`\. For example `"json"`\./,
  );
});

test('values with backticks and line ends stay one piece of code', () => {
  const text = referenceOptions({ source: string('S.', { optional: true, examples: ['a `b`\nc'] }) });
  assert.match(text, /For example `` "a `b`\\nc" ``\./);
});

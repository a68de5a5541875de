import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LoadedText, loadTexts } from '../testing/config.ts';
import { renderProblems } from './render_problems.ts';

/** Answers with the keys in upper case; says what it was asked to the file `asked` beside it. */
const SCRIPT = `#!/bin/sh
read -r request
printf '%s' "$request" > "$(dirname "$0")/asked"
printf '{"user":{"value":"USER-SECRET","error":null},"port":{"value":"8080"},"bad":{"value":null,"error":"not today"},"empty":{"value":""},"none":{}}'
`;

const BACKENDS = `secret:
  vault: {type: exec, command: ["@DIR@/get"]}
  box: {type: file, path: "@DIR@/box"}
`;

const FILES = { get: SCRIPT, box: '{"token": "FILE-SECRET", "number": 5, "lines": "two\\nlines"}' };

const load = (sink: string, more: Record<string, string> = {}): Promise<LoadedText> =>
  loadTexts({
    ...FILES,
    'c.yaml': `${BACKENDS}sources: {in: {type: listener}}\nsinks:\n  out:\n    type: logs\n    inputs: [in]\n    ${sink}\n`,
    ...more,
  });

test('secrets of several backends go into leaves, with the types of their options', async () => {
  const { config, messages } = await load(
    'port: SECRET[vault.port]\n    node: "${A:-SECRET}[box.token]/SECRET[vault.user]"\n    headers: {a: "SECRET[box.lines]"}',
  );
  assert.deepEqual(messages, []);
  const options = config?.sinks.get('out')?.config as { port: number; node: string; headers: Map<string, string> };
  assert.equal(options.port, 8080);
  assert.equal(options.node, 'FILE-SECRET/USER-SECRET');
  assert.equal(options.headers.get('a'), 'two\nlines');
});

const wrong: readonly [name: string, sink: string, message: string, hint?: string][] = [
  ['an error of the backend', 'node: SECRET[vault.bad]', 'the secret `vault.bad` has no value: not today'],
  ['an empty secret', 'node: SECRET[vault.empty]', 'the secret `vault.empty` has no value: it is empty'],
  [
    'an answer without a value',
    'node: SECRET[vault.none]',
    'the secret `vault.none` has no value: the answer for it has neither a value nor an error',
  ],
  [
    'a key without an answer',
    'node: SECRET[vault.gone]',
    'the secret `vault.gone` has no value: it is not in the answer',
  ],
  [
    'a value that is no text',
    'port: SECRET[box.number]',
    'the secret `box.number` has no value: its value is not text',
  ],
  [
    'an unknown backend',
    'port: SECRET[valt.user]',
    'there is no secret backend `valt`',
    'did you mean `SECRET[vault.user]`?',
  ],
];

for (const [name, sink, message, hint] of wrong) {
  test(`reports ${name} once, where it is used`, async () => {
    const { shown } = await load(sink);
    assert.deepEqual(
      shown.map(([severity, where, text, advice]) => [severity, where.split(' ')[0]!.split(':')[1], text, advice]),
      [['error', '9', message, hint]],
    );
  });
}

test('a backend that fails is one problem, at the backend', async () => {
  const { shown } = await load('port: SECRET[vault.port]\n    node: SECRET[vault.user]', {
    get: '#!/bin/sh\necho "no such vault" >&2\nexit 3\n',
  });
  assert.equal(shown.length, 1);
  assert.match(shown[0]![2], /^`.*\/get` ended with exit code 3: no such vault$/);
  assert.equal(shown[0]![1], 'c.yaml:2:3 secret.vault');
});

test('secrets show up nowhere: not in messages, excerpts or printed configuration', async () => {
  const loaded = await load(
    'port: SECRET[vault.user]\n    headers: ["SECRET[box.token]"]\n    password: hunter2hunter2\n    bogus: SECRET[vault.user]',
  );
  assert.equal(loaded.config, undefined);
  assert.deepEqual(
    loaded.shown.map(([, , message]) => message),
    ['expected a number, got a secret', 'expected an object, got a list', 'unknown option `bogus`'],
  );
  const text = renderProblems(loaded.problems, { colour: false });
  assert.ok(!/USER-SECRET|FILE-SECRET|hunter2/.test(text), text);
  assert.match(text, /SECRET\[vault\.user\]/, 'where a secret comes from may be shown');
});

test('backends are not asked when nobody needs them, and wrong ones are reported all the same', async () => {
  const { shown } = await load('node: plain', {
    'c.yaml': 'secret: {vault: {type: exec, command: []}, x: {type: fil}, y: {type: aws_secrets_manager}}\n',
    'd.yaml': 'sources: {in: {type: all}}\nsinks: {s: {type: any, inputs: [in]}}\n',
  });
  assert.deepEqual(
    shown.map(([, where, message]) => [where.split(' ')[1], message]),
    [
      ['secret.vault.command', 'must name a program'],
      ['secret.x.type', 'unknown value `fil`'],
      ['secret.y.type', "`aws_secrets_manager` is one of Vector's values that this version of Sluice does not have"],
    ],
  );
});

test('secrets in programs and in the section of the backends stay as they are, and are told of', async () => {
  const { shown, config } = await load('node: plain', {
    'd.yaml': `transforms: {t: {type: program, inputs: [in], source: '.a = "SECRET[box.token]"'}}\n`,
    'e.yaml': 'sinks: {o: {type: any, inputs: [t]}}\n',
  });
  assert.deepEqual(
    shown.map(([severity, where, message]) => [severity, where, message]),
    [
      [
        'warning',
        'd.yaml:1:55 transforms.t.source',
        '`SECRET[box.token]` stays as it is: nothing is put into programs',
      ],
    ],
  );
  assert.equal((config!.transforms.get('t')!.config as { source: string }).source, '.a = "SECRET[box.token]"');
  const nested = await load('node: SECRET[a.x]', {
    'd.yaml': 'secret: {a: {type: directory, path: "SECRET[box.token]"}}\n',
  });
  assert.match(nested.messages.join('\n'), /`SECRET\[box\.token\]` cannot be used here/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadTexts, loadYaml } from '../testing/config.ts';
import type { LocatedProblem } from './problems.ts';
import { renderProblems } from './render_problems.ts';

/** The rendered problems without the folder of the test. */
const render = (problems: readonly LocatedProblem[], colour = false): string =>
  renderProblems(problems, { colour }).replaceAll(/\/\S*\/(?=[a-z]\.yaml)/g, '');

const PIPELINE = 'sources:\n  in: {type: listener}\nsinks:\n  out:\n    type: logs\n    inputs: [in]\n';

test('shows each problem with its line, a caret, the path and a hint', async () => {
  const { problems } = await loadYaml(`${PIPELINE}    port: many\n    encodin: json\n    compression: {algoritm: x}\n`);
  assert.equal(
    render(problems),
    `error: expected a number, got the string "many"
  c.yaml:7:11  sinks.out.port
  7 │     port: many
    │           ^^^^

error: unknown option \`encodin\`
  c.yaml:8:5  sinks.out.encodin
  8 │     encodin: json
    │     ^^^^^^^
    hint: known here: acknowledgements, buffer, compression, graph, headers, healthcheck, inputs, node, password, port, proxy, type

error: unknown option \`algoritm\`
  c.yaml:9:19  sinks.out.compression.algoritm
  9 │     compression: {algoritm: x}
    │                   ^^^^^^^^ did you mean \`algorithm\`?

3 errors
`,
  );
});

test('groups by file and counts errors and warnings', async () => {
  const { problems } = await loadTexts({
    'a.yaml': 'sources: {in: {type: all}, more: {type: all}}\n',
    'b.yaml': 'sinks: {out: {type: any, inputs: [in], x: 1}}\n',
  });
  const text = render(problems);
  assert.match(text, /^── a\.yaml ──\n\nwarning: Source "more" has no consumers\n[\s\S]*\n\n── b\.yaml ──\n\nerror: /);
  assert.match(text, /\n\n1 error, 1 warning\n$/);
});

test('covers passwords in the offending line: by option, by the name of the key, and inside of URLs', async () => {
  const { problems } = await loadYaml(
    `${PIPELINE}    headers: {Authorization: Bearer hunter2, x: "http://me:hunter3@host/"}\n    bogus: {api_key: 'hunter4', token: [hunter5]}\n`.replace(
      'inputs: [in]',
      'inputs: [in, inn] # nothing\n    password: hunter1',
    ),
  );
  assert.ok(!/hunter/.test(render(problems)), render(problems));
  const line = '{type: any, bad: 1, password: hunter1, headers: {cookie: hunter2, url: "http://me:hunter3@h/"}}';
  const one = await loadYaml(`sources: {in: {type: all}}\nsinks:\n  o: ${line}\n`);
  const text = render(one.problems);
  assert.ok(!/hunter/.test(text), text);
  assert.match(text, /password: ●●●●●●, headers: \{cookie: ●●●●●●, url: "http:\/\/me:●●●●●●@h\/"\}/);
});

test('covers passwords in files that are not even YAML, TOML or JSON', async () => {
  const { problems } = await loadTexts({
    'a.yaml': 'a: {password: hunter1, api_key: "hunter2", x: SECRET[a.b], token: ${TOKEN}, b: [}',
    'b.toml': 'a = { password = "hunter3", b = }',
    'c.json': '{"password": "hunter4", "b": }',
  });
  const text = render(problems);
  assert.equal(problems.length, 3);
  assert.ok(!/hunter/.test(text), text);
  assert.match(text, /x: SECRET\[a\.b\], token: \$\{TOKEN\}/);
});

test('the caret stands below what is meant, whatever is in front of it', async () => {
  const cases: readonly [front: string, caret: string][] = [
    ['"ключ": 1, ', '^^^^'],
    ['"日本": 1, ', '^^^^'],
    ['"a\u0301": 1, ', '^^^^'],
    ['password: hunter2hunter2hunter2, ', '^^^^'],
  ];
  for (const [front, caret] of cases) {
    const { problems } = await loadYaml(
      `sources: {in: {type: all}}\nsinks:\n  o: {type: logs, inputs: [in], ${front}oops: 1}\n`,
    );
    const lines = render(problems.filter(({ message }) => message.includes('oops'))).split('\n');
    const shown = lines[2]!.indexOf('oops');
    const wide = [...lines[2]!.slice(0, shown)].reduce(
      (sum, char) => sum + (/[日本]/.test(char) ? 2 : /\u0301/.test(char) ? 0 : 1),
      0,
    );
    assert.equal(lines[3]!.indexOf(caret), wide, lines.join('\n'));
  }
});

test('long lines are cut around what is meant', async () => {
  const { problems } = await loadYaml(
    `sources: {in: {type: all}}\nsinks: {o: {type: logs, inputs: [in], node: ${'x'.repeat(5000)}, oops: 1, headers: {a: ${'y'.repeat(5000)}}}}\n`,
  );
  const lines = render(problems).split('\n');
  assert.ok(
    lines.slice(0, 4).every((line) => line.length < 120),
    lines.join('\n'),
  );
  assert.equal(lines[2]!.indexOf('oops'), lines[3]!.indexOf('^^^^'));
});

test('control characters of a file do not reach the terminal', async () => {
  const { problems } = await loadYaml(
    `sources: {in: {type: all}}\nsinks: {o: {type: logs, inputs: [in], "\\e[31mx": 1, "\u202ey": 1}}\n`,
  );
  const text = renderProblems(problems, { colour: false });
  assert.ok(!/[\u0000-\u0009\u000b-\u001f\u202e]/.test(text), JSON.stringify(text));
});

test('colours are only there when they are wanted', async () => {
  const { problems } = await loadYaml(`${PIPELINE}    port: many\n`);
  assert.ok(!render(problems).includes('\u001b'));
  const coloured = render(problems, true);
  assert.match(coloured, /\u001b\[31;1merror:\u001b\[0m/);
  assert.equal(coloured.replaceAll(/\u001b\[[\d;]*m/g, ''), render(problems));
});

test('shows problems without a place, files without text, and nothing at all', () => {
  const file = { path: '/x/c.yaml', text: '', hidden: [] };
  const text = renderProblems(
    [
      { severity: 'error', path: [], message: 'no file matches `*.yaml`', place: undefined, hint: 'look again' },
      { severity: 'error', path: [], message: 'there is no such file', place: { file, start: 0, end: 0 } },
    ],
    { colour: false },
  );
  assert.equal(
    text,
    'error: no file matches `*.yaml`\n  hint: look again\n\nerror: there is no such file\n  /x/c.yaml\n\n2 errors\n',
  );
  assert.equal(renderProblems([], { colour: false }), '');
});

test('of very many problems, the rest is counted', () => {
  const problems = Array.from(
    { length: 250 },
    (_, index): LocatedProblem => ({
      severity: 'warning',
      path: ['x', index],
      message: `number ${index}`,
      place: undefined,
    }),
  );
  assert.match(
    renderProblems(problems, { colour: false }),
    /number 199\n {2}x\[199\]\n\n… and 50 more\n\n250 warnings\n$/,
  );
});

test('a line that is empty or the last still has its caret', async () => {
  const { problems } = await loadYaml('a: "open');
  assert.equal(
    render(problems),
    'error: this is not YAML: missing closing "quote\n  c.yaml:1:9\n  1 │ a: "open\n    │         ^\n\n1 error\n',
  );
});

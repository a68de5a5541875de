import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openingOf } from './vrl.ts';

for (const [source, path] of [
  ['. = parse_json!(.message)', ['message']],
  ['. = object!(parse_json!(.a.b))', ['a', 'b']],
  ['. = parse_json!(string!(.message))', ['message']],
  ['. = object!(parse_json!(string!(.message)))', ['message']],
  ['# what comes\n. = (parse_json!((.message)))', ['message']],
  ['.=parse_json!(."a b"[0])', ['a b', 0]],
  ['. = parse_syslog!(.message)', ['message']],
  ['. = object!(parse_syslog!(string!(.a.b)))', ['a', 'b']],
  [". = parse_regex!(.message, r'^(?P<a>\\d+)')", ['message']],
  [". = object!(parse_regex!(string!(.a.b), (r'x')))", ['a', 'b']],
] as const) {
  test(`\`${source}\` makes the event what a text says`, () => {
    const opening = openingOf(`${source}\n.b = 1`)!;
    assert.deepEqual(opening.text?.path, path);
    assert.equal(opening.first, source.slice(source.indexOf('.')).trim());
  });
}

for (const [source, why] of [
  ['. = parse_json!(%a)', 'the text is not in the event'],
  ['. = parse_json!(.)', 'the event is the text'],
  ['. = parse_json!(.a, max_depth: 2)', 'it is not all that the text says'],
  ['. = parse_json!(value: .a)', 'an argument has a name'],
  ['. = parse_regex!(.a, .b)', 'the pattern is not written there'],
  [". = parse_regex!(.a, r'a', numeric_groups: true)", 'groups have numbers too'],
  ['. = parse_json(.a) ?? {}', 'another value stands in for what fails'],
  ['. = upcase!(.a)', 'it is another function'],
  ['. = string!(parse_json!(.a))', 'no object comes of it'],
  ['. = parse_json!(del(.a))', 'the text is not just read'],
  ['. = {"a": .b}', 'it is no text'],
] as const) {
  test(`\`${source}\` replaces the event, but ${why}`, () => {
    const opening = openingOf(source)!;
    assert.deepEqual([opening.first, opening.rest, opening.text], [source, undefined, undefined]);
  });
}

for (const source of [
  '.a = parse_json!(.message)',
  '. |= parse_key_value!(.message)',
  '. |= parse_syslog!(.message)',
  '. |= {"a": 1}',
  '., err = parse_json(.message)',
  'if true { . = {} }',
  'x = . = parse_json!(.message)',
  '% = {}',
  '.',
  '.a',
  '',
  '# nothing',
]) {
  test(`\`${source}\` does not begin by replacing the event`, () => {
    const { first, rest, text } = openingOf(source)!;
    assert.deepEqual([first, rest, text], [undefined, undefined, undefined]);
  });
}

for (const source of [
  '. |= parse_json!(.message)',
  '. |= object!(parse_json!(string!(.message)))',
  '. = merge(., object!(parse_json!(.message)))',
  '. = merge!(., parse_json!(.message))',
]) {
  test(`\`${source}\` merges what a text says into the event`, () => {
    const { first, rest, text } = openingOf(`${source}\n.b = 1`)!;
    assert.deepEqual([first, rest?.trim()], [source, '.b = 1']);
    assert.deepEqual(text, { format: 'json', path: ['message'], merges: true });
  });
}

test('captures are merged into the event', () => {
  const { rest, text } = openingOf(". |= parse_regex!(.message, r'^(?P<a>x)')\n.b = 1")!;
  assert.equal(rest?.trim(), '.b = 1');
  assert.deepEqual(text, { format: 'regex', path: ['message'], pattern: '^(?P<a>x)', merges: true });
});

for (const source of [
  '. = merge(.a, object!(parse_json!(.message)))',
  '. = merge(., object!(parse_json!(.message)), deep: true)',
  '. = merge(object!(parse_json!(.message)), .)',
  '. = merge(., parse_syslog!(.message))',
]) {
  test(`\`${source}\` is no merge of what a text says alone`, () => {
    const { first, text } = openingOf(source)!;
    assert.deepEqual([first, text], [source, undefined]);
  });
}

test('what comes after the opening stands where it stood', () => {
  const source = '# é 中\n. = parse_json!(.message) # 😀\n\n  .a = "é"\n.b = 2';
  const { rest } = openingOf(source)!;
  assert.equal(Buffer.from(rest!).indexOf('.a'), Buffer.from(source).indexOf('.a'));
  assert.equal(rest!.split('\n').length, source.split('\n').length);
  assert.equal(rest!.trim(), '.a = "é"\n.b = 2');
});

for (const [source, whole] of [
  ['.a = 1\n.', '.a = 1\n'],
  ['.a = 1; . # all of it', '.a = 1; '],
  ['. = parse_json!(.message)\n.', '. = parse_json!(.message)\n'],
  ['.', '.'],
  ['.a = 1\n.a', '.a = 1\n.a'],
  ['.\n.a = 1', '.\n.a = 1'],
] as const) {
  test(`all that \`${source.replace('\n', '⏎')}\` does is \`${whole.trim().replace('\n', '⏎')}\``, () => {
    const opening = openingOf(source)!;
    assert.equal(opening.whole, whole);
    if (opening.first) assert.equal(opening.rest, undefined);
  });
}

test('text that is no program has no opening', () => {
  assert.equal(openingOf('. = "'), undefined);
});

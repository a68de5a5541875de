// How diagnostics look.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CODES, type Code } from './codes.ts';
import { context, type Diagnostic, type Label, primary } from './diagnostic.ts';
import { renderDiagnostics } from './render.ts';

function diagnostic(labels: readonly Label[], notes: readonly string[] = []): Diagnostic {
  return { severity: 'error', code: 103, message: 'the title', labels, notes };
}

function span(start: number, end: number) {
  return { start, end };
}

/** The rendered text without its title. */
function body(source: string, labels: readonly Label[], notes: readonly string[] = []): string {
  const text = renderDiagnostics([diagnostic(labels, notes)], source, { color: false });
  assert.ok(text.startsWith('error[E103]: the title\n'));
  return text.slice(text.indexOf('\n') + 1);
}

function lines(...rows: string[]): string {
  return rows.join('\n');
}

test('the fault is underlined, and notes follow', () => {
  assert.equal(
    body(
      '\n. = f(.a)\n',
      [primary('this can fail\nhandle it', span(5, 10)), context('or here', span(1, 2))],
      ['hint: a\nb'],
    ),
    lines(
      '  ┌─ :2:5',
      '  │',
      '2 │ . = f(.a)',
      '  │ -   ^^^^^ this can fail',
      '  │ │         handle it',
      '  │ or here',
      '  │',
      '  = hint: a',
      '    b',
    ),
  );
});

test('labels that touch or overlap hang below each other', () => {
  assert.equal(
    body('now!()', [primary('cannot fail', span(0, 3)), context('remove this', span(3, 4))]),
    lines('  ┌─ :1:1', '  │', '1 │ now!()', '  │ ^^^- remove this', '  │ │', '  │ cannot fail'),
  );
  assert.equal(
    body('abcdef', [primary('all', span(0, 6)), context('part', span(2, 3))]),
    lines('  ┌─ :1:1', '  │', '1 │ abcdef', '  │ ^^^^^^', '  │ │ │', '  │ │ part', '  │ all'),
  );
});

test('a label over several lines is led along the left', () => {
  assert.equal(
    body('x = f(\n  1,\n  2,\n  3,\n)', [primary('this', span(4, 23)), context('target', span(0, 1))]),
    lines(
      '  ┌─ :1:5',
      '  │',
      '1 │   x = f(',
      '  │   - target',
      '  │ ╭─────^',
      '2 │ │   1,',
      '  · │',
      '5 │ │ )',
      '  │ ╰─^ this',
    ),
  );
});

test('places far apart are shown with a gap', () => {
  assert.equal(
    body('a\nb\nc\nd\ne\nf\ng\nh\ni\nj', [primary('one', span(0, 1)), context('two', span(18, 19))]),
    lines('   ┌─ :1:1', '   │', ' 1 │ a', '   │ ^ one', '   ·', '10 │ j', '   │ - two'),
  );
});

test('tabs, wide characters and carriage returns keep marks in place', () => {
  assert.equal(
    body('\té日本x\r\n', [primary('here', span(3, 9))]),
    lines('  ┌─ :1:3', '  │', '1 │     é日本x', '  │      ^^^^ here'),
  );
});

test('the end of the program has a place', () => {
  assert.equal(body('a (', [primary('end', span(3, 3))]), lines('  ┌─ :1:4', '  │', '1 │ a (', '  │    ^ end'));
  assert.equal(body('a\n', [primary('end', span(2, 2))]), lines('  ┌─ :2:1', '  │', '2 │', '  │ ^ end'));
});

test('a newline is marked at the end of its line', () => {
  assert.equal(body('a (\nb', [primary('end', span(3, 4))]), lines('  ┌─ :1:4', '  │', '1 │ a (', '  │    ^ end'));
});

test('a long line is cut around the fault', () => {
  const rows = body('abc '.repeat(10_000), [primary('here', span(20_000, 20_003))]).split('\n');
  assert.ok(rows.every((row) => row.length < 200));
  assert.equal(rows[0], '  ┌─ :1:20001');
  const column = rows[3]!.indexOf('^');
  assert.equal(rows[2]!.slice(column, column + 3), 'abc');
});

test('the file is named, warnings are warnings, and without labels there is no excerpt', () => {
  const one: Diagnostic = {
    severity: 'warning',
    code: 900,
    message: 'unused',
    labels: [primary('x', span(0, 1))],
    notes: [],
  };
  const text = renderDiagnostics([one, { ...one, labels: [] }], 'a', { color: false, fileName: 'a.vrl' });
  assert.equal(text, 'warning[E900]: unused\n  ┌─ a.vrl:1:1\n  │\n1 │ a\n  │ ^ x\n\nwarning[E900]: unused');
});

test('what a program holds cannot colour or move the terminal', () => {
  const text = renderDiagnostics([diagnostic([primary('\x1b[31m', span(0, 1))], ['\x07'])], 'a\x1b[2J\u202eb', {
    color: false,
  });
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\u202e]/);
});

test('colours change nothing but the colours', () => {
  const one = diagnostic([primary('one', span(4, 30)), context('two', span(0, 1))], ['hint: x']);
  const source = 'x = foo(\n  1,\n  2,\n  3,\n  4,\n  5\n)\n';
  const coloured = renderDiagnostics([one], source, { color: true });
  assert.notEqual(coloured, renderDiagnostics([one], source, { color: false }));
  const plain = coloured.replace(/\x1b\[[\d;]*m/g, '').replace(/ +$/gm, '');
  assert.equal(plain, renderDiagnostics([one], source, { color: false }));
});

test('any labels on any source give text', () => {
  const labels = fc.array(fc.tuple(fc.nat(60), fc.nat(60), fc.boolean()), { maxLength: 5 });
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '\n', '\t', 'é', '日', '😀', ' '), maxLength: 40 }),
      labels,
      (source, places) => {
        const made = places.map(([a, b, isPrimary]) => ({
          message: 'm',
          primary: isPrimary,
          span: span(Math.min(a, b), Math.max(a, b)),
        }));
        assert.ok(renderDiagnostics([diagnostic(made)], source, { color: true }).length > 0);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('every code has a name and an explanation', () => {
  const known = Object.keys(CODES).map((code) => CODES[Number(code) as Code]);
  assert.equal(known.length, 68);
  for (const { name, explanation } of known) assert.match(`${name}: ${explanation}`, /^[A-Z]\w+: [A-Z\d].*\.$/s);
  assert.equal(new Set(known.map(({ name }) => name)).size, 68);
});

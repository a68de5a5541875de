import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Level, LogFields, LogRecord } from '../telemetry/log.ts';
import { LineOutput, logLevel, renderLine, wantsColour } from './log_writer.ts';

const record = (message: string, fields: LogFields = {}, level: Level = 'info'): LogRecord => ({
  timeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  level,
  message,
  fields,
});

const HOSTILE = 'a\u0000b\u001b[2Jc\r\nd\u007f\u0085\u009be\u2028f\u202eg"h\\';

test('text is one line: time, level, message and fields', () => {
  assert.equal(
    renderLine(
      record('Said.', { component_id: 'in', path: '/a b', count: 2, ok: true, absent: undefined }),
      'text',
      false,
    ),
    '2026-01-02T03:04:05.678Z  INFO Said. component_id=in path="/a b" count=2 ok=true',
  );
  assert.match(renderLine(record('m', {}, 'error'), 'text', false), /Z ERROR m$/);
});

test('colours frame the time, the level and the names of fields, and nothing else has escapes', () => {
  const line = renderLine(record('m', { path: '/a' }, 'warn'), 'text', true);
  assert.equal(line, '\u001b[2m2026-01-02T03:04:05.678Z\u001b[0m \u001b[33m WARN\u001b[0m m \u001b[2mpath=\u001b[0m/a');
});

test('text shows control characters of a peer as escapes', () => {
  assert.equal(
    renderLine(record(HOSTILE, { peer: HOSTILE }), 'text', false).slice(31),
    'a\\u0000b\\u001b[2Jc\\u000d\\u000ad\\u007f\\u0085\\u009be\\u2028f\\u202eg"h\\ ' +
      'peer="a\\u0000b\\u001b[2Jc\\r\\nd\\u007f\\u0085\\u009be\\u2028f\\u202eg\\"h\\\\"',
  );
});

test('JSON reads back as what was said, and hides control characters as well', () => {
  const line = renderLine(record(HOSTILE, { peer: HOSTILE, n: 1, ok: false, absent: undefined }), 'json', true);
  assert.deepEqual(JSON.parse(line), {
    timestamp: '2026-01-02T03:04:05.678Z',
    level: 'INFO',
    message: HOSTILE,
    peer: HOSTILE,
    n: 1,
    ok: false,
  });
  assert.match(line, /^[\x20-\x7e]*$/);
});

test('no field takes the place of time, level and message, or of the object’s prototype', () => {
  const fields = JSON.parse('{"level":"x","message":"x","timestamp":"x","__proto__":"own"}') as LogFields;
  const line = JSON.parse(renderLine(record('real', fields), 'json', false)) as Record<string, unknown>;
  assert.equal(line['message'], 'real');
  assert.equal(line['level'], 'INFO');
  assert.match(String(line['timestamp']), /^2026/);
  assert.ok(Object.hasOwn(line, '__proto__'));
});

test('any message and field makes one line of printable characters in both formats', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, fc.dictionary(text, text, { maxKeys: 3 }), (message, fields) => {
      for (const format of ['text', 'json'] as const) {
        const line = renderLine(record(message, fields), format, false);
        assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      }
      const parsed = JSON.parse(renderLine(record(message, fields), 'json', false)) as { message: string };
      assert.equal(parsed.message, message);
    }),
  );
});

for (const format of ['text', 'json'] as const) {
  test(`a long line in ${format} is cut inside its texts`, () => {
    const fields = { first: '\u0001'.repeat(100_000), second: 'y'.repeat(100_000), count: 3 };
    const line = renderLine(record('z'.repeat(100_000), fields), format, false);
    assert.ok(line.length < 17_000, `${line.length}`);
    assert.match(line, /z…/);
    assert.match(line, /count"?[=:]3/);
    if (format === 'json') assert.equal((JSON.parse(line) as { count: number }).count, 3);
  });
}

/** An output into memory that takes as many bytes as it is told. */
function output(): { lines: LineOutput; text: () => string; take: (bytes: number) => void; calls: () => number } {
  let room = Number.POSITIVE_INFINITY;
  let text = '';
  let calls = 0;
  const lines = new LineOutput((bytes) => {
    calls += 1;
    if (room === 0) throw Object.assign(new Error('busy'), { code: 'EAGAIN' });
    const taken = Math.min(room, bytes.length);
    room -= taken;
    text += bytes.toString('utf8', 0, taken);
    return taken;
  });
  return { lines, text: () => text, take: (bytes) => void (room = bytes), calls: () => calls };
}

test('a line goes out at once', () => {
  const { lines, text } = output();
  lines.write('one');
  lines.write('two');
  assert.equal(text(), 'one\ntwo\n');
});

test('a reader that takes a part gets the rest before anything else, in order', () => {
  const { lines, text, take } = output();
  take(2);
  lines.write('first');
  assert.equal(text(), 'fi');
  lines.write('second');
  assert.equal(text(), 'fi');
  take(Number.POSITIVE_INFINITY);
  lines.write('third');
  assert.equal(text(), 'first\nsecond\nthird\n');
});

test('a slow reader is tried again without another line', async () => {
  const { lines, text, take, calls } = output();
  const keepAlive = setInterval(() => {}, 1_000);
  take(0);
  lines.write('waits');
  const before = calls();
  take(Number.POSITIVE_INFINITY);
  while (calls() === before) await new Promise((resolve) => setImmediate(resolve));
  clearInterval(keepAlive);
  assert.equal(text(), 'waits\n');
});

test('what a reader that never reads makes wait is bounded, and the lines beyond it are counted', () => {
  const { lines, text, take } = output();
  take(0);
  for (let i = 0; i < 1_000; i++) lines.write('x'.repeat(999));
  take(Number.POSITIVE_INFINITY);
  lines.write('last');
  const written = text().split('\n');
  assert.equal(written.filter((line) => line.startsWith('xxx')).length, 262);
  assert.equal(written.filter((line) => line === 'last').length, 1);
  assert.equal(written.at(-2), '738 log lines were lost: standard error was not read fast enough');
});

test('an output that nobody reads any more is no reason to fail', () => {
  const lines = new LineOutput(() => {
    throw Object.assign(new Error('gone'), { code: 'EPIPE' });
  });
  lines.write('one');
  lines.write('two');
});

for (const [verbose, quiet, filter, level] of [
  [0, 0, undefined, 'info'],
  [1, 0, undefined, 'debug'],
  [2, 0, undefined, 'trace'],
  [9, 0, undefined, 'trace'],
  [0, 1, undefined, 'warn'],
  [0, 2, undefined, 'error'],
  [0, 3, undefined, 'off'],
  [0, 9, undefined, 'off'],
  [1, 1, undefined, 'info'],
  [2, 0, 'error', 'error'],
  [0, 0, ' DEBUG ', 'debug'],
  [0, 0, 'warn,vector=debug', 'debug'],
  [0, 0, 'sluice=trace,warn', 'trace'],
  [0, 0, 'info,rdkafka=off,vector::sources=trace', 'info'],
  [1, 0, 'rdkafka=off', 'debug'],
  [0, 0, '', 'info'],
  [0, 1, 'loud', 'warn'],
  [0, 0, '__proto__,constructor=debug', 'info'],
] as const) {
  test(`the level is ${level} with ${verbose} × -v, ${quiet} × -q and the filter ${filter}`, () => {
    assert.equal(logLevel(verbose, quiet, filter), level);
  });
}

test('commands that are a level quieter start from there', () => {
  assert.equal(logLevel(0, 0, undefined, 'warn'), 'warn');
  assert.equal(logLevel(1, 0, undefined, 'warn'), 'info');
  assert.equal(logLevel(0, 0, 'debug', 'warn'), 'debug');
});

test('paints when asked to, or for a person who did not ask for none', () => {
  assert.equal(wantsColour('auto', { isTTY: true }, {}), true);
  assert.equal(wantsColour('auto', {}, {}), false);
  assert.equal(wantsColour('auto', { isTTY: true }, { NO_COLOR: '1' }), false);
  assert.equal(wantsColour('auto', { isTTY: true }, { NO_COLOR: '' }), true);
  assert.equal(wantsColour('auto', { isTTY: true }, { TERM: 'dumb' }), false);
  assert.equal(wantsColour('always', {}, { NO_COLOR: '1' }), true);
  assert.equal(wantsColour('never', { isTTY: true }, {}), false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationText, memoryChart, sizeText } from './chart.ts';
import { type Frame, shortPath, siteName } from './names.ts';
import { profilePage, rateText } from './page.ts';

const HOSTILE = '</script><img src=x onerror=alert(1)>"\'&';

const page = profilePage({
  title: 'Memory profile',
  facts: [['process', HOSTILE]],
  series: {
    times: [0, 1, 2],
    rss: [2e8, 2.1e8, 2.2e8],
    heapUsed: [5e7, 6e7, 5e7],
    owners: Array.from({ length: 20 }, (_, i) => ({ name: `${HOSTILE} ${i}`, bytes: [1e6, 2e6, 3e6] })),
  },
  sites: [{ name: HOSTILE, callers: [HOSTILE], liveBytes: 1_048_576, totalBytes: 4_194_304 }],
  profiledSecs: 60,
});

test('nothing that a configuration or code is called becomes part of the page', () => {
  assert.equal(page.includes('<img'), false);
  assert.equal(page.split('</script>').length, 2);
});

test('the page needs nothing but itself, and says so to the browser', () => {
  assert.equal(/(src|href)=/.test(page.replaceAll('src=x', '')), false);
  assert.match(page, /default-src 'none'/);
  assert.match(page, /http-equiv="Content-Security-Policy"/);
});

test('owners beyond the colours are one area, and sites have their lifetime', () => {
  assert.equal(page.match(/<polygon /g)?.length, 12);
  assert.match(page, /9 smaller owners/);
  // A quarter of what 60 seconds allocated is alive.
  assert.match(page, /<td data-v="15">15 s<\/td>/);
});

test('a chart of one sample is a sentence', () => {
  assert.match(memoryChart({ times: [0], rss: [1], heapUsed: [1], owners: [] }), /too few samples/);
});

for (const [bytes, text] of [
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [-2_097_152, '-2 MiB'],
  [250 * 1024 ** 3, '250 GiB'],
] as const) {
  test(`${bytes} bytes are ${text}`, () => assert.equal(sizeText(bytes), text));
}

test('rates have a sign, and durations a unit that fits', () => {
  assert.deepEqual(
    [rateText(0.2), rateText(2048), rateText(-2048), rateText(Infinity)],
    ['0', '+2 KiB/s', '-2 KiB/s', '?'],
  );
  assert.deepEqual([0.002, 30, 600, 9000].map(durationText), ['2 ms', '30 s', '10 min', '2.5 h']);
});

const frame = (functionName: string, url: string, lineNumber = 9): Frame => ({
  functionName,
  url,
  lineNumber,
  columnNumber: 0,
});

for (const [given, name] of [
  [frame('write', 'file:///opt/sluice/src/sinks/http/http.ts'), 'write (sink http, sinks/http/http.ts:10)'],
  [frame('', 'file:///opt/sluice/src/std/queue.ts'), '(anonymous) (std/queue.ts:10)'],
  [frame('anonymous', 'sluice/my_remap/program'), 'anonymous (my_remap/program:10)'],
  [frame('parse', '', -1), 'parse (built in)'],
  [frame('f', '', 3), 'f (made at run time)'],
  [frame('run', 'file:///x/node_modules/@scope/name/lib/a.js'), 'run (@scope/name: lib/a.js:10)'],
  [frame('emit', 'node:events'), 'emit (node:events:10)'],
] as const) {
  test(`a site is called ${name}`, () => assert.equal(siteName(given), name));
}

test('a path that is nowhere known keeps its end', () => {
  assert.equal(shortPath('file:///a/b/c/d.js'), 'c/d.js');
});

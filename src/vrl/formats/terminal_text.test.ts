import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownText, terminalText } from './terminal_text.ts';

const CASES: readonly (readonly [string, string])[] = [
  ['plain é 😀', 'plain é 😀'],
  ['\x1b[1;31mred\x1b[0m', 'red'],
  ['a\tb\r\nc', 'ab\nc'],
  ['\x1b]0;title\x07text', 'text'],
  ['\x1b]8;;http://é\x1b\\link', 'link'],
  ['\x1b[3\n1mx', '\nx'],
  ['\x1bP1$r0m\x1b\\y', 'y'],
  ['\x1bPqÜ shown', ' shown'],
  ['\x1b(Bw\x1bM.', 'w.'],
  ['\x1bé(xy', 'y'],
  ['\x1b[12', ''],
  ['\x1bXabc\x18d', 'd'],
];

for (const [text, shown] of CASES) {
  test(`shows ${JSON.stringify(shown)} of ${JSON.stringify(text)}`, () => assert.equal(shownText(text), shown));
}

test('reads bytes as a terminal does: broken characters are shown as such, lone controls go, the cut-off end waits', () => {
  assert.equal(shownText(terminalText(Uint8Array.of(0x61, 0xff, 0x62, 0x9b, 0x63, 0xe2, 0x82))), 'a\ufffdbc');
  assert.equal(shownText(terminalText(Uint8Array.of(0xe2, 0x82, 0x1b, 0x5b, 0x6d, 0x78))), '\ufffdx');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CompiledRegex, compileRegex } from '../regex.ts';

const RUNS = Number(process.env['BYTE_MATCHER_RUNS'] ?? 500);

/** Not escaped by anything. */
const raw = String.raw;

/** Patterns, each with a text that matches. */
const PATTERNS = [
  [
    raw`^(?P<time>\S+) (?P<stream>stdout|stderr) (?P<flag>[PF]) (?P<message>.*)$`,
    '2026-01-01T00:00:00.1Z stdout P a message of "words"',
  ],
  [
    raw`^(?P<host>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<method>\S+) (?P<path>\S+) [^"]*" (?P<code>\d+) (?P<size>\d+) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)"$`,
    '10.0.0.1 - anna [01/Jan/2026] "GET /shop HTTP/1.1" 200 120 "-" "curl/8 (x)"',
  ],
  [raw`^(?P<word>[a-z]+)`, 'abc def'],
  [raw`^<(?P<n>\d{1,3})>(?P<rest>[^x]*)`, '<134>something x'],
  [raw`^(?P<a>a*)(?P<b>b*)(?P<c>c?)$`, 'aabbc'],
  [raw`^(?P<all>(?P<in>[0-9]{2,4}?)-)(?P<s>(?s:.*))$`, '123-any\nthing'],
  [raw`^(?i)(?P<k>k+)(?P<level>[a-j]+): (?P<x>[^ ]+)`, 'KkabC: x'],
  [raw`^(?P<none>)(?P<w>\w+),(?P<nw>\W)$`, 'word,!'],
] as const;

function compiled(pattern: string): CompiledRegex {
  const regex = compileRegex(pattern);
  assert.ok(typeof regex === 'object', String(regex));
  return regex;
}

const token = fc.oneof(
  fc.constantFrom('stdout', 'stderr', 'P', 'F', ' ', ' ', '"', '[', ']', '-', '<', '>', ',', ': ', 'x', 'a', 'b', 'c'),
  fc.constantFrom('1', '1234', '\n', '\r', '\t', '\0', '\x7f', ''),
  fc.constantFrom('ü', '€', '\u0085', '\u00a0', '\u2028', '😀', '٣', '\u212a', 'ſ'),
  fc.string({ maxLength: 3 }).filter((one) => one.isWellFormed()),
);

/** Texts near to one that matches: pieces of it are replaced by others, of all kinds of characters. */
function near(example: string) {
  const changes = fc.array(fc.tuple(fc.nat(example.length), fc.nat(3), token), { maxLength: 3 });
  return changes.map((all) =>
    all
      .reduce((text, [at, length, piece]) => text.slice(0, at) + piece + text.slice(at + length), example)
      .toWellFormed(),
  );
}

for (const [pattern, example] of PATTERNS) {
  test(`finds in bytes what ${pattern} captures in text`, () => {
    const regex = compiled(pattern);
    const matcher = regex.byteMatcher;
    assert.ok(matcher, 'it leaves no choice');
    const places = new Int32Array(2 * matcher.names.length);
    let matches = 0;
    fc.assert(
      fc.property(near(example), fc.nat(3), (text, shift) => {
        const bytes = Buffer.from(`${'?'.repeat(shift)}${text}${'a1 '.repeat(3)}`);
        const end = shift + Buffer.byteLength(text);
        const match = regex.exec(text);
        // It may not know, of text that is more than ASCII.
        if (!matcher.match(bytes, shift, end, places)) return assert.ok(!match || /[^\0-\x7f]/.test(text), text);
        matches += 1;
        assert.ok(match, `${JSON.stringify(text)} matches`);
        for (const [index, name] of matcher.names.entries()) {
          const found = bytes.toString('utf8', places[2 * index], places[2 * index + 1]);
          assert.equal(found, match[regex.names.indexOf(name)], name);
          if (matcher.areAscii[index]) assert.ok(Buffer.byteLength(found) === found.length, name);
        }
      }),
      { numRuns: RUNS },
    );
    assert.ok(matches > RUNS / 20, 'some texts match');
  });
}

for (const [pattern, why] of [
  [raw`(?P<a>\d+)`, 'it may begin anywhere'],
  [raw`^(?P<a>.*) (?P<b>.*)$`, 'what is taken first may be given back'],
  [raw`^(?P<a>\S+?)`, 'it takes as little as it can'],
  [raw`^(?P<a>\w+)(?P<b>\d*)$`, 'digits are letters of words'],
  [raw`^(?P<a>a|ab)c$`, 'one word begins another'],
  [raw`^(?P<a>x)?y`, 'a group may take no part'],
  [raw`^((?P<a>x)y)+`, 'a group may take part more than once'],
  [raw`^(?P<a>.{3})`, 'characters are counted'],
  [raw`^(?P<a>a)\b`, 'it looks around'],
  [raw`(?m)^(?P<a>a+)$`, 'a line may begin anywhere'],
  [raw`^a(?P<u>ü)`, 'a character has two bytes'],
  [raw`^(?i)(?P<a>info|warn)`, 'words are of both cases'],
  [raw`^\d+$`, 'there is nothing to capture'],
] as const) {
  test(`leaves ${pattern} alone, as ${why}`, () => {
    assert.equal(compiled(pattern).byteMatcher, undefined);
  });
}

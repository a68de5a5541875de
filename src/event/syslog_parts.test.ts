import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSyslog, processId, SYSLOG_FACILITIES, SYSLOG_FIELDS, SYSLOG_SEVERITIES } from './syslog.ts';
import { APPNAME, HOSTNAME, MSGID, PROCID, SyslogParts } from './syslog_parts.ts';
import { UTC } from './timezone.ts';

const PLAIN = '<165>1 2003-10-11T22:14:15.003Z web app 111 ID47 [ex@32473 iut="3" id="10\\"11"][p@1 c="h"] An entry';

const memory = Buffer.alloc(4_096);
const isTaken = (name: string) => (SYSLOG_FIELDS as readonly string[]).includes(name);

/** What the parts say, in the form of what the parser gives. Undefined when they leave the message to it. */
function found(parts: SyslogParts, line: Buffer) {
  const start = 7;
  line.copy(memory, start);
  if (!parts.find(start, start + line.length)) return undefined;
  const word = (index: number) =>
    parts.isMissing(index) ? undefined : memory.toString('utf8', parts.words[2 * index], parts.words[2 * index + 1]);
  return {
    facility: SYSLOG_FACILITIES[parts.priority >> 3],
    severity: SYSLOG_SEVERITIES[parts.priority & 7],
    version: parts.version,
    timestamp: parts.timestamp,
    hostname: word(HOSTNAME),
    appname: word(APPNAME),
    procid: word(PROCID),
    msgid: word(MSGID),
    message: memory.toString('utf8', parts.messageStart, parts.messageEnd),
  };
}

function parsed(line: Buffer, isExact: boolean) {
  const read = parseSyslog(line.toString(), { nowSeconds: 0, zone: UTC, isExact });
  if (!read) return undefined;
  const { structuredData: _, ...rest } = read;
  return rest;
}

function assertSame(parts: SyslogParts, line: Buffer): boolean {
  const part = found(parts, line);
  if (!part) return false;
  const procid = part.procid === undefined ? undefined : processId(part.procid);
  for (const isExact of [true, false]) assert.deepEqual(parsed(line, isExact), { ...part, procid }, line.toString());
  return true;
}

test('finds the parts of a usual message', () => {
  const parts = new SyslogParts(memory, isTaken);
  assert.deepEqual(found(parts, Buffer.from(PLAIN)), {
    facility: 'local4',
    severity: 'notice',
    version: 1,
    timestamp: parts.timestamp,
    hostname: 'web',
    appname: 'app',
    procid: '111',
    msgid: 'ID47',
    message: 'An entry',
  });
  assert.equal(String(parts.timestamp), '2003-10-11T22:14:15.003Z');
});

test('times of one minute are read as each on its own', () => {
  const parts = new SyslogParts(memory, isTaken);
  for (const time of [
    '15Z',
    '16.5Z',
    '59.123456789Z',
    '00.000000001Z',
    '60Z',
    '15.003+01:00',
    '15z',
    '7.5Z',
    '08.Z',
    '09.1234567891Z',
  ])
    for (let i = 0; i < 2; i++) {
      const line = Buffer.from(PLAIN.replace('15.003Z', time));
      const isFound = assertSame(parts, line);
      assert.equal(isFound, parsed(line, true) !== undefined && !line.toString().includes('08.Z'), time);
    }
});

for (const [line, why] of [
  [PLAIN.replace('web', 'web '), 'two blanks'],
  [PLAIN.replace('web', 'wéb'), 'a byte beyond ASCII in the header'],
  [PLAIN.replace('web', 'web:'), 'a colon behind a word'],
  [`${PLAIN} `, 'white space at the end'],
  [`${PLAIN}\u2003`, 'wide white space at the end'],
  [PLAIN.replace('<165>', ''), 'no priority'],
  [PLAIN.replace('<165>', '<256>'), 'a priority that is none'],
  [PLAIN.replace('[p@1', '[hostname'), 'structured data in the place of a field'],
  [PLAIN.replace('c="h"', 'c="h'), 'a quote that is not closed'],
  [PLAIN.replace('[p@1 c="h"]', '[p@1 c]'), 'a parameter without a value'],
  ['<34>Oct 11 22:14:15 db su[7]: failed', 'a message of RFC 3164'],
  ['<34>1 2003-10-11T22:14:15Z a b c', 'too few words'],
  ['<', 'nothing'],
] as const) {
  test(`leaves ${why} to the parser`, () => {
    assert.equal(found(new SyslogParts(memory, isTaken), Buffer.from(line)), undefined);
  });
}

test('what is found is what the parser finds, whatever stands in the line', () => {
  const parts = new SyslogParts(memory, isTaken);
  const piece = fc.constantFrom(
    ' ',
    '  ',
    '-',
    ':',
    '[',
    ']',
    '"',
    '\\',
    '=',
    '<',
    '>',
    '1',
    '60',
    'a',
    'é',
    '\t',
    '\u0085',
    '[x@1 a="b"]',
    'message',
    '.5',
    'Z',
  );
  let count = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(PLAIN.length), fc.nat(4), piece), { maxLength: 3 }), (edits) => {
      let line = PLAIN;
      for (const [at, removed, text] of edits) line = line.slice(0, at) + text + line.slice(at + removed);
      if (assertSame(parts, Buffer.from(line))) count += 1;
    }),
    { numRuns: 3_000 },
  );
  assert.ok(count > 300, `${count} were found`);
});

test('bytes that are no UTF-8 make no difference outside of the words', () => {
  const parts = new SyslogParts(memory, isTaken);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6 }), fc.boolean(), (bytes, isValue) => {
      const [before, behind] = isValue
        ? ['<34>1 2003-10-11T22:14:15Z a b c d [e@1 f="', '"] end']
        : [`${PLAIN} `, 'end'];
      assertSame(parts, Buffer.concat([Buffer.from(before), bytes, Buffer.from(behind)]));
    }),
    { numRuns: 2_000 },
  );
});

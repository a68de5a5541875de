import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DnsProblem, decodeReply, encodeName, encodeQuery, isReplyTo } from './dns_message.ts';

const query = encodeQuery({ id: 7, name: encodeName('Mail.example'), type: 15, class: 1 });

/** A reply to the query: the question, and records. */
function reply(answers: number, ...records: readonly (readonly number[])[]): Uint8Array {
  const header = [0, 7, 0x85, 0x80, 0, 1, 0, answers, 0, 0, 0, 0];
  return Uint8Array.from([...header, ...query.slice(12, -11), ...records.flat()]);
}

/** A record of the name in the question. */
function record(type: number, data: readonly number[]): number[] {
  return [0xc0, 12, type >> 8, type & 255, 0, 1, 0, 0, 1, 44, 0, data.length, ...data];
}

test('reads records in the notation of zone files', () => {
  const bytes = reply(
    4,
    record(15, [0, 10, 2, 109, 120, 0xc0, 12]),
    record(16, [3, 97, 34, 98, 1, 7]),
    record(1, [1, 2, 3, 4]),
    record(65000, [1, 255]),
  );
  assert.equal(isReplyTo(bytes, query), true);
  const decoded = decodeReply(bytes);
  assert.deepEqual(
    (decoded['answers'] as { rData: string }[]).map(({ rData }) => rData),
    ['10 mx.Mail.example.', '"a\\"b" "\\007"', '1.2.3.4', '\\# 2 01 ff'],
  );
  assert.deepEqual(decoded['question'], [
    { class: 'IN', domainName: 'Mail.example', questionType: 'MX', questionTypeId: 15 },
  ]);
  assert.equal(decoded['rcodeName'], 'NOERROR');
});

test('refuses replies that lie', () => {
  const loops = reply(1, [0xc0, 30, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
  assert.throws(() => decodeReply(loops), DnsProblem);
  assert.throws(() => decodeReply(reply(65535, record(1, [1, 2, 3, 4]))), DnsProblem);
  assert.throws(() => decodeReply(reply(1, record(1, [1, 2, 3, 4]).slice(0, -2))), DnsProblem);
  assert.equal(isReplyTo(Uint8Array.from([0, 8, 0x80]), query), false);
});

for (const [name, problem] of [
  ['', 'unexpected end of input'],
  ['a..b', 'empty label'],
  ['a'.repeat(64), 'label length limit exceeded'],
  ['é', 'non-ASCII symbol'],
  ['a\\', 'unexpected end of input'],
  ['a\\999', 'illegal escape sequence'],
  ['a.'.repeat(200), 'long domain name'],
] as const) {
  test(`refuses the name ${JSON.stringify(name.slice(0, 20))}`, () =>
    assert.throws(() => encodeName(name), { message: problem }));
}

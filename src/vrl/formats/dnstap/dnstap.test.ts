import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectValue } from '../../../event/value.ts';
import { ByteReader, TruncatedData } from './byte_reader.ts';
import { readQueryMessage, readUpdateMessage } from './dns_message.ts';
import { parseDnstap } from './dnstap.ts';

const bytes = (...parts: (number | string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part as string))));
const name = (...labels: string[]): Uint8Array => bytes(...labels.flatMap((label) => [label.length, label]), 0);
const u16 = (value: number): Uint8Array => bytes(value >> 8, value & 255);
const header = (flags: number, ...counts: number[]): Uint8Array => bytes(...[7, flags, ...counts].map(u16));

/** A record named by a pointer to the question. */
const record = (type: number, ttl: number, data: Uint8Array): Uint8Array =>
  bytes(0xc0, 12, u16(type), u16(1), u16(0), u16(ttl), u16(data.length), data);

const options = { lowercaseHostnames: false };

test('a response with records of several types', () => {
  const message = bytes(
    header(0x8583, 1, 3, 0, 1),
    bytes(name('Host', 'example'), u16(1), u16(1)),
    record(1, 60, bytes(192, 0, 2, 1)),
    record(15, 60, bytes(u16(10), 4, 'mail', 0xc0, 17)),
    record(65_280, 60, bytes(1, 2)),
    bytes(0, u16(41), u16(1232), u16(0x0100), u16(0x8000), u16(8), u16(15), u16(4), u16(9), 'no'),
  );
  const read = readQueryMessage(new ByteReader(message), options);
  const own = { class: 'IN', domainName: 'Host.example.', ttl: 60 };
  assert.deepEqual(read['answers'], [
    { ...own, recordType: 'A', recordTypeId: 1, rData: '192.0.2.1' },
    { ...own, recordType: 'MX', recordTypeId: 15, rData: '10 mail.example.' },
    { ...own, recordTypeId: 65_280, rDataBytes: 'AQI=' },
  ]);
  assert.deepEqual(read['opt'], {
    do: true,
    ednsVersion: 0,
    extendedRcode: 1,
    udpPayloadSize: 1232,
    ede: [{ infoCode: 9, purpose: 'DNSKEY Missing', extraText: 'no' }],
  });
  assert.equal(read['fullRcode'], 19);
  assert.equal(read['additional'], undefined);
  const lower = readQueryMessage(new ByteReader(message), { lowercaseHostnames: true });
  assert.equal(((lower['question'] as ObjectValue[])[0] as ObjectValue)['domainName'], 'host.example.');
});

test('an update of a zone', () => {
  const message = bytes(
    header(0x2800, 1, 0, 1, 0),
    bytes(name('example'), u16(6), u16(1)),
    record(1, 60, bytes(192, 0, 2, 1)),
  );
  const read = readUpdateMessage(new ByteReader(message), options);
  assert.deepEqual(read['zone'], { zName: 'example.', zType: 'SOA', zTypeId: 6, zClass: 'IN' });
  assert.equal((read['update'] as ObjectValue[]).length, 1);
  assert.deepEqual(read['header'], {
    id: 7,
    opcode: 5,
    rcode: 0,
    qr: 0,
    zoCount: 1,
    prCount: 0,
    upCount: 1,
    adCount: 0,
  });
});

test('names cannot go round in circles', () => {
  const message = bytes(header(0, 1, 0, 0, 0), 0xc0, 12, u16(1), u16(1));
  assert.throws(() => readQueryMessage(new ByteReader(message), options), TruncatedData);
});

test('a frame keeps a DNS message that cannot be read', () => {
  const message = bytes(8, 5, 0x52, 3, 'abc');
  const event = parseDnstap(bytes(0x0a, 3, 'ns1', 0x72, message.length, message, 0x78, 1), options);
  assert.equal(event['serverId'], 'ns1');
  assert.equal(event['messageType'], 'ClientQuery');
  assert.deepEqual(event['requestData'], { rawData: 'YWJj' });
  assert.equal(event['error'], 'unexpected end of input reached');
  assert.equal(typeof event['rawData'], 'string');
});

test('what is no dnstap is refused', () => {
  for (const frame of [
    bytes(),
    bytes(0x0a, 9),
    bytes(0x0f, 1),
    bytes(0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1),
  ])
    assert.throws(() => parseDnstap(frame, options), TruncatedData);
});

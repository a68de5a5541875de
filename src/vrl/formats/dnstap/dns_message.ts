// DNS messages as objects: queries and their answers, and updates of zones.

import type { ObjectValue, Value } from '../../../event/value.ts';
import type { ByteReader } from './byte_reader.ts';
import { className, ERROR_PURPOSES, optionName, RECORD_TYPES, RESPONSE_CODES } from './dns_names.ts';
import { readName } from './domain_name.ts';
import { base64, recordText } from './record_data.ts';

export interface DnsOptions {
  readonly lowercaseHostnames: boolean;
}

const OPT = 41;
const EXTENDED_ERROR = 15;

interface Header {
  readonly id: number;
  readonly flags: number;
  /** Of questions, answers, authorities and additional records; of an update, other things by the same places. */
  readonly counts: readonly [number, number, number, number];
}

function readHeader(reader: ByteReader): Header {
  const id = reader.u16();
  const flags = reader.u16();
  return { id, flags, counts: [reader.u16(), reader.u16(), reader.u16(), reader.u16()] };
}

/** A query or a response. Throws `TruncatedData`. */
export function readQueryMessage(reader: ByteReader, options: DnsOptions): ObjectValue {
  const { id, flags, counts } = readHeader(reader);
  const message: ObjectValue = {};
  const questions: Value[] = [];
  for (let i = 0; i < counts[0]; i++) questions.push(readQuestion(reader, options));
  const answers = readRecords(reader, counts[1], options);
  const authority = readRecords(reader, counts[2], options);
  const additional = readRecords(reader, counts[3], options);
  const edns = additional.opt;
  const rcode = putCode(message, flags, edns?.extendedRcode);
  message['header'] = {
    id,
    opcode: (flags >> 11) & 15,
    rcode,
    qr: flags >> 15,
    aa: isSet(flags, 10),
    tc: isSet(flags, 9),
    rd: isSet(flags, 8),
    ra: isSet(flags, 7),
    ad: isSet(flags, 5),
    cd: isSet(flags, 4),
    qdCount: counts[0],
    anCount: counts[1],
    nsCount: counts[2],
    arCount: counts[3],
  };
  if (edns) message['opt'] = edns.value;
  putList(message, 'question', questions);
  putList(message, 'answers', answers.records);
  putList(message, 'authority', authority.records);
  putList(message, 'additional', additional.records);
  return message;
}

/** An update of a zone, or the response to one. Throws `TruncatedData`. */
export function readUpdateMessage(reader: ByteReader, options: DnsOptions): ObjectValue {
  const { id, flags, counts } = readHeader(reader);
  const message: ObjectValue = {};
  putCode(message, flags, undefined);
  message['header'] = {
    id,
    opcode: (flags >> 11) & 15,
    rcode: flags & 15,
    qr: flags >> 15,
    zoCount: counts[0],
    prCount: counts[1],
    upCount: counts[2],
    adCount: counts[3],
  };
  for (let i = 0; i < counts[0]; i++) {
    const zone: ObjectValue = { zName: nameText(reader, options) };
    const type = reader.u16();
    zone['zTypeId'] = type;
    if (RECORD_TYPES.has(type)) zone['zType'] = RECORD_TYPES.get(type)!;
    zone['zClass'] = className(reader.u16());
    message['zone'] = zone;
  }
  putList(message, 'prerequisite', readRecords(reader, counts[1], options).records);
  putList(message, 'update', readRecords(reader, counts[2], options).records);
  putList(message, 'additional', readRecords(reader, counts[3], options).records);
  return message;
}

function isSet(flags: number, bit: number): boolean {
  return (flags & (1 << bit)) !== 0;
}

/** The response code, whose upper bits an `OPT` record holds. */
function putCode(message: ObjectValue, flags: number, extended: number | undefined): number {
  const code = ((extended ?? 0) << 4) | (flags & 15);
  message['fullRcode'] = code;
  const name = RESPONSE_CODES.get(code);
  if (name !== undefined) message['rcodeName'] = name;
  return code;
}

function putList(message: ObjectValue, name: string, list: Value[]): void {
  if (list.length > 0) message[name] = list;
}

function nameText(reader: ByteReader, { lowercaseHostnames }: DnsOptions): string {
  const name = readName(reader);
  return lowercaseHostnames ? name.toLowerCase() : name;
}

function readQuestion(reader: ByteReader, options: DnsOptions): ObjectValue {
  const question: ObjectValue = { domainName: nameText(reader, options) };
  const type = reader.u16();
  question['questionTypeId'] = type;
  if (RECORD_TYPES.has(type)) question['questionType'] = RECORD_TYPES.get(type)!;
  question['class'] = className(reader.u16());
  return question;
}

interface Opt {
  readonly extendedRcode: number;
  readonly value: ObjectValue;
}

/** Records, and the one among them that is none but carries the extensions of DNS. */
function readRecords(reader: ByteReader, count: number, options: DnsOptions) {
  const records: Value[] = [];
  let opt: Opt | undefined;
  for (let i = 0; i < count; i++) {
    const domainName = nameText(reader, options);
    const type = reader.u16();
    const classCode = reader.u16();
    const ttl = reader.u32();
    const data = reader.part(reader.u16());
    if (type === OPT) opt = readOpt(classCode, ttl, data);
    else records.push(recordOf(domainName, type, classCode, ttl, data, options));
  }
  return { records, opt };
}

function recordOf(
  domainName: string,
  type: number,
  classCode: number,
  ttl: number,
  data: ByteReader,
  { lowercaseHostnames }: DnsOptions,
): ObjectValue {
  const record: ObjectValue = { class: className(classCode), domainName, recordTypeId: type, ttl };
  if (RECORD_TYPES.has(type)) record['recordType'] = RECORD_TYPES.get(type)!;
  // Updates have records without data.
  if (data.isAtEnd) return record;
  const bytes = data.bytes.subarray(data.at, data.end);
  const text = recordText(type, data);
  if (text === undefined) record['rDataBytes'] = base64(bytes);
  else record['rData'] = lowercaseHostnames && HOST_TYPES.has(type) ? text.toLowerCase() : text;
  return record;
}

/** Types whose data is a name: NS, CNAME, SOA, PTR, MX, SRV. */
const HOST_TYPES = new Set([2, 5, 6, 12, 15, 33]);

function readOpt(udpPayloadSize: number, ttl: number, data: ByteReader): Opt {
  const extendedRcode = ttl >>> 24;
  const value: ObjectValue = {
    do: (ttl & 0x8000) !== 0,
    ednsVersion: (ttl >>> 16) & 255,
    extendedRcode,
    udpPayloadSize,
  };
  const errors: Value[] = [];
  const others: Value[] = [];
  while (!data.isAtEnd) {
    const code = data.u16();
    const part = data.part(data.u16());
    if (code === EXTENDED_ERROR) errors.push(extendedError(part));
    else others.push({ optCode: code, optName: optionName(code), optValue: base64(part.rest()) });
  }
  putList(value, 'ede', errors);
  putList(value, 'options', others);
  return { extendedRcode, value };
}

function extendedError(part: ByteReader): ObjectValue {
  const infoCode = part.u16();
  const error: ObjectValue = { infoCode };
  const text = new TextDecoder().decode(part.rest());
  if (text !== '') error['extraText'] = text;
  const purpose = ERROR_PURPOSES[infoCode];
  if (purpose !== undefined) error['purpose'] = purpose;
  return error;
}

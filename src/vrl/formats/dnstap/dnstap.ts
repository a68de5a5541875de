// Frames of dnstap, in which name servers tell of the messages that they get and send: a protobuf message around DNS
// messages in their own format.

import { Timestamp } from '../../../event/timestamp.ts';
import { integer, type ObjectValue } from '../../../event/value.ts';
import { formatIp, ipOfBytes } from '../ip_address.ts';
import { ByteReader, TruncatedData } from './byte_reader.ts';
import { type DnsOptions, readQueryMessage, readUpdateMessage } from './dns_message.ts';
import { readName } from './domain_name.ts';
import { base64 } from './record_data.ts';

const MESSAGE_TYPES = [
  'AuthQuery',
  'AuthResponse',
  'ResolverQuery',
  'ResolverResponse',
  'ClientQuery',
  'ClientResponse',
  'ForwarderQuery',
  'ForwarderResponse',
  'StubQuery',
  'StubResponse',
  'ToolQuery',
  'ToolResponse',
  'UpdateQuery',
  'UpdateResponse',
];
const UPDATE_QUERY = 13;
const SOCKET_PROTOCOLS = ['UDP', 'TCP', 'DOT', 'DOH', 'DNSCryptUDP', 'DNSCryptTCP', 'DOQ'];

/** The members of a protobuf message by their number: the last of each. */
type Members = ReadonlyMap<number, bigint | Uint8Array>;

/** The frame as an object. Throws `TruncatedData` when it is no protobuf message of dnstap. */
export function parseDnstap(frame: Uint8Array, options: DnsOptions): ObjectValue {
  const members = readMembers(new ByteReader(frame));
  const event: ObjectValue = {};
  putText(event, 'serverId', members.get(1));
  putText(event, 'serverVersion', members.get(2));
  putText(event, 'extraInfo', members.get(3));
  const type = numberOf(members.get(15));
  if (type === undefined) throw new TruncatedData('failed to decode Protobuf message: missing required fields');
  event['dataTypeId'] = type;
  if (type !== 1) event['rawData'] = base64(frame);
  else {
    event['dataType'] = 'Message';
    const message = members.get(14);
    if (message instanceof Uint8Array) {
      try {
        putMessage(event, readMembers(new ByteReader(message)), options);
      } catch (error) {
        if (!(error instanceof TruncatedData)) throw error;
        event['error'] = error.message;
        event['rawData'] = base64(frame);
      }
    }
  }
  return event;
}

function readMembers(reader: ByteReader): Members {
  const members = new Map<number, bigint | Uint8Array>();
  while (!reader.isAtEnd) {
    const tag = Number(reader.varint());
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        members.set(number, reader.varint());
        break;
      case 1:
        reader.take(8);
        break;
      case 2:
        members.set(number, reader.take(Number(reader.varint())));
        break;
      case 5:
        members.set(number, BigInt(reader.u32LittleEndian()));
        break;
      default:
        throw new TruncatedData(`failed to decode Protobuf message: invalid wire type value: ${tag % 8}`);
    }
  }
  return members;
}

function numberOf(member: bigint | Uint8Array | undefined): number | undefined {
  return typeof member === 'bigint' ? Number(member) : undefined;
}

function putText(event: ObjectValue, name: string, member: bigint | Uint8Array | undefined): void {
  if (member instanceof Uint8Array) event[name] = new TextDecoder().decode(member);
}

function putMessage(event: ObjectValue, members: Members, options: DnsOptions): void {
  const type = numberOf(members.get(1)) ?? 0;
  putSocket(event, members);
  const zone = members.get(11);
  if (zone instanceof Uint8Array) event['queryZone'] = readName(new ByteReader(zone));
  event['messageTypeId'] = type;
  const name = MESSAGE_TYPES[type - 1];
  if (name !== undefined) event['messageType'] = name;
  const isQuery = type % 2 === 1;
  putTimes(event, members, isQuery);
  for (const [key, number, seconds, nanos] of [
    ['requestData', 10, 8, 9],
    ['responseData', 14, 12, 13],
  ] as const) {
    const bytes = members.get(number);
    if (!(bytes instanceof Uint8Array)) continue;
    const data: ObjectValue = {};
    event[key] = data;
    const time = nanosOf(members.get(seconds), members.get(nanos));
    if (time !== undefined) {
      data['time'] = integer(time);
      data['timePrecision'] = 'ns';
    }
    putDns(data, bytes, type, options);
  }
  if (name === undefined) throw new TruncatedData(`Unknown dnstap message type: ${type}`);
}

/** A message that cannot be read is kept as it is. */
function putDns(data: ObjectValue, bytes: Uint8Array, type: number, options: DnsOptions): void {
  const reader = new ByteReader(bytes);
  try {
    Object.assign(data, type >= UPDATE_QUERY ? readUpdateMessage(reader, options) : readQueryMessage(reader, options));
  } catch (error) {
    if (error instanceof TruncatedData) data['rawData'] = base64(bytes);
    throw error;
  }
}

function putSocket(event: ObjectValue, members: Members): void {
  const family = numberOf(members.get(2));
  if (family !== undefined) {
    if (family !== 1 && family !== 2) throw new TruncatedData(`Unknown socket family: ${family}`);
    event['socketFamily'] = family === 1 ? 'INET' : 'INET6';
  }
  const protocol = numberOf(members.get(3));
  if (protocol !== undefined) {
    const name = SOCKET_PROTOCOLS[protocol - 1];
    if (name === undefined) throw new TruncatedData(`Unknown socket protocol: ${protocol}`);
    event['socketProtocol'] = name;
  }
  putAddress(event, 'sourceAddress', members.get(4));
  putAddress(event, 'responseAddress', members.get(5));
  const sourcePort = numberOf(members.get(6));
  if (sourcePort !== undefined) event['sourcePort'] = sourcePort;
  const responsePort = numberOf(members.get(7));
  if (responsePort !== undefined) event['responsePort'] = responsePort;
}

function putAddress(event: ObjectValue, name: string, member: bigint | Uint8Array | undefined): void {
  if (!(member instanceof Uint8Array)) return;
  if (member.length !== 4 && member.length !== 16)
    throw new TruncatedData(`Cannot parse address: ${member.length} bytes are no IP address`);
  event[name] = formatIp(ipOfBytes(member));
}

/** The time of the whole is that of the query or of the response, whichever the message tells of. */
function putTimes(event: ObjectValue, members: Members, isQuery: boolean): void {
  const seconds = members.get(isQuery ? 8 : 12);
  const time = nanosOf(seconds, members.get(isQuery ? 9 : 13));
  if (time === undefined) return;
  event['time'] = integer(time);
  event['timePrecision'] = 'ns';
  event['timestamp'] = new Timestamp(Number(time / 1_000_000_000n), Number(time % 1_000_000_000n));
}

const NANOS_MAX = 2n ** 63n - 1n;

function nanosOf(seconds: bigint | Uint8Array | undefined, nanos: bigint | Uint8Array | undefined): bigint | undefined {
  if (typeof seconds !== 'bigint') return undefined;
  const time = seconds * 1_000_000_000n + (typeof nanos === 'bigint' ? nanos : 0n);
  if (time > NANOS_MAX) throw new TruncatedData('Invalid timestamp');
  return time;
}

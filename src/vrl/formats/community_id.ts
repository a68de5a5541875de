// Community IDs: a hash over the addresses, ports and protocol of a network flow, put in an order that does not depend
// on the direction.

import { type Failure, fail } from '../4_run/failure.ts';
import { decodeBase16 } from './base16.ts';
import { encodeBase64 } from './base64.ts';
import { sha1 } from './hashes.ts';
import { type IpAddress, ipBytes, isIpv4 } from './ip_address.ts';

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMP6 = 58;
const SCTP = 132;

export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number | undefined;
}

/** Types of ICMP messages that answer each other. */
const ICMP_ANSWERS = both([8, 0], [13, 14], [15, 16], [10, 9], [17, 18]);
const ICMP6_ANSWERS = both([128, 129], [130, 131], [133, 134], [135, 136], [139, 140], [144, 145]);

function both(...pairs: readonly (readonly [number, number])[]): ReadonlyMap<number, number> {
  return new Map(
    pairs.flatMap(([question, answer]) => [
      [question, answer],
      [answer, question],
    ]),
  );
}

export function communityId(from: Endpoint, to: Endpoint, protocol: number, seed: number): string | Failure {
  const hasPorts = protocol === TCP || protocol === UDP || protocol === SCTP;
  if (hasPorts && (from.port === undefined || to.port === undefined))
    return fail('src port and dst port should be set when protocol is tcp/udp/sctp');
  if (isIpv4(from.address) !== isIpv4(to.address)) return fail('src ip and dst ip should be same version!');
  if (protocol === ICMP6 && isIpv4(from.address)) return fail('icmpv6 can not over ipv4!');
  let [fromPort, toPort] = [from.port, to.port];
  let isOneWay = false;
  if (protocol === ICMP || protocol === ICMP6) {
    fromPort ??= 0;
    const answer = (protocol === ICMP ? ICMP_ANSWERS : ICMP6_ANSWERS).get(fromPort);
    isOneWay = answer === undefined;
    toPort = answer ?? toPort ?? 0;
  }
  const first = ipBytes(from.address);
  const second = ipBytes(to.address);
  const order = compare(first, second) || (fromPort ?? -1) - (toPort ?? -1);
  const isInOrder = isOneWay || order < 0;
  const ports =
    fromPort === undefined || toPort === undefined ? [] : isInOrder ? [fromPort, toPort] : [toPort, fromPort];
  const bytes = [
    ...twoBytes(seed),
    ...(isInOrder ? first : second),
    ...(isInOrder ? second : first),
    protocol,
    0,
    ...ports.flatMap(twoBytes),
  ];
  return `1:${encodeBase64(decodeBase16(sha1(Uint8Array.from(bytes)))!, 'standard', true)}`;
}

function twoBytes(value: number): [number, number] {
  return [value >> 8, value & 0xff];
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

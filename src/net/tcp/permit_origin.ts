// Which networks a peer may come from.

import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A network: an address and how many of its first bits count. */
export interface Network {
  readonly address: Address;
  readonly bits: number;
}

/** A network from CIDR notation (`10.0.0.0/8`, `::1/128`); undefined when it is none. */
export function parseNetwork(text: string): Network | undefined {
  if (!ipaddr.isValidCIDR(text)) return undefined;
  const [address, bits] = ipaddr.parseCIDR(text);
  return { address, bits };
}

/** Whether `host`, an IP address as text, lies in one of the networks. IPv4 in IPv6 clothes counts as IPv4. */
export function isPermitted(host: string, networks: readonly Network[]): boolean {
  if (!ipaddr.isValid(host)) return false;
  const parsed = ipaddr.parse(host);
  const plain = ipaddr.process(host);
  return networks.some(({ address, bits }) => matches(plain, address, bits) || matches(parsed, address, bits));
}

function matches(peer: Address, network: Address, bits: number): boolean {
  return peer.kind() === network.kind() && peer.match(network as never, bits);
}

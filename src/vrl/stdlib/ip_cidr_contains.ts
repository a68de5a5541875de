import type { Value } from '../../event/value.ts';
import { type Failure, fail, wrongKind } from '../4_run/failure.ts';
import { isText } from '../formats/argument_kinds.ts';
import { textOf } from '../formats/bytes.ts';
import { debugText } from '../formats/debug_text.ts';
import { type IpAddress, parseIp } from '../formats/ip_address.ts';
import { notAnIp } from '../formats/ip_arguments.ts';
import { type IpNetwork, networkContains, parseNetwork } from '../formats/ip_network.ts';
import { type CallProblem, defineFunction, invalidArgument, required } from '../function.ts';

type Text = string | Uint8Array;

export const ipCidrContains = defineFunction({
  name: 'ip_cidr_contains',
  category: 'IP',
  doc: 'Determines whether an IP address is in a network, or in one of several.',
  parameters: [
    required(
      'cidr',
      ['bytes', 'array'],
      'The network as a CIDR block (`10.0.0.0/8`, `2001:db8::/32`), or an array of them.',
    ),
    required('value', 'bytes', 'The address.'),
  ],
  failures: ['`cidr` is not a CIDR block.', '`value` is not an IP address.'],
  returns: { kinds: ['boolean'], fallible: true },
  checkOrder: ['value'],
  evaluationOrder: ['value', 'cidr'],
  examples: [
    { title: 'In the network', source: 'ip_cidr_contains!("192.168.0.0/16", "192.168.10.32")', result: true },
    { title: 'Outside', source: 'ip_cidr_contains!("192.168.0.0/24", "192.168.10.32")', result: false },
    {
      title: 'In one of several',
      source: 'ip_cidr_contains!(["10.0.0.0/8", "2001:db8::/32"], "2001:db8::7")',
      result: true,
    },
  ],
  prepare(call) {
    const constant = call.argument('cidr')?.constant;
    if (constant === undefined) return containsDynamic;
    const networks = (Array.isArray(constant) ? constant : [constant]).map(constantNetwork);
    return (_cidr, value: Text) => {
      const address = parseIp(textOf(value));
      if (address === undefined) return notAnIp();
      return networks.some((network) => networkContains(network, address));
    };
  },
});

function constantNetwork(value: Value): IpNetwork {
  if (!isText(value)) throw refused(value, '"cidr" must be string');
  const network = parseNetwork(textOf(value));
  if (typeof network === 'string') throw refused(value, '"cidr" must be valid cidr');
  return network;
}

function refused(value: Value, problem: string): CallProblem {
  return invalidArgument('ip_cidr_contains', typeof value === 'string' ? debugText(value) : String(value), problem);
}

function containsDynamic(cidr: Value, value: Text): boolean | Failure {
  const address = parseIp(textOf(value));
  if (address === undefined) return notAnIp();
  if (!Array.isArray(cidr)) return isText(cidr) ? containsIn(cidr, address) : wrongKind(cidr, 'bytes', 'array');
  for (const item of cidr) {
    const found = containsIn(item, address);
    if (found !== false) return found;
  }
  return false;
}

function containsIn(cidr: Value, address: IpAddress): boolean | Failure {
  if (!isText(cidr)) return wrongKind(cidr, 'bytes');
  const network = parseNetwork(textOf(cidr));
  return typeof network === 'string' ? fail(`unable to parse CIDR: ${network}`) : networkContains(network, address);
}

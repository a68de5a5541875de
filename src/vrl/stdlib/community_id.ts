import type { Value } from '../../event/value.ts';
import { displayValue } from '../4_run/display.ts';
import { type Failure, fail, wrongKind } from '../4_run/failure.ts';
import { isInteger, isText } from '../formats/argument_kinds.ts';
import { communityId as idOf } from '../formats/community_id.ts';
import { IP_SYNTAX, parseIp } from '../formats/ip_address.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { type Call, defineFunction, invalidArgument, optional, required } from '../function.ts';

export const communityId = defineFunction({
  name: 'community_id',
  category: 'String',
  doc:
    'Returns the [Community ID](https://github.com/corelight/community-id-spec) of a network flow, which is the same ' +
    'for both directions and in all tools.',
  parameters: [
    required('source_ip', 'bytes', 'The address of the source.'),
    required('destination_ip', 'bytes', 'The address of the destination.'),
    required('protocol', 'integer', 'The number of the protocol, as in the IP header.'),
    optional('source_port', 'integer', 'The port of the source, or the ICMP type.'),
    optional('destination_port', 'integer', 'The port of the destination, or the ICMP code.'),
    optional('seed', 'integer', 'Sets the IDs of one network apart from those of others.', { default: 0 }),
  ],
  failures: [
    'An address cannot be read, or the two are not of the same version.',
    'A number is out of its range.',
    'A port is missing although the protocol has them.',
  ],
  returns: { kinds: ['bytes'], fallible: true },
  checkOrder: ['source_ip'],
  examples: [
    {
      title: 'TCP',
      source: 'community_id!("1.2.3.4", "5.6.7.8", 6, 1122, 3344)',
      result: '1:wCb3OG7yAFWelaUydu0D+125CLM=',
    },
    {
      title: 'The other direction',
      source: 'community_id!("5.6.7.8", "1.2.3.4", 6, 3344, 1122)',
      result: '1:wCb3OG7yAFWelaUydu0D+125CLM=',
    },
    {
      title: 'ICMP',
      source: 'community_id!("1.2.3.4", "5.6.7.8", 1, 8, 0)',
      result: '1:crodRHL2FEsHjbv3UkRrfbs4bZ0=',
    },
  ],
  prepare(call) {
    checkConstant(call, 'protocol', 255);
    for (const name of ['source_port', 'destination_port', 'seed']) checkConstant(call, name, 65_535);
    return (
      sourceIp: string | Uint8Array,
      destinationIp: Value,
      protocol: Value,
      sourcePort: Value | undefined,
      destinationPort: Value | undefined,
      seed: Value,
    ) => {
      const source = parseIp(utf8Text(sourceIp));
      if (source === undefined) return fail(`unable to parse source IP address: ${IP_SYNTAX}`);
      if (!isText(destinationIp)) return wrongKind(destinationIp, 'bytes');
      const destination = parseIp(utf8Text(destinationIp));
      if (destination === undefined) return fail(`unable to parse destination IP address: ${IP_SYNTAX}`);
      const problem =
        rangeProblem('protocol', protocol, 255) ??
        rangeProblem('source port', sourcePort, 65_535) ??
        rangeProblem('destination port', destinationPort, 65_535) ??
        rangeProblem('seed', seed, 65_535);
      if (problem) return problem;
      const from = { address: source, port: sourcePort as number | undefined };
      const to = { address: destination, port: destinationPort as number | undefined };
      return idOf(from, to, protocol as number, seed as number);
    };
  },
});

function rangeProblem(name: string, value: Value | undefined, max: number): Failure | undefined {
  if (value === undefined) return undefined;
  if (!isInteger(value)) return wrongKind(value, 'integer');
  if (value >= 0 && value <= max) return undefined;
  return fail(`${name} must be between 0 and ${max}: out of range integral type conversion attempted`);
}

function checkConstant(call: Call, name: string, max: number): void {
  const value = call.argument(name)?.constant;
  if ((typeof value === 'number' || typeof value === 'bigint') && (value < 0 || value > max))
    throw invalidArgument(name, displayValue(value), `"${name}" must be between 0 and ${max}`);
}

// Reads a record of VPC Flow Logs: words in the order of a format, `-` for those that are missing.

import type { ObjectValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { parseInteger } from '../formats/log_fields.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

const DEFAULT_FORMAT =
  'version account_id interface_id srcaddr dstaddr srcport dstport protocol packets bytes start end action log_status';

const TEXTS =
  'account_id action asg_tag asg_tag_2 az_id dstaddr ecs_cluster_arn ecs_cluster_name ecs_container_id ' +
  'ecs_container_instance_arn ecs_container_instance_id ecs_second_container_id ecs_service_name ecs_task_arn ' +
  'ecs_task_definition_arn ecs_task_id flow_direction instance_id instance_tag instance_tag_2 interface_id ' +
  'interface_tag interface_tag_2 interface_type log_status next_hop_az_id next_hop_interface_id ' +
  'next_hop_interface_type next_hop_subnet_id next_hop_vpc_id pkt_dstaddr pkt_dst_aws_service pkt_srcaddr ' +
  'pkt_src_aws_service region reject_reason resource_id srcaddr sublocation_id sublocation_type subnet_id type vpc_id';
const INTEGERS = 'bytes dstport encryption_status end packets protocol srcport start tcp_flags traffic_path version';

/** Whether a field is an integer, for all that there are. */
const FIELDS = new Map([
  ...TEXTS.split(' ').map((name): [string, boolean] => [name, false]),
  ...INTEGERS.split(' ').map((name): [string, boolean] => [name, true]),
]);

const KIND = Kind.objectOf(
  Object.fromEntries([...FIELDS].map(([name, isInteger]) => [name, Kind.of(isInteger ? 'integer' : 'bytes', 'null')])),
);

export const parseAwsVpcFlowLog = defineFunction({
  name: 'parse_aws_vpc_flow_log',
  category: 'Parse',
  doc: 'Reads a record of [VPC Flow Logs](https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html).',
  parameters: [
    required('value', 'bytes', 'The record.'),
    optional(
      'format',
      'bytes',
      'The names of the fields in their order, separated by spaces; those of version 2 when not given.',
    ),
  ],
  failures: ['`value` does not have the fields of the format.', 'The format has a field that is not known.'],
  returns: { kinds: ['object'], fallible: true },
  hasLooseType: true,
  type: () => typeDef(KIND, 'maybe'),
  examples: [
    {
      title: 'A format of its own',
      source: 'parse_aws_vpc_flow_log!("5 203.0.113.9 - 443 ACCEPT", "version srcaddr dstaddr srcport action")',
      result: { version: 5, srcaddr: '203.0.113.9', dstaddr: null, srcport: 443, action: 'ACCEPT' },
    },
    {
      title: 'A field too few',
      source: 'parse_aws_vpc_flow_log!("5", "version srcaddr")',
      error: 'function call error for "parse_aws_vpc_flow_log" at (0:47): no item for key: `srcaddr`',
    },
  ],
  run(value: string | Uint8Array, format: string | Uint8Array | undefined) {
    const words = utf8Text(value).split(' ');
    const names = (format === undefined ? DEFAULT_FORMAT : utf8Text(format)).split(' ');
    const fields: ObjectValue = {};
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      const word = words[i];
      if (word === undefined) return fail(`no item for key: \`${name}\``);
      const isInteger = FIELDS.get(name);
      if (isInteger === undefined) return fail(`unknown key: \`${name}\``);
      const field = word === '-' ? null : isInteger ? parseInteger(word) : word;
      if (field === undefined) return fail(`failed to parse value as i64 (key: \`${name}\`): \`${word}\``);
      if (Object.hasOwn(fields, name)) return fail(`value already exists for key: \`${name}\``);
      fields[name] = field;
    }
    return words.length > names.length ? fail(`no key for value: \`${words[names.length]}\``) : fields;
  },
});

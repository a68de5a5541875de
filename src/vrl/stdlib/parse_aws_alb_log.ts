// Reads an entry of the access log of an application load balancer.

import { Float } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { parseAlbLog } from '../formats/alb_log.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

const TEXT = Kind.of('bytes');
const TEXT_OR_NULL = Kind.of('bytes', 'null');
const INTEGER = Kind.of('integer');
const FLOAT = Kind.of('float');

const KIND = Kind.objectOf({
  actions_executed: TEXT_OR_NULL,
  chosen_cert_arn: TEXT_OR_NULL,
  classification_reason: TEXT_OR_NULL,
  classification: TEXT_OR_NULL,
  client_host: TEXT,
  domain_name: TEXT_OR_NULL,
  elb_status_code: TEXT,
  elb: TEXT,
  error_reason: TEXT_OR_NULL,
  matched_rule_priority: TEXT_OR_NULL,
  received_bytes: INTEGER,
  redirect_url: TEXT_OR_NULL,
  request_creation_time: TEXT,
  request_method: TEXT,
  request_processing_time: FLOAT,
  request_protocol: TEXT,
  request_url: TEXT,
  response_processing_time: FLOAT,
  sent_bytes: INTEGER,
  ssl_cipher: TEXT_OR_NULL,
  ssl_protocol: TEXT_OR_NULL,
  target_group_arn: TEXT,
  target_host: TEXT_OR_NULL,
  target_port_list: TEXT_OR_NULL,
  target_processing_time: FLOAT,
  target_status_code_list: TEXT_OR_NULL,
  target_status_code: TEXT_OR_NULL,
  timestamp: TEXT,
  trace_id: TEXT,
  type: TEXT,
  user_agent: TEXT,
  traceability_id: TEXT_OR_NULL,
});

const ENTRY =
  'https 2021-02-03T21:13:55.250000Z app/web/50dc6c 203.0.113.9:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 ' +
  '"GET https://example.com:443/ HTTP/1.1" "curl/8.5" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:web ' +
  '"Root=1-58337281" "example.com" "arn:aws:acm:1" 1 2021-02-03T21:13:55.100000Z "authenticate,forward" "-" "-" ' +
  '"10.0.0.1:80" "200" "-" "-"';

export const parseAwsAlbLog = defineFunction({
  name: 'parse_aws_alb_log',
  category: 'Parse',
  doc: 'Reads an [access log entry](https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html) of an AWS application load balancer.',
  parameters: [
    required('value', 'bytes', 'The entry.'),
    optional(
      'strict_mode',
      'boolean',
      'Whether fields behind those that are known are a failure; otherwise they are ignored.',
      {
        default: true,
      },
    ),
  ],
  failures: ['`value` is no such entry.'],
  returns: { kinds: ['object'], fallible: true },
  hasLooseType: true,
  type: () => typeDef(KIND, 'maybe'),
  examples: [
    {
      title: 'A request',
      source: `parse_aws_alb_log!(s'${ENTRY}')`,
      result: {
        type: 'https',
        timestamp: '2021-02-03T21:13:55.250000Z',
        elb: 'app/web/50dc6c',
        client_host: '203.0.113.9:2817',
        target_host: '10.0.0.1:80',
        request_processing_time: 0.086,
        target_processing_time: 0.048,
        response_processing_time: 0.037,
        elb_status_code: '200',
        target_status_code: '200',
        received_bytes: 0,
        sent_bytes: 57,
        request_method: 'GET',
        request_url: 'https://example.com:443/',
        request_protocol: 'HTTP/1.1',
        user_agent: 'curl/8.5',
        ssl_cipher: 'ECDHE-RSA-AES128-GCM-SHA256',
        ssl_protocol: 'TLSv1.2',
        target_group_arn: 'arn:aws:web',
        trace_id: 'Root=1-58337281',
        domain_name: 'example.com',
        chosen_cert_arn: 'arn:aws:acm:1',
        matched_rule_priority: '1',
        request_creation_time: '2021-02-03T21:13:55.100000Z',
        actions_executed: 'authenticate,forward',
        redirect_url: null,
        error_reason: null,
        target_port_list: ['10.0.0.1:80'],
        target_status_code_list: ['200'],
        classification: null,
        classification_reason: null,
        traceability_id: null,
      },
    },
    {
      title: 'Fields that are not known yet',
      source: `parse_aws_alb_log!(s'${ENTRY.replace(' 0.086 0.048 0.037 ', ' 0.000 -1 -1 ')} "new"', strict_mode: false).target_processing_time`,
      result: new Float(-1),
    },
  ],
  run: (value: string | Uint8Array, strictMode: boolean) => parseAlbLog(utf8Text(value), strictMode),
});

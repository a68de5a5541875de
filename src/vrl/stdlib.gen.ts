// All functions that need nothing but what a program is given, by name. Written by `npm run gen`; do not edit.

import type { FunctionDefinition } from './function.ts';
import { abs } from './stdlib/abs.ts';
import { aggregateVectorMetrics } from './stdlib/aggregate_vector_metrics.ts';
import { append } from './stdlib/append.ts';
import { array } from './stdlib/array.ts';
import { assert } from './stdlib/assert.ts';
import { assertEq } from './stdlib/assert_eq.ts';
import { basename } from './stdlib/basename.ts';
import { bool } from './stdlib/bool.ts';
import { camelcase } from './stdlib/camelcase.ts';
import { ceil } from './stdlib/ceil.ts';
import { chunks } from './stdlib/chunks.ts';
import { communityId } from './stdlib/community_id.ts';
import { compact } from './stdlib/compact.ts';
import { contains } from './stdlib/contains.ts';
import { containsAll } from './stdlib/contains_all.ts';
import { crc } from './stdlib/crc.ts';
import { decodeBase16 } from './stdlib/decode_base16.ts';
import { decodeBase64 } from './stdlib/decode_base64.ts';
import { decodeCharset } from './stdlib/decode_charset.ts';
import { decodeGzip } from './stdlib/decode_gzip.ts';
import { decodeLz4 } from './stdlib/decode_lz4.ts';
import { decodeMimeQ } from './stdlib/decode_mime_q.ts';
import { decodePercent } from './stdlib/decode_percent.ts';
import { decodePunycode } from './stdlib/decode_punycode.ts';
import { decodeSnappy } from './stdlib/decode_snappy.ts';
import { decodeZlib } from './stdlib/decode_zlib.ts';
import { decodeZstd } from './stdlib/decode_zstd.ts';
import { decrypt } from './stdlib/decrypt.ts';
import { decryptIp } from './stdlib/decrypt_ip.ts';
import { del } from './stdlib/del.ts';
import { dirname } from './stdlib/dirname.ts';
import { downcase } from './stdlib/downcase.ts';
import { encodeBase16 } from './stdlib/encode_base16.ts';
import { encodeBase64 } from './stdlib/encode_base64.ts';
import { encodeCharset } from './stdlib/encode_charset.ts';
import { encodeCsv } from './stdlib/encode_csv.ts';
import { encodeGzip } from './stdlib/encode_gzip.ts';
import { encodeJson } from './stdlib/encode_json.ts';
import { encodeKeyValue } from './stdlib/encode_key_value.ts';
import { encodeLogfmt } from './stdlib/encode_logfmt.ts';
import { encodeLz4 } from './stdlib/encode_lz4.ts';
import { encodePercent } from './stdlib/encode_percent.ts';
import { encodeProto } from './stdlib/encode_proto.ts';
import { encodePunycode } from './stdlib/encode_punycode.ts';
import { encodeSnappy } from './stdlib/encode_snappy.ts';
import { encodeZlib } from './stdlib/encode_zlib.ts';
import { encodeZstd } from './stdlib/encode_zstd.ts';
import { encrypt } from './stdlib/encrypt.ts';
import { encryptIp } from './stdlib/encrypt_ip.ts';
import { endsWith } from './stdlib/ends_with.ts';
import { exists } from './stdlib/exists.ts';
import { filter } from './stdlib/filter.ts';
import { find } from './stdlib/find.ts';
import { findEnrichmentTableRecords } from './stdlib/find_enrichment_table_records.ts';
import { findVectorMetrics } from './stdlib/find_vector_metrics.ts';
import { flatten } from './stdlib/flatten.ts';
import { float } from './stdlib/float.ts';
import { floor } from './stdlib/floor.ts';
import { forEach } from './stdlib/for_each.ts';
import { formatInt } from './stdlib/format_int.ts';
import { formatNumber } from './stdlib/format_number.ts';
import { formatTimestamp } from './stdlib/format_timestamp.ts';
import { fromEntries } from './stdlib/from_entries.ts';
import { fromUnixTimestamp } from './stdlib/from_unix_timestamp.ts';
import { get } from './stdlib/get.ts';
import { getEnrichmentTableRecord } from './stdlib/get_enrichment_table_record.ts';
import { getSecret } from './stdlib/get_secret.ts';
import { getTimezoneName } from './stdlib/get_timezone_name.ts';
import { getVectorMetric } from './stdlib/get_vector_metric.ts';
import { haversine } from './stdlib/haversine.ts';
import { hmac } from './stdlib/hmac.ts';
import { includes } from './stdlib/includes.ts';
import { int } from './stdlib/int.ts';
import { ipAton } from './stdlib/ip_aton.ts';
import { ipCidrContains } from './stdlib/ip_cidr_contains.ts';
import { ipNtoa } from './stdlib/ip_ntoa.ts';
import { ipNtop } from './stdlib/ip_ntop.ts';
import { ipPton } from './stdlib/ip_pton.ts';
import { ipSubnet } from './stdlib/ip_subnet.ts';
import { ipToIpv6 } from './stdlib/ip_to_ipv6.ts';
import { ipv6ToIpv4 } from './stdlib/ipv6_to_ipv4.ts';
import { isArray } from './stdlib/is_array.ts';
import { isBoolean } from './stdlib/is_boolean.ts';
import { isEmpty } from './stdlib/is_empty.ts';
import { isFloat } from './stdlib/is_float.ts';
import { isInteger } from './stdlib/is_integer.ts';
import { isIpv4 } from './stdlib/is_ipv4.ts';
import { isIpv6 } from './stdlib/is_ipv6.ts';
import { isJson } from './stdlib/is_json.ts';
import { isNull } from './stdlib/is_null.ts';
import { isNullish } from './stdlib/is_nullish.ts';
import { isObject } from './stdlib/is_object.ts';
import { isRegex } from './stdlib/is_regex.ts';
import { isString } from './stdlib/is_string.ts';
import { isTimestamp } from './stdlib/is_timestamp.ts';
import { join } from './stdlib/join.ts';
import { kebabcase } from './stdlib/kebabcase.ts';
import { keys } from './stdlib/keys.ts';
import { length } from './stdlib/length.ts';
import { log } from './stdlib/log.ts';
import { mapKeys } from './stdlib/map_keys.ts';
import { mapValues } from './stdlib/map_values.ts';
import { match } from './stdlib/match.ts';
import { matchAny } from './stdlib/match_any.ts';
import { matchArray } from './stdlib/match_array.ts';
import { matchDatadogQuery } from './stdlib/match_datadog_query.ts';
import { md5 } from './stdlib/md5.ts';
import { merge } from './stdlib/merge.ts';
import { mod } from './stdlib/mod.ts';
import { now } from './stdlib/now.ts';
import { object } from './stdlib/object.ts';
import { objectFromArray } from './stdlib/object_from_array.ts';
import { parseApacheLog } from './stdlib/parse_apache_log.ts';
import { parseAwsAlbLog } from './stdlib/parse_aws_alb_log.ts';
import { parseAwsCloudwatchLogSubscriptionMessage } from './stdlib/parse_aws_cloudwatch_log_subscription_message.ts';
import { parseAwsVpcFlowLog } from './stdlib/parse_aws_vpc_flow_log.ts';
import { parseBytes } from './stdlib/parse_bytes.ts';
import { parseCbor } from './stdlib/parse_cbor.ts';
import { parseCef } from './stdlib/parse_cef.ts';
import { parseCommonLog } from './stdlib/parse_common_log.ts';
import { parseCsv } from './stdlib/parse_csv.ts';
import { parseDnstap } from './stdlib/parse_dnstap.ts';
import { parseDuration } from './stdlib/parse_duration.ts';
import { parseEtld } from './stdlib/parse_etld.ts';
import { parseFloat } from './stdlib/parse_float.ts';
import { parseGlog } from './stdlib/parse_glog.ts';
import { parseGrok } from './stdlib/parse_grok.ts';
import { parseGroks } from './stdlib/parse_groks.ts';
import { parseInfluxdb } from './stdlib/parse_influxdb.ts';
import { parseInt } from './stdlib/parse_int.ts';
import { parseJson } from './stdlib/parse_json.ts';
import { parseKeyValue } from './stdlib/parse_key_value.ts';
import { parseKlog } from './stdlib/parse_klog.ts';
import { parseLinuxAuthorization } from './stdlib/parse_linux_authorization.ts';
import { parseLogfmt } from './stdlib/parse_logfmt.ts';
import { parseNginxLog } from './stdlib/parse_nginx_log.ts';
import { parseProto } from './stdlib/parse_proto.ts';
import { parseQueryString } from './stdlib/parse_query_string.ts';
import { parseRegex } from './stdlib/parse_regex.ts';
import { parseRegexAll } from './stdlib/parse_regex_all.ts';
import { parseRubyHash } from './stdlib/parse_ruby_hash.ts';
import { parseSyslog } from './stdlib/parse_syslog.ts';
import { parseTimestamp } from './stdlib/parse_timestamp.ts';
import { parseTokens } from './stdlib/parse_tokens.ts';
import { parseUrl } from './stdlib/parse_url.ts';
import { parseUserAgent } from './stdlib/parse_user_agent.ts';
import { parseXml } from './stdlib/parse_xml.ts';
import { parseYaml } from './stdlib/parse_yaml.ts';
import { pascalcase } from './stdlib/pascalcase.ts';
import { pop } from './stdlib/pop.ts';
import { push } from './stdlib/push.ts';
import { randomBool } from './stdlib/random_bool.ts';
import { randomBytes } from './stdlib/random_bytes.ts';
import { randomFloat } from './stdlib/random_float.ts';
import { randomInt } from './stdlib/random_int.ts';
import { redact } from './stdlib/redact.ts';
import { remove } from './stdlib/remove.ts';
import { removeSecret } from './stdlib/remove_secret.ts';
import { replace } from './stdlib/replace.ts';
import { replaceWith } from './stdlib/replace_with.ts';
import { round } from './stdlib/round.ts';
import { screamingsnakecase } from './stdlib/screamingsnakecase.ts';
import { seahash } from './stdlib/seahash.ts';
import { set } from './stdlib/set.ts';
import { setSecret } from './stdlib/set_secret.ts';
import { setSemanticMeaning } from './stdlib/set_semantic_meaning.ts';
import { sha1 } from './stdlib/sha1.ts';
import { sha2 } from './stdlib/sha2.ts';
import { sha3 } from './stdlib/sha3.ts';
import { shannonEntropy } from './stdlib/shannon_entropy.ts';
import { sieve } from './stdlib/sieve.ts';
import { slice } from './stdlib/slice.ts';
import { snakecase } from './stdlib/snakecase.ts';
import { split } from './stdlib/split.ts';
import { splitPath } from './stdlib/split_path.ts';
import { startsWith } from './stdlib/starts_with.ts';
import { string } from './stdlib/string.ts';
import { stripAnsiEscapeCodes } from './stdlib/strip_ansi_escape_codes.ts';
import { stripWhitespace } from './stdlib/strip_whitespace.ts';
import { strlen } from './stdlib/strlen.ts';
import { tagTypesExternally } from './stdlib/tag_types_externally.ts';
import { tally } from './stdlib/tally.ts';
import { tallyValue } from './stdlib/tally_value.ts';
import { timestamp } from './stdlib/timestamp.ts';
import { toBool } from './stdlib/to_bool.ts';
import { toEntries } from './stdlib/to_entries.ts';
import { toFloat } from './stdlib/to_float.ts';
import { toInt } from './stdlib/to_int.ts';
import { toRegex } from './stdlib/to_regex.ts';
import { toString } from './stdlib/to_string.ts';
import { toSyslogFacility } from './stdlib/to_syslog_facility.ts';
import { toSyslogFacilityCode } from './stdlib/to_syslog_facility_code.ts';
import { toSyslogLevel } from './stdlib/to_syslog_level.ts';
import { toSyslogSeverity } from './stdlib/to_syslog_severity.ts';
import { toUnixTimestamp } from './stdlib/to_unix_timestamp.ts';
import { truncate } from './stdlib/truncate.ts';
import { typeDef } from './stdlib/type_def.ts';
import { unflatten } from './stdlib/unflatten.ts';
import { unique } from './stdlib/unique.ts';
import { unnest } from './stdlib/unnest.ts';
import { upcase } from './stdlib/upcase.ts';
import { uuidFromFriendlyId } from './stdlib/uuid_from_friendly_id.ts';
import { uuidV4 } from './stdlib/uuid_v4.ts';
import { uuidV7 } from './stdlib/uuid_v7.ts';
import { validateJsonSchema } from './stdlib/validate_json_schema.ts';
import { values } from './stdlib/values.ts';
import { xxhash } from './stdlib/xxhash.ts';
import { zip } from './stdlib/zip.ts';

export const stdlib: readonly FunctionDefinition[] = [
  abs,
  aggregateVectorMetrics,
  append,
  array,
  assert,
  assertEq,
  basename,
  bool,
  camelcase,
  ceil,
  chunks,
  communityId,
  compact,
  contains,
  containsAll,
  crc,
  decodeBase16,
  decodeBase64,
  decodeCharset,
  decodeGzip,
  decodeLz4,
  decodeMimeQ,
  decodePercent,
  decodePunycode,
  decodeSnappy,
  decodeZlib,
  decodeZstd,
  decrypt,
  decryptIp,
  del,
  dirname,
  downcase,
  encodeBase16,
  encodeBase64,
  encodeCharset,
  encodeCsv,
  encodeGzip,
  encodeJson,
  encodeKeyValue,
  encodeLogfmt,
  encodeLz4,
  encodePercent,
  encodeProto,
  encodePunycode,
  encodeSnappy,
  encodeZlib,
  encodeZstd,
  encrypt,
  encryptIp,
  endsWith,
  exists,
  filter,
  find,
  findEnrichmentTableRecords,
  findVectorMetrics,
  flatten,
  float,
  floor,
  forEach,
  formatInt,
  formatNumber,
  formatTimestamp,
  fromEntries,
  fromUnixTimestamp,
  get,
  getEnrichmentTableRecord,
  getSecret,
  getTimezoneName,
  getVectorMetric,
  haversine,
  hmac,
  includes,
  int,
  ipAton,
  ipCidrContains,
  ipNtoa,
  ipNtop,
  ipPton,
  ipSubnet,
  ipToIpv6,
  ipv6ToIpv4,
  isArray,
  isBoolean,
  isEmpty,
  isFloat,
  isInteger,
  isIpv4,
  isIpv6,
  isJson,
  isNull,
  isNullish,
  isObject,
  isRegex,
  isString,
  isTimestamp,
  join,
  kebabcase,
  keys,
  length,
  log,
  mapKeys,
  mapValues,
  match,
  matchAny,
  matchArray,
  matchDatadogQuery,
  md5,
  merge,
  mod,
  now,
  object,
  objectFromArray,
  parseApacheLog,
  parseAwsAlbLog,
  parseAwsCloudwatchLogSubscriptionMessage,
  parseAwsVpcFlowLog,
  parseBytes,
  parseCbor,
  parseCef,
  parseCommonLog,
  parseCsv,
  parseDnstap,
  parseDuration,
  parseEtld,
  parseFloat,
  parseGlog,
  parseGrok,
  parseGroks,
  parseInfluxdb,
  parseInt,
  parseJson,
  parseKeyValue,
  parseKlog,
  parseLinuxAuthorization,
  parseLogfmt,
  parseNginxLog,
  parseProto,
  parseQueryString,
  parseRegex,
  parseRegexAll,
  parseRubyHash,
  parseSyslog,
  parseTimestamp,
  parseTokens,
  parseUrl,
  parseUserAgent,
  parseXml,
  parseYaml,
  pascalcase,
  pop,
  push,
  randomBool,
  randomBytes,
  randomFloat,
  randomInt,
  redact,
  remove,
  removeSecret,
  replace,
  replaceWith,
  round,
  screamingsnakecase,
  seahash,
  set,
  setSecret,
  setSemanticMeaning,
  sha1,
  sha2,
  sha3,
  shannonEntropy,
  sieve,
  slice,
  snakecase,
  split,
  splitPath,
  startsWith,
  string,
  stripAnsiEscapeCodes,
  stripWhitespace,
  strlen,
  tagTypesExternally,
  tally,
  tallyValue,
  timestamp,
  toBool,
  toEntries,
  toFloat,
  toInt,
  toRegex,
  toString,
  toSyslogFacility,
  toSyslogFacilityCode,
  toSyslogLevel,
  toSyslogSeverity,
  toUnixTimestamp,
  truncate,
  typeDef,
  unflatten,
  unique,
  unnest,
  upcase,
  uuidFromFriendlyId,
  uuidV4,
  uuidV7,
  validateJsonSchema,
  values,
  xxhash,
  zip,
];

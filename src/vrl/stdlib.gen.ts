// All functions that need nothing but what a program is given, by name. Written by `npm run gen`; do not edit.

import type { FunctionDefinition } from './function.ts';
import { array } from './stdlib/array.ts';
import { bool } from './stdlib/bool.ts';
import { float } from './stdlib/float.ts';
import { formatTimestamp } from './stdlib/format_timestamp.ts';
import { fromUnixTimestamp } from './stdlib/from_unix_timestamp.ts';
import { int } from './stdlib/int.ts';
import { isArray } from './stdlib/is_array.ts';
import { isBoolean } from './stdlib/is_boolean.ts';
import { isEmpty } from './stdlib/is_empty.ts';
import { isFloat } from './stdlib/is_float.ts';
import { isInteger } from './stdlib/is_integer.ts';
import { isJson } from './stdlib/is_json.ts';
import { isNull } from './stdlib/is_null.ts';
import { isNullish } from './stdlib/is_nullish.ts';
import { isObject } from './stdlib/is_object.ts';
import { isRegex } from './stdlib/is_regex.ts';
import { isString } from './stdlib/is_string.ts';
import { isTimestamp } from './stdlib/is_timestamp.ts';
import { now } from './stdlib/now.ts';
import { object } from './stdlib/object.ts';
import { parseApacheLog } from './stdlib/parse_apache_log.ts';
import { parseBytes } from './stdlib/parse_bytes.ts';
import { parseCef } from './stdlib/parse_cef.ts';
import { parseCommonLog } from './stdlib/parse_common_log.ts';
import { parseCsv } from './stdlib/parse_csv.ts';
import { parseDuration } from './stdlib/parse_duration.ts';
import { parseInt } from './stdlib/parse_int.ts';
import { parseKeyValue } from './stdlib/parse_key_value.ts';
import { parseLogfmt } from './stdlib/parse_logfmt.ts';
import { parseNginxLog } from './stdlib/parse_nginx_log.ts';
import { parseQueryString } from './stdlib/parse_query_string.ts';
import { parseRubyHash } from './stdlib/parse_ruby_hash.ts';
import { parseTimestamp } from './stdlib/parse_timestamp.ts';
import { parseTokens } from './stdlib/parse_tokens.ts';
import { parseUrl } from './stdlib/parse_url.ts';
import { string } from './stdlib/string.ts';
import { tagTypesExternally } from './stdlib/tag_types_externally.ts';
import { timestamp } from './stdlib/timestamp.ts';
import { toBool } from './stdlib/to_bool.ts';
import { toFloat } from './stdlib/to_float.ts';
import { toInt } from './stdlib/to_int.ts';
import { toString } from './stdlib/to_string.ts';
import { toUnixTimestamp } from './stdlib/to_unix_timestamp.ts';
import { typeDef } from './stdlib/type_def.ts';

export const stdlib: readonly FunctionDefinition[] = [
  array,
  bool,
  float,
  formatTimestamp,
  fromUnixTimestamp,
  int,
  isArray,
  isBoolean,
  isEmpty,
  isFloat,
  isInteger,
  isJson,
  isNull,
  isNullish,
  isObject,
  isRegex,
  isString,
  isTimestamp,
  now,
  object,
  parseApacheLog,
  parseBytes,
  parseCef,
  parseCommonLog,
  parseCsv,
  parseDuration,
  parseInt,
  parseKeyValue,
  parseLogfmt,
  parseNginxLog,
  parseQueryString,
  parseRubyHash,
  parseTimestamp,
  parseTokens,
  parseUrl,
  string,
  tagTypesExternally,
  timestamp,
  toBool,
  toFloat,
  toInt,
  toString,
  toUnixTimestamp,
  typeDef,
];

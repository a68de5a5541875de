import { JsonError, parseJson as parse } from '../../event/json.ts';
import type { Value } from '../../event/value.ts';
import { type Failure, fail, wrongKind } from '../4_run/failure.ts';
import { isText } from '../formats/argument_kinds.ts';
import { bytesOf, textOf } from '../formats/bytes.ts';
import { jsonError, rawJsonError } from '../formats/json_error.ts';
import { JsonLayerError, parseJsonLayers } from '../formats/json_layers.ts';
import { jsonTypeDef } from '../formats/json_type.ts';
import { defineFunction, optional, required } from '../function.ts';

export const parseJson = defineFunction({
  name: 'parse_json',
  category: 'Parse',
  doc: 'Reads `value` as JSON.',
  parameters: [
    required('value', 'bytes', 'The JSON text.'),
    optional(
      'max_depth',
      'integer',
      'How many layers of arrays and objects are read, from 1 to 128. What lies further in stays text.',
    ),
    optional(
      'lossy',
      'boolean',
      'Whether bytes that are not UTF-8 become `\ufffd` (U+FFFD); otherwise they make the call fail.',
      { default: true },
    ),
  ],
  failures: ['`value` is not JSON.', '`max_depth` is out of range.'],
  notices: ['Only what JSON has is given: `parse_timestamp` makes timestamps of strings.'],
  returns: { kinds: ['bytes', 'boolean', 'integer', 'float', 'null', 'array', 'object'], fallible: true },
  checkOrder: ['max_depth'],
  examples: [
    { title: 'An object', source: `parse_json!(s'{"key": ["val", 1.5]}')`, result: { key: ['val', 1.5] } },
    { title: 'A number', source: 'parse_json!("42")', result: 42 },
    {
      title: 'Not JSON',
      source: 'parse_json!("{ a: 1 }")',
      error:
        'function call error for "parse_json" at (0:23): unable to parse json: key must be a string at line 1 column 3',
    },
    {
      title: 'The first layer',
      source: `parse_json!(s'{"a": {"b": 1}}', max_depth: 1)`,
      result: { a: '{"b": 1}' },
    },
  ],
  type: () => jsonTypeDef(),
  prepare(call) {
    if (call.argument('max_depth') === undefined)
      return (value: Value, _depth, lossy: Value) => parseWhole(value, lossy);
    return parseLayers;
  },
});

const BYTE_ORDER_MARK = '\ufeff';

function parseWhole(value: Value, lossy: Value): Value | Failure {
  if (typeof lossy !== 'boolean') return wrongKind(lossy, 'boolean');
  if (!isText(value)) return wrongKind(value, 'bytes');
  if (typeof value !== 'string' && !lossy) return refuseBytes(value);
  let text = textOf(value);
  if (text.startsWith(BYTE_ORDER_MARK)) text = lossy ? text.replace(/^\ufeff+/, '') : text.slice(1);
  if (isSurelyNoJson(text)) return fail(() => `unable to parse json: ${jsonError(bytesOf(text)) ?? 'no JSON'}`);
  try {
    return parse(text, { unsigned: 'float' });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return fail(() => `unable to parse json: ${jsonError(bytesOf(text)) ?? error.message}`);
  }
}

/**
 * Whether the first and last characters tell that a text is no JSON. Programs try `parse_json` on lines that are
 * anything, and an exception of the native parser costs as much as ten lines that parse.
 */
function isSurelyNoJson(text: string): boolean {
  const first = text.codePointAt(skipSpace(text, 0, 1));
  const last = text.codePointAt(skipSpace(text, text.length - 1, -1));
  switch (first) {
    case 0x7b: // {
      return last !== 0x7d;
    case 0x5b: // [
      return last !== 0x5d;
    case 0x22: // "
      return last !== 0x22;
    case 0x74: // true
    case 0x66: // false
    case 0x6e: // null
      return !WORD.test(text);
    default:
      return first === undefined || !(first === 0x2d || (first >= 0x30 && first <= 0x39));
  }
}

const WORD = /^[ \t\n\r]*(?:true|false|null)[ \t\n\r]*$/;

function skipSpace(text: string, from: number, step: 1 | -1): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 32 || (code >= 9 && code <= 13); code = text.charCodeAt(at)) at += step;
  return at;
}

/** Bytes that are not UTF-8 are nowhere allowed: what stands before them may be wrong too. */
function refuseBytes(bytes: Uint8Array): Failure {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const problem = jsonError(hasMark ? bytes.subarray(3) : bytes) ?? 'invalid unicode code point';
  return fail(`unable to parse json: ${problem}`);
}

function parseLayers(value: Value, maxDepth: number | bigint, lossy: Value): Value | Failure {
  if (maxDepth < 0 || maxDepth > 255) return fail('out of range integral type conversion attempted');
  if (maxDepth < 1 || maxDepth > 128)
    return fail(`max_depth value should be greater than 0 and less than 128, got ${maxDepth}`);
  if (typeof lossy !== 'boolean') return wrongKind(lossy, 'boolean');
  if (!isText(value)) return wrongKind(value, 'bytes');
  const text = textOf(value);
  const problem = rawJsonError(lossy ? bytesOf(text) : bytesOf(value));
  if (problem !== undefined) return fail(`unable to read json: ${problem}`);
  if (!lossy && typeof value !== 'string')
    return fail(`unable to read json: ${jsonError(value) ?? 'invalid unicode code point'}`);
  try {
    return parseJsonLayers(text, Number(maxDepth));
  } catch (error) {
    if (!(error instanceof JsonLayerError)) throw error;
    return fail(`unable to parse json with max depth: ${error.message}`);
  }
}

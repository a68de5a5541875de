// What `redact` looks for and what it puts there, as programs describe them.

import { getField } from '../../event/object.ts';
import { isObject, type ObjectValue, Regex, type Value } from '../../event/value.ts';
import { decodeBase16 } from './base16.ts';
import { encodeBase64 } from './base64.ts';
import { type HexHash, sha2Variants, sha3Variants } from './hashes.ts';
import { type CompiledRegex, compileRegex, regexOf } from './regex.ts';
import { utf8Text } from './utf8_text.ts';

/** What stands in place of a sensitive text. */
export type Redactor = (text: string) => string;

/** A text with all that is sensitive replaced. */
export type Filter = (text: string, redactor: Redactor) => string;

/** Area, group and serial number, as they are (or were) given out; what is around does not matter. */
const US_SOCIAL_SECURITY_NUMBER = new RegExp(
  [
    '(?:00[1-9]|0[1-9][0-9]|[1-578][0-9]{2}|6[0-57-9][0-9]|66[0-57-9])',
    '(?:0[1-9]|[1-9][0-9])',
    '(?:000[1-9]|00[1-9]0|0[1-9]00|[1-9]000|[1-9]{4})',
  ].join('-'),
  'g',
);

/** The filter that a value describes; text says why it is none. */
export function filterOf(value: Value): Filter | string {
  if (value instanceof Regex) return patternFilter([regexOf(value)]);
  const name = textOf(value);
  if (name === 'pattern') return 'pattern cannot be used without arguments';
  if (name !== undefined) return name === 'us_social_security_number' ? socialSecurityFilter : 'unknown filter name';
  if (!isObject(value)) return 'unknown literal for filter, must be a regex, filter name, or object';
  const type = getField(value, 'type');
  if (type === undefined) return 'filters specified as objects must have type parameter';
  switch (textOf(type)) {
    case undefined:
      return 'type key in filters must be a string';
    case 'us_social_security_number':
      return socialSecurityFilter;
    case 'pattern':
      return patternsOf(getField(value, 'patterns'));
    default:
      return 'unknown filter name';
  }
}

function socialSecurityFilter(text: string, redactor: Redactor): string {
  return text.replace(US_SOCIAL_SECURITY_NUMBER, redactor);
}

function patternsOf(patterns: Value | undefined): Filter | string {
  if (patterns === undefined) return 'pattern filter must have `patterns` specified';
  if (!Array.isArray(patterns)) return '`patterns` must be array of regular expression literals';
  const compiled: (CompiledRegex | string)[] = [];
  for (const pattern of patterns) {
    const text = textOf(pattern);
    if (text !== undefined) compiled.push(text);
    else if (pattern instanceof Regex) compiled.push(regexOf(pattern));
    else return '`patterns` must be regular expressions';
  }
  return patternFilter(compiled);
}

function patternFilter(patterns: readonly (CompiledRegex | string)[]): Filter {
  // The empty text is found between all characters: a regular expression does the same.
  const usable = patterns.map((pattern) => (pattern === '' ? (compileRegex('') as CompiledRegex) : pattern));
  return (text, redactor) => {
    let result = text;
    for (const pattern of usable) {
      if (typeof pattern === 'string') result = result.split(pattern).join(redactor(pattern));
      else result = pattern.replaceBy(result, (match) => redactor(match[0]));
    }
    return result;
  };
}

const REDACTED = '[REDACTED]';

/** The redactor that a value describes; text says why it is none. */
export function redactorOf(value: Value): Redactor | string {
  const name = textOf(value);
  if (name === 'full') return () => REDACTED;
  if (name === 'sha2' || name === 'sha3') return hashRedactor(name, {});
  if (name !== undefined) return 'unknown name of redactor';
  if (!isObject(value)) return 'unknown literal for redactor, must be redactor name or object';
  const type = getField(value, 'type');
  if (type === undefined) return 'redactor specified as objects must have type parameter';
  const word = textOf(type);
  switch (word) {
    case undefined:
      return 'type key in redactor must be a string';
    case 'full':
      return () => REDACTED;
    case 'text':
      return textRedactor(getField(value, 'replacement'));
    case 'sha2':
    case 'sha3':
      return hashRedactor(word, value);
    default:
      return 'unknown `type` for `redactor`';
  }
}

function textRedactor(replacement: Value | undefined): Redactor | string {
  if (replacement === undefined) return 'text redactor must have `replacement` specified';
  const text = textOf(replacement);
  return text === undefined ? '`replacement` must be a string' : () => text;
}

function hashRedactor(type: 'sha2' | 'sha3', options: ObjectValue): Redactor | string {
  const variants: Readonly<Record<string, HexHash>> = type === 'sha2' ? sha2Variants : sha3Variants;
  const variant = textOf(getField(options, 'variant') ?? (type === 'sha2' ? 'SHA-512/256' : 'SHA3-512'));
  if (variant === undefined) return '`variant` must be a string';
  if (!Object.hasOwn(variants, variant)) return 'invalid sha2 variant';
  const encoding = textOf(getField(options, 'encoding') ?? 'base64');
  if (encoding === undefined) return 'encoding must be string';
  const hash = variants[variant]!;
  if (encoding === 'base64') return (text) => encodeBase64(decodeBase16(hash(text))!, 'standard', true);
  if (encoding === 'base16' || encoding === 'hex') return hash;
  return 'unexpected encoding';
}

function textOf(value: Value): string | undefined {
  return typeof value === 'string' || value instanceof Uint8Array ? utf8Text(value) : undefined;
}

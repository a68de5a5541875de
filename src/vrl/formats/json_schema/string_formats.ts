// Formats of strings that JSON Schema knows by name.

import { parseRfc3339, utcSeconds } from '../../../event/timestamp.ts';
import { domainToAscii, domainToUnicode } from '../idna.ts';
import { parseIpv4, parseIpv6 } from '../ip_address.ts';
import { patternTest } from './patterns.ts';

export type Draft = 4 | 6 | 7 | 2019 | 2020;

interface StringFormat {
  /** The first draft that has it. */
  readonly since: Draft;
  readonly holds: (text: string) => boolean;
}

/** The format of a name in a draft; undefined when there is none. */
export function stringFormat(name: string, draft: Draft): ((text: string) => boolean) | undefined {
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  return format && draft >= format.since ? format.holds : undefined;
}

const FORMATS: Readonly<Record<string, StringFormat>> = {
  date: { since: 4, holds: isDate },
  'date-time': { since: 4, holds: isDateTime },
  time: { since: 4, holds: isTime },
  duration: { since: 2019, holds: isDuration },
  email: { since: 4, holds: (text) => isEmail(text, isHostname) },
  'idn-email': { since: 4, holds: (text) => isEmail(text, isInternationalHostname) },
  hostname: { since: 4, holds: isHostname },
  'idn-hostname': { since: 7, holds: isInternationalHostname },
  ipv4: { since: 4, holds: (text) => parseIpv4(text) !== undefined },
  ipv6: { since: 4, holds: (text) => parseIpv6(text) !== undefined },
  uri: { since: 4, holds: (text) => URI.test(text) && SCHEME.test(text) },
  'uri-reference': { since: 6, holds: (text) => URI.test(text) },
  iri: { since: 7, holds: (text) => IRI.test(text) && SCHEME.test(text) },
  'iri-reference': { since: 7, holds: (text) => IRI.test(text) },
  'uri-template': { since: 6, holds: (text) => URI_TEMPLATE.test(text) },
  'json-pointer': { since: 6, holds: (text) => /^(?:\/(?:[^~/]|~[01])*)*$/su.test(text) },
  'relative-json-pointer': { since: 7, holds: (text) => /^(?:0|[1-9]\d*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/su.test(text) },
  regex: { since: 4, holds: (text) => patternTest(text) !== undefined },
  uuid: { since: 2019, holds: (text) => /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(text) },
};

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  return match !== null && utcSeconds(Number(match[1]), Number(match[2]), Number(match[3]), 0, 0, 0) !== undefined;
}

const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

function isTime(text: string): boolean {
  const match = TIME.exec(text);
  if (!match) return false;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3])] as const;
  const [offsetHours, offsetMinutes] = [Number(match[5] ?? 0), Number(match[6] ?? 0)] as const;
  if (hour > 23 || minute > 59 || second > 60 || offsetHours > 23 || offsetMinutes > 59) return false;
  if (second < 60) return true;
  // A leap second ends a day in UTC.
  const offset = (match[4] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes);
  return (hour * 60 + minute - offset + 2 * 1440) % 1440 === 1439;
}

function isDateTime(text: string): boolean {
  if (parseRfc3339(text) === undefined && !/:60/.test(text)) return false;
  const separator = text.search(/[Tt]/);
  return separator !== -1 && isDate(text.slice(0, separator)) && isTime(text.slice(separator + 1));
}

const DURATION = /^P(?!$)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?$/;

function isDuration(text: string): boolean {
  return DURATION.test(text);
}

const HOSTNAME_MAX = 253;
const LABEL = /^(?!-)(?!(?!xn)..--)[A-Za-z0-9-]{1,63}(?<!-)$/;

function isHostname(text: string): boolean {
  if (text === '' || text.length > HOSTNAME_MAX) return false;
  return text.split('.').every((label) => LABEL.test(label) && (!label.startsWith('xn--') || isPunycodeLabel(label)));
}

function isPunycodeLabel(label: string): boolean {
  const unicode = domainToUnicode(label);
  return unicode !== undefined && unicode !== '' && isUnicodeLabel(unicode);
}

function isInternationalHostname(text: string): boolean {
  if (text.length > HOSTNAME_MAX) return false;
  const ascii = domainToAscii(text);
  if (ascii === undefined || !isHostname(ascii)) return false;
  return (domainToUnicode(ascii) ?? '').split('.').every((label) => label !== '' && isUnicodeLabel(label));
}

/** Viramas, behind which alone a zero-width joiner may stand. */
const VIRAMA =
  '\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d4d\\u0dca\\u0e3a\\u0f84\\u1039\\u1714\\u1734\\u17d2\\u1a60' +
  '\\u1b44\\u1baa\\u1bf2\\u1bf3\\u2d7f\\ua806\\ua8c4\\ua953\\uabed';

/** Characters that may stand only in some company, or not at all. */
const WRONG_COMPANY = new RegExp(
  `^\\p{M}|(?<![${VIRAMA}])\\u200d|(?<!l)\\u00b7|\\u00b7(?!l)|\\u0375(?![\\u0370-\\u03ff])|` +
    '(?<![\\u0590-\\u05ff])[\\u05f3\\u05f4]|[\\u0640\\u07fa\\u302e\\u302f\\u3031-\\u3035\\u303b]',
  'u',
);

function isUnicodeLabel(label: string): boolean {
  if (WRONG_COMPANY.test(label)) return false;
  if (label.includes('\u30fb') && !/[\u3040-\u30fa\u30fc-\u30ff\u4e00-\u9fff]/.test(label)) return false;
  return !(/[\u0660-\u0669]/.test(label) && /[\u06f0-\u06f9]/.test(label));
}

const ATOM = "[\\p{Alphabetic}\\p{N}!#$%&'*+\\-/=?^_`{|}~\\u{80}-\\u{10ffff}]+";
const LOCAL_PART = new RegExp(
  `^(?:${ATOM}(?:\\.${ATOM})*|"(?:[\\t !#-\\[\\]-~\\u{80}-\\u{10ffff}]|\\\\[!-~])+")$`,
  'u',
);
const LOCAL_PART_BYTES_MAX = 64;
const DOMAIN_BYTES_MAX = 254;

function isEmail(text: string, isHost: (domain: string) => boolean): boolean {
  const bracket = text.lastIndexOf(' <');
  const inBrackets = text.slice(bracket + 2).trim();
  if (bracket !== -1 && !inBrackets.endsWith('>')) return false;
  const address = bracket === -1 ? text : inBrackets.slice(0, -1);
  const at = address.lastIndexOf('@');
  if (at === -1) return false;
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)] as const;
  if (byteLength(local) > LOCAL_PART_BYTES_MAX || byteLength(domain) > DOMAIN_BYTES_MAX) return false;
  if (!LOCAL_PART.test(local)) return false;
  const literal = /^\[(.*)\]$/su.exec(domain)?.[1];
  if (literal === undefined) return isHost(domain);
  return literal.startsWith('IPv6:') ? parseIpv6(literal.slice(5)) !== undefined : parseIpv4(literal) !== undefined;
}

const encoder = new TextEncoder();

function byteLength(text: string): number {
  return encoder.encode(text).length;
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const URI = uriPattern('');
const IRI = uriPattern('\\u{a0}-\\u{d7ff}\\u{f900}-\\u{fdcf}\\u{fdf0}-\\u{ffef}\\u{10000}-\\u{efffd}');

/** Any reference of RFC 3986 (or 3987, with more characters); a scheme is one way it may begin. */
function uriPattern(more: string): RegExp {
  const char = `(?:[A-Za-z0-9\\-._~!$&'()*+,;=${more}]|%[0-9A-Fa-f]{2})`;
  const segment = `(?:${char}|[:@])`;
  const authority = `(?:(?:${char}|:)*@)?(?:\\[[0-9A-Fa-f:.v]+\\]|${char}*)(?::\\d*)?`;
  const path = `(?://${authority}(?:/${segment}*)*|/(?:${segment}+(?:/${segment}*)*)?|${segment}+(?:/${segment}*)*)?`;
  const relative = `(?://${authority}(?:/${segment}*)*|/(?:${segment}+(?:/${segment}*)*)?|(?:${char}|@)+(?:/${segment}*)*)?`;
  const tail = `(?:\\?(?:${segment}|[/?])*)?(?:#(?:${segment}|[/?])*)?`;
  return new RegExp(`^(?:[A-Za-z][A-Za-z0-9+.\\-]*:${path}|${relative})${tail}$`, 'u');
}

const VARIABLE = '(?:[a-z0-9_]|%[0-9a-f]{2})+(?::[1-9][0-9]{0,3}|\\*)?';
const URI_TEMPLATE = new RegExp(
  `^(?:[^\\x00-\\x20"'<>%\\\\^\`{|}]|%[0-9a-f]{2}|\\{[+#./;?&=,!@|]?${VARIABLE}(?:,${VARIABLE})*\\})*$`,
);

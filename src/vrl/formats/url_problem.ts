// Says why a text is no URL, once it is known to be none. `URL` itself tells only that.

import { percentDecode } from './query_string.ts';

/** Schemes with a host and a usual port. */
export const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['ftp', 21],
  ['http', 80],
  ['https', 443],
  ['ws', 80],
  ['wss', 443],
]);

const EMPTY_HOST = 'empty host';
const BAD_DOMAIN = 'invalid international domain name';
const BAD_PORT = 'invalid port number';
const BAD_IPV4 = 'invalid IPv4 address';
const BAD_IPV6 = 'invalid IPv6 address';
const BAD_CHARACTER = 'invalid domain character';

/** Characters that no domain has. */
const FORBIDDEN = /[\0- #%/:<>?@[\\\]^|\x7f]/;

/** What is wrong with `text`, which does not parse as a URL. */
export function urlProblem(text: string): string {
  const clean = text.replace(/^[\0- ]+|[\0- ]+$/g, '').replace(/[\t\n\r]/g, '');
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(clean);
  if (!match) return 'relative URL without a base';
  const scheme = match[1]!.toLowerCase();
  const rest = clean.slice(match[0].length);
  if (scheme === 'file') return hostProblem(/^[/\\]{2}([^/\\?#]*)/.exec(rest)?.[1] ?? '', true);
  if (DEFAULT_PORTS.has(scheme)) return authorityProblem(/^[/\\]*([^/\\?#]*)/.exec(rest)?.[1] ?? '', true);
  return authorityProblem(/^\/\/([^/?#]*)/.exec(rest)?.[1] ?? '', false);
}

function authorityProblem(authority: string, special: boolean): string {
  const at = authority.lastIndexOf('@');
  const place = authority.slice(at + 1);
  const colon = portColon(place);
  const host = colon === -1 ? place : place.slice(0, colon);
  if (host === '') return EMPTY_HOST;
  const problem = hostProblem(host, special);
  const port = colon === -1 ? '' : place.slice(colon + 1);
  const portIsBad = !/^\d*$/.test(port) || Number(port) > 65_535;
  if (portIsBad && isHost(host, special)) return BAD_PORT;
  return problem;
}

/** The colon before the port: the first one outside of brackets. */
function portColon(place: string): number {
  let inBrackets = false;
  for (let i = 0; i < place.length; i++) {
    if (place[i] === '[') inBrackets = true;
    else if (place[i] === ']') inBrackets = false;
    else if (place[i] === ':' && !inBrackets) return i;
  }
  return -1;
}

function isHost(host: string, special: boolean): boolean {
  return URL.canParse(`${special ? 'http' : 'a'}://${host}/`);
}

function hostProblem(text: string, special: boolean): string {
  if (text.startsWith('[')) return BAD_IPV6;
  if (!special) return BAD_CHARACTER;
  const host = percentDecode(text);
  if (FORBIDDEN.test(host)) return BAD_DOMAIN;
  const last = /([^.]*)\.?$/.exec(host)?.[1] ?? '';
  return /^(?:\d+|0[xX][0-9A-Fa-f]*)$/.test(last) ? BAD_IPV4 : BAD_DOMAIN;
}

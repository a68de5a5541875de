// Which hosts are reached without a proxy.
//
//   *                 every host
//   example.com       that host
//   .example.com      that host and all below it (`*.example.com` means the same)
//   10.1.2.3          that address, as written in the URL
//   10.0.0.0/8        addresses of that block
//   host:8080         any of these, for one port only

import { BlockList, isIP } from 'node:net';

/** Rules beyond this number are not looked at; a list this long is a mistake. */
const RULES_MAX = 10_000;

type Matches = (host: string, port: number) => boolean;

/** A function that tells whether `url` is reached directly. Rules that make no sense match nothing. */
export function noProxy(rules: readonly string[]): (url: URL) => boolean {
  const matchers = rules
    .slice(0, RULES_MAX)
    .map((rule) => matcher(rule.trim().toLowerCase()))
    .filter((found) => found !== undefined);
  return (url) => {
    const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    return matchers.some((matches) => matches(host, port));
  };
}

function matcher(rule: string): Matches | undefined {
  if (rule === '') return undefined;
  if (rule === '*') return () => true;
  const [name, port] = splitPort(rule);
  const matches = hostMatcher(name);
  if (!matches || port === undefined) return matches;
  return (host, other) => port === other && matches(host, other);
}

/** The port behind the last colon, unless the colon belongs to a bare IPv6 address. */
function splitPort(rule: string): [string, number | undefined] {
  const match = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(rule);
  const name = match ? match[1]! : rule;
  return [name.replace(/^\[|\]$/g, ''), match ? Number(match[2]) : undefined];
}

function hostMatcher(name: string): Matches | undefined {
  const version = isIP(name);
  if (version !== 0) {
    const list = new BlockList();
    list.addAddress(name, version === 6 ? 'ipv6' : 'ipv4');
    return (host) => contains(list, host);
  }
  if (name.includes('/')) return block(name);
  const domain = name.replace(/^\*?\./, '').replace(/\.$/, '');
  if (domain === '') return undefined;
  if (domain === name) return (host) => host === domain;
  return (host) => host === domain || host.endsWith(`.${domain}`);
}

function block(rule: string): Matches | undefined {
  const [address, bits, ...rest] = rule.split('/');
  const version = isIP(address!);
  const prefix = /^\d{1,3}$/.test(bits ?? '') ? Number(bits) : Number.NaN;
  if (version === 0 || rest.length > 0 || !(prefix <= (version === 6 ? 128 : 32))) return undefined;
  const list = new BlockList();
  list.addSubnet(address!, prefix, version === 6 ? 'ipv6' : 'ipv4');
  return (host) => contains(list, host);
}

function contains(list: BlockList, host: string): boolean {
  const version = isIP(host);
  return version !== 0 && list.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

// Addresses as configuration writes them: where a source listens (an IP and a port, or a socket that systemd opened),
// and where a sink connects to (a host and a port).

import { isIP } from 'node:net';
import { ParseProblem, parsed, string } from '../schema/schema.ts';

/** Where to listen. */
export type ListenAddress =
  | { readonly kind: 'ip'; readonly host: string; readonly port: number }
  /** The socket number `index`, from 0, of those that systemd handed to this process. */
  | { readonly kind: 'systemd'; readonly index: number };

/** Where to connect to. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

const PORT_MAX = 65_535;

/** The option `address` of a source. */
export function listenAddress(doc: string) {
  return parsed(
    string(doc, { examples: ['0.0.0.0:9000', '[::]:9000', 'systemd', 'systemd#3'] }),
    (text): ListenAddress | ParseProblem => {
      const address = parseListenAddress(text);
      return typeof address === 'string' ? new ParseProblem(address) : address;
    },
  );
}

/** The option `address` of a sink. */
export function peerAddress(doc: string) {
  return parsed(
    string(doc, { examples: ['92.12.333.224:5000', 'logs.example.com:5000'] }),
    (text): PeerAddress | ParseProblem => {
      const address = parsePeerAddress(text);
      return typeof address === 'string' ? new ParseProblem(address) : address;
    },
  );
}

/** The address, or text that says what is wrong with it. */
export function parseListenAddress(text: string): ListenAddress | string {
  if (text === 'systemd') return { kind: 'systemd', index: 0 };
  if (text.startsWith('systemd#')) {
    const number = /^systemd#(\d{1,6})$/.exec(text)?.[1];
    if (number === undefined || Number(number) === 0) return `\`${text}\`: sockets of systemd are numbered from 1`;
    return { kind: 'systemd', index: Number(number) - 1 };
  }
  const parts = splitPort(text);
  if (typeof parts === 'string') return parts;
  if (isIP(parts.host) === 0 || (isIP(parts.host) === 6) !== text.startsWith('['))
    return `\`${text}\` must be an IP address and a port, as in \`0.0.0.0:9000\` or \`[::]:9000\`, or \`systemd\``;
  return { kind: 'ip', ...parts };
}

/** The address, or text that says what is wrong with it. A scheme in front is ignored. */
export function parsePeerAddress(text: string): PeerAddress | string {
  const parts = splitPort(text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/\/$/, ''));
  if (typeof parts === 'string') return parts;
  if (parts.host === '') return `\`${text}\` has no host`;
  if (/[\s/?#@]/.test(parts.host)) return `\`${text}\` must be a host and a port, as in \`logs.example.com:5000\``;
  return parts;
}

function splitPort(text: string): PeerAddress | string {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (!match) return `\`${text}\` must be a host and a port, as in \`127.0.0.1:9000\``;
  const port = Number(match[3]);
  if (port > PORT_MAX) return `\`${text}\`: a port is at most ${PORT_MAX}`;
  return { host: match[1] ?? match[2]!, port };
}

/** The address as text, as in `127.0.0.1:9000` or `systemd#2`. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === 'systemd') return address.index === 0 ? 'systemd' : `systemd#${address.index + 1}`;
  return formatPeerAddress(address);
}

export function formatPeerAddress({ host, port }: PeerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The first descriptor that systemd hands over. */
const FIRST_DESCRIPTOR = 3;

/**
 * The descriptor of socket `index` of those that systemd opened for this process.
 * @throws Error when there is none
 */
export function systemdDescriptor(
  index: number,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  pid = process.pid,
): number {
  const { LISTEN_PID: forPid, LISTEN_FDS: count } = environment;
  if (count === undefined || (forPid !== undefined && Number(forPid) !== pid))
    throw new Error('systemd handed no sockets to this process (LISTEN_FDS is not set for it)');
  if (!(index < Number(count)))
    throw new Error(`systemd handed ${count} sockets to this process, and number ${index + 1} was asked for`);
  return FIRST_DESCRIPTOR + index;
}

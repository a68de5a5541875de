// What only one component of the process may use: addresses, ports, file descriptors.

import { isIP } from 'node:net';
import type { Resource } from '../component/define.ts';
import type { ConfigPath, Problem } from '../schema/schema.ts';
import { type DocumentNode, memberOf } from './document.ts';

export interface Claim {
  /** Who claims it, for messages. */
  readonly owner: string;
  readonly resource: Resource;
  readonly path: ConfigPath;
}

/** One problem for each claim of what an earlier one has. */
export function conflicts(claims: readonly Claim[]): Problem[] {
  return claims.flatMap((claim, index) => {
    const earlier = claims.slice(0, index).find((other) => collides(other.resource, claim.resource));
    if (!earlier || earlier.owner === claim.owner) return [];
    const what =
      earlier.resource === claim.resource
        ? `${claim.owner} wants ${nameOf(claim.resource)}, which ${earlier.owner} has already`
        : `${claim.owner} wants ${nameOf(claim.resource)}, and ${earlier.owner} has ${nameOf(earlier.resource)} already`;
    return [{ severity: 'error' as const, path: claim.path, message: what, hint: 'give one of them another' }];
  });
}

function nameOf(resource: Resource): string {
  const socket = socketOf(resource);
  return `\`${socket ? `${socket.host}:${socket.port}` : resource}\``;
}

interface Socket {
  readonly protocol: string;
  readonly host: string;
  readonly port: string;
}

function socketOf(resource: Resource): Socket | undefined {
  const match = /^(tcp|udp):(.*):(\d+)$/.exec(resource);
  return match ? { protocol: match[1]!, host: match[2]!, port: match[3]! } : undefined;
}

/** All interfaces collide with any; port 0 is a different one each time. */
function collides(a: Resource, b: Resource): boolean {
  const [first, second] = [socketOf(a), socketOf(b)];
  if (!first || !second) return a === b;
  if (first.protocol !== second.protocol || first.port !== second.port || first.port === '0') return false;
  return first.host === second.host || takesAll(first.host, second.host) || takesAll(second.host, first.host);
}

/** `[::]` takes the addresses of both families, `0.0.0.0` those of its own. */
function takesAll(host: string, other: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === '::') return true;
  return bare === '0.0.0.0' && isIP(other.replace(/^\[|\]$/g, '')) !== 6;
}

/** The leaf of a component that holds the address of a resource, where one does: the place to look at. */
export function claimPath(resource: Resource, node: DocumentNode | undefined, path: ConfigPath): ConfigPath {
  const socket = socketOf(resource);
  const texts = socket
    ? [`${socket.host}:${socket.port}`, `[${socket.host}]:${socket.port}`]
    : [resource.replace(/^\w+:/, '')];
  const search = (current: DocumentNode | undefined, at: ConfigPath): ConfigPath | undefined => {
    if (current?.kind === 'scalar') return texts.includes(String(current.value)) ? at : undefined;
    if (current?.kind === 'list') {
      for (const [index, item] of current.items.entries()) {
        const found = search(item, [...at, index]);
        if (found) return found;
      }
    } else if (current) {
      for (const key of current.members.keys()) {
        const found = search(memberOf(current, key), [...at, key]);
        if (found) return found;
      }
    }
    return undefined;
  };
  return search(node, path) ?? path;
}

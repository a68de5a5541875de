// Which requests are for this source, and what the others are told: what Vector tells them.

import { HttpRejection, type HttpReply, rejectionReply, textReply } from '../../net/http/rejection.ts';

interface RouteConfig {
  readonly method: string;
  readonly path: string;
  readonly strict_path: boolean;
}

interface Routed {
  readonly method: string;
  readonly path: string;
}

/** A function that gives the reply to a request that is not for this source, and nothing for one that is. */
export function router({ method, path, strict_path: strict }: RouteConfig): (request: Routed) => HttpReply | undefined {
  const segments = path.split('/').filter((segment) => segment !== '');
  return (request) => {
    const rest = request.method === method ? behind(segments, request.path) : undefined;
    if (rest === '' || (rest !== undefined && !strict)) return undefined;
    // The answer to a question that load balancers like to ask.
    if (request.method === 'GET' && behind(['ping'], request.path) !== undefined) return textReply(200, 'pong');
    if (rest !== undefined) return rejectionReply(new HttpRejection(404, 'Not found'));
    if (request.method === 'GET' && method === 'GET') return { status: 404 };
    return textReply(405, 'HTTP method not allowed');
  };
}

/** What follows the segments in a path; undefined when it does not begin with them. */
function behind(segments: readonly string[], path: string): string | undefined {
  let rest = path.startsWith('/') ? path.slice(1) : path;
  for (const segment of segments) {
    const end = rest.indexOf('/');
    if ((end < 0 ? rest : rest.slice(0, end)) !== segment) return undefined;
    rest = end < 0 ? '' : rest.slice(end + 1);
  }
  return rest;
}

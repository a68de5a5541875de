// Names of places in the code that a reader of a profile can do something with: modules by their path in the sources,
// components by their type, programs by whose they are. The published command is a bundle, which keeps the names of
// functions, and components in files of their own.

export interface Frame {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

const COMPONENT = /^(source|transform|sink|enrichment_table)s\/([a-z0-9_]+)\//;

/** As `parseLine (vrl/stdlib/parse_syslog.ts:31)`, `write (sink http, sinks/http/http.ts:80)`, `JSON.parse (built in)`. */
export function siteName(frame: Frame): string {
  const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
  if (frame.url === '') return frame.lineNumber < 0 ? `${name} (built in)` : `${name} (made at run time)`;
  if (frame.url.startsWith('sluice/')) return `${name} (${frame.url.slice('sluice/'.length)}:${frame.lineNumber + 1})`;
  const short = shortPath(frame.url);
  const line = frame.lineNumber + 1;
  const component = COMPONENT.exec(short);
  return `${name} (${component ? `${component[1]} ${component[2]}, ` : ''}${short}:${line})`;
}

/** The path below `src/`, the name of a package, or the module of Node. */
export function shortPath(url: string): string {
  if (url.startsWith('node:')) return url;
  const path = url.replace(/^file:\/\//, '');
  const packaged = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
  if (packaged) return `${packaged[1]}: ${path.slice(packaged[0].length)}`;
  const own = /.*\/(?:src|dist)\/(.*)$/.exec(path);
  if (own) return own[1]!;
  return path.split('/').slice(-2).join('/');
}

// What `--version` prints.

import { readFileSync } from 'node:fs';

/** The version in package.json, which lies two folders up in the sources and in the published package alike. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}

export function versionLine(): string {
  return `sluice ${version()} (${process.platform} ${process.arch}, Node ${process.versions.node})`;
}

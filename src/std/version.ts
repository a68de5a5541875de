// The version of this program.

import { readFileSync } from 'node:fs';

let known: string | undefined;

/** The version in package.json, which lies two folders up in the sources and in the published package alike. */
export function version(): string {
  if (known === undefined) {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    known = String((JSON.parse(text) as { version: unknown }).version);
  }
  return known;
}

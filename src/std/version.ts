// The version of this program.

import { readOwnFile } from './own_files.ts';

let known: string | undefined;

/** The version in package.json, which lies two folders up in the sources and in the published package alike. */
export function version(): string {
  if (known === undefined) {
    const text = new TextDecoder().decode(readOwnFile(new URL('../../package.json', import.meta.url)));
    known = String((JSON.parse(text) as { version: unknown }).version);
  }
  return known;
}

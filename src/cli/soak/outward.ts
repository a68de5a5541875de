// Programs that reach the world by themselves: whatever their sources and sinks are, they would do so in a soak too.

import { readFileSync } from 'node:fs';
import type { Config } from '../../config/config.ts';
import type { Document } from './rewrite.ts';

const CALL = /\b(http_request|dns_lookup|reverse_dns)\s*!?\s*\(/;

/** The transforms that call such a function, with the function. */
export function outwardCalls(document: Document, config: Config): { readonly id: string; readonly name: string }[] {
  const written = (document['transforms'] ?? {}) as Record<string, unknown>;
  return Object.entries(written).flatMap(([id, options]) => {
    const transform = config.transforms.get(id);
    const files = transform?.definition.files?.(transform.config) ?? [];
    const texts = [JSON.stringify(options), ...files.map(textOf)];
    const name = texts.map((text) => CALL.exec(text)?.[1]).find((found) => found !== undefined);
    return name === undefined ? [] : [{ id, name }];
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

// Keys of objects that filters give, read as paths: `a.b`, `"x y".z`, `list[0]`.

import type { Segment } from '../../../event/path.ts';

const NAME = '[A-Za-z0-9_@-]+';
const QUOTED = '"(?:[^"\\\\]|\\\\["\\\\])*"';
const INDEX = '\\[(?:[0-9]+|-[0-9]*)\\]';
const FIRST = new RegExp(`^(?:${NAME}|${QUOTED}|${INDEX})`);
/** A dot may stand before a name, and must where a name follows a name; a quoted part may follow anything. */
const NEXT = new RegExp(`^(?:\\.(?:${NAME}|${QUOTED})|${INDEX})`);
const NEXT_AFTER_CLOSE = new RegExp(`^(?:\\.(?:${NAME}|${QUOTED})|${NAME}|${QUOTED}|${INDEX})`);

/** The segments of a path; a text that is none is the name of one field. */
export function keyPath(key: string): readonly Segment[] {
  if (/^[A-Za-z0-9_@-]+$/.test(key)) return [key];
  return parse(key) ?? [key];
}

function parse(key: string): readonly Segment[] | undefined {
  let rest = key.startsWith('.') ? key.slice(1) : key;
  if (rest === '') return key === '.' ? [] : undefined;
  const segments: Segment[] = [];
  let pattern = FIRST;
  while (rest !== '') {
    const part = pattern.exec(rest)?.[0];
    if (part === undefined) return undefined;
    rest = rest.slice(part.length);
    const plain = part.startsWith('.') ? part.slice(1) : part;
    segments.push(segmentOf(plain));
    pattern = /["\]]$/.test(plain) ? NEXT_AFTER_CLOSE : NEXT;
  }
  return segments;
}

function segmentOf(part: string): Segment {
  if (part.startsWith('"')) return part.slice(1, -1).replace(/\\(.)/g, '$1');
  return part.startsWith('[') ? Number(part.slice(1, -1)) || 0 : part;
}

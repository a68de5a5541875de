// Expressions in the syntax of Rust's regex crate with one look-behind before them, run by the machine that can look
// behind.

import type { Anchor, Node } from '../onig/node.ts';
import { OnigRegex } from '../onig/onig.ts';
import type { Node as RustNode } from '../regex/node.ts';
import { parsePattern } from '../regex/parse.ts';
import { RegexProblem } from '../regex/syntax.ts';
import { translate } from '../regex/translate.ts';

/** Matches `source` where `behind` matches before it; undefined when one of them is no expression. */
export function rustRegex(behind: string, source: string): OnigRegex | undefined {
  try {
    const look: Node = { type: 'look', behind: true, negative: false, body: nodeOf(behind) };
    const parsed = parsePattern(Array.from(withLiteralBraces(source)));
    const node: Node = { type: 'sequence', parts: [look, converted(translate(parsed.syntax))] };
    return new OnigRegex({ node, captureCount: parsed.names.length - 1, names: new Map() });
  } catch (error) {
    if (error instanceof RegexProblem) return undefined;
    throw error;
  }
}

function nodeOf(source: string): Node {
  return converted(translate(parsePattern(Array.from(source)).syntax));
}

/** A brace that counts nothing stands for itself, unlike in Rust. */
function withLiteralBraces(source: string): string {
  return source.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|([(|]?)\{/g, (part, before, at: number) => {
    if (!part.endsWith('{')) return part;
    const counts = before === '' && at > 0 && /^\{\d+(?:,\d*)?\}/.test(source.slice(at));
    return counts ? part : `${before}\\{`;
  });
}

const ANCHORS: Readonly<Record<string, Anchor>> = {
  start: 'text start',
  end: 'text end',
  'line start': 'line start',
  'line end': 'line end',
  'word boundary': 'word boundary',
  'no word boundary': 'no word boundary',
};

function converted(node: RustNode): Node {
  switch (node.type) {
    case 'empty':
      return { type: 'sequence', parts: [] };
    case 'char':
    case 'set':
      return node;
    case 'look':
      return { type: 'anchor', anchor: ANCHORS[node.look] ?? 'word boundary' };
    case 'repeat':
      return { ...node, body: converted(node.body) };
    case 'capture':
      return { ...node, body: converted(node.body) };
    case 'concat':
      return { type: 'sequence', parts: node.parts.map(converted) };
    case 'alternation':
      return { type: 'choice', branches: node.branches.map(converted) };
  }
}

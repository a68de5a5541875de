// How many instructions a pattern takes when its counted repetitions are written out, without writing them.

import type { Node } from './node.ts';

export function programSize(node: Node): number {
  switch (node.type) {
    case 'empty':
      return 0;
    case 'char':
    case 'set':
    case 'look':
      return 1;
    case 'capture':
      return programSize(node.body) + 2;
    case 'concat':
      return node.parts.reduce((sum, part) => sum + programSize(part), 0);
    case 'alternation':
      return node.branches.reduce((sum, branch) => sum + programSize(branch) + 2, 0);
    case 'repeat': {
      const copies = node.max === Infinity ? Math.max(node.min, 1) : node.max;
      return copies * (programSize(node.body) + 1) + 1;
    }
  }
}

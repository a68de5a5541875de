// The types of the data that the package brings.

declare module 'tldts/dist/es6/src/data/trie.js' {
  /** Of each node: 0 where it is no rule itself. */
  export const nodeFlags: Uint8Array;
  /** Of each node, and once more: where its edges begin. */
  export const edgeStart: ArrayLike<number>;
  /** Of each edge: how long its label is. */
  export const edgeLength: ArrayLike<number>;
  /** Of each edge: the node that it leads to. */
  export const edgeChild: ArrayLike<number>;
  /** The labels of all edges, one behind the other. */
  export const labelText: string;
  export const rulesRoot: number;
  export const exceptionsRoot: number;
}

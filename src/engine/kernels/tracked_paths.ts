// Paths of members as a tree, and the tree as the bytes that the JSON kernel follows (assembly/json_layout.ts has a picture).

import { quoteJson } from '../../event/json.ts';
import { compareUtf8 } from '../../event/key_order.ts';

/** A member that is tracked, or that has members which are. */
export interface TrackedNode {
  readonly name: string;
  /** Its place in table and edits. */
  readonly index: number;
  /** Its members that are tracked, in the order of their names. */
  readonly children: readonly TrackedNode[];
}

interface OpenNode extends TrackedNode {
  readonly children: OpenNode[];
}

const NODES_MAX = 64;
const NAME_BYTES_MAX = 255;
const DEPTH_MAX = 8;

export interface PathTree {
  /** Members of the object itself that are tracked, in the order of their names. */
  readonly children: readonly TrackedNode[];
  /** All nodes, inner ones too, by their index. */
  readonly nodes: readonly TrackedNode[];
}

/** Paths in the form that a kernel follows. Valid for the kernel that made it, until it is released there. */
export class TrackedPaths {
  /** Members of the object itself that are tracked, in the order of their names. */
  readonly children: readonly TrackedNode[];
  /** How many nodes there are, inner ones too. */
  readonly count: number;
  /** Where the kernel finds it, and what it takes there. */
  readonly address: number;
  readonly sizeBytes: number;

  constructor(tree: PathTree, address: number, sizeBytes: number) {
    this.children = tree.children;
    this.count = tree.nodes.length;
    this.address = address;
    this.sizeBytes = sizeBytes;
  }

  /** The index of the node at a path: one that is tracked, or leads to one that is. */
  indexOf(path: readonly string[]): number {
    let children = this.children;
    let index = -1;
    for (const name of path) {
      const node = children.find((one) => one.name === name);
      if (node === undefined) return -1;
      ({ index, children } = node);
    }
    return index;
  }
}

/** The tree of paths, or undefined when the kernel cannot follow it. */
export function treeOfPaths(paths: readonly (readonly string[])[]): PathTree | undefined {
  const children: OpenNode[] = [];
  const nodes: OpenNode[] = [];
  for (const path of paths) {
    if (path.length === 0 || path.length > DEPTH_MAX || !path.every(canBeFollowed)) return undefined;
    let siblings = children;
    for (const name of path) {
      let node = siblings.find((one) => one.name === name);
      if (node === undefined) {
        node = { name, index: nodes.length, children: [] };
        nodes.push(node);
        siblings.push(node);
      }
      siblings = node.children;
    }
  }
  if (nodes.length > NODES_MAX) return undefined;
  for (const { children: members } of [{ children }, ...nodes]) members.sort((a, b) => compareUtf8(a.name, b.name));
  return { children, nodes };
}

/** A name that is no text of Unicode has no bytes to look for. */
function canBeFollowed(name: string): boolean {
  return name.isWellFormed() && Buffer.byteLength(name) <= NAME_BYTES_MAX;
}

const HEAD_BYTES = 8;
const BUCKETS = 64;
const RECORDS = 72;
const RECORD_BYTES = 40;

/** The bytes of a plan that is to lie at `address`. */
export function encodePlan(tree: PathTree, address: number): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  /** Sets a part aside, at a multiple of 8; its offset. */
  const add = (part: Buffer): number => {
    const offset = size;
    const padded = Buffer.alloc((part.length + 7) & ~7);
    part.copy(padded);
    parts.push(padded);
    size += padded.length;
    return offset;
  };
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeInt32LE(tree.nodes.length);
  add(head);
  const nodes: { readonly offset: number; readonly bytes: Buffer }[] = [];
  const addNode = (members: readonly TrackedNode[]): number => {
    const bytes = Buffer.alloc(RECORDS + RECORD_BYTES * members.length);
    const offset = add(bytes);
    nodes.push({ offset, bytes });
    bytes.writeInt32LE(members.length, BUCKETS);
    members.forEach((member, i) => {
      const name = Buffer.from(member.name);
      const quoted = Buffer.from(`${quoteJson(member.name)}:`);
      const inner = member.children.length === 0 ? 0 : address + addNode(member.children);
      writeRecord(bytes, i, name, member.index, inner, address + add(name), address + add(quoted), quoted.length);
    });
    return offset;
  };
  addNode(tree.children);
  const plan = Buffer.concat(parts);
  for (const { offset, bytes } of nodes) bytes.copy(plan, offset);
  return plan;
}

function writeRecord(
  node: Buffer,
  number: number,
  name: Buffer,
  index: number,
  inner: number,
  nameAddress: number,
  quotedAddress: number,
  quotedLength: number,
): void {
  const at = RECORDS + RECORD_BYTES * number;
  const first = Buffer.alloc(8);
  name.copy(first, 0, 0, 8);
  const word = first.readBigUInt64BE();
  node.writeBigUInt64LE(word, at);
  node.writeUInt32LE(nameAddress, at + 8);
  node.writeUInt32LE(nameAddress + name.length, at + 12);
  node.writeUInt32LE(index, at + 16);
  node.writeUInt32LE(inner, at + 20);
  node.writeUInt32LE(quotedAddress, at + 28);
  node.writeUInt32LE(quotedAddress + quotedLength, at + 32);
  const bucket = bucketOf(word, name.length);
  node.writeUInt32LE(node[bucket]!, at + 24);
  node[bucket] = number + 1;
}

/** As the kernel computes it. */
function bucketOf(word: bigint, length: number): number {
  return Number(BigInt.asUintN(64, (word + BigInt(length)) * 0x9e3779b97f4a7c15n) >> 58n);
}

// Tags by the texts of their values, so that logs of one series get the same tags and nothing is made for them again.
//
//   host "a" ─┬─ app "x" ─┬─ msgid "1"   tags
//             │           └─ msgid none  tags
//             └─ app "y" ─── …

import { SharedTags } from '../../event/metric.ts';
import { own } from '../../event/value.ts';

/** Steps of all paths together; with more, all is forgotten and begins anew. */
const NODES_MAX = 8_192;

/** Longer texts are not remembered, so that all of it stays below 10 MiB. */
const TEXT_LENGTH_MAX = 200;

interface Node {
  readonly next: Map<string | undefined, Node>;
  tags: SharedTags | undefined;
}

export class TagCache {
  readonly #names: readonly string[];
  #root = newNode();
  #nodes = 0;

  /** @param names the names of the tags, in order and each once */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** The tags with these values, one for each name; a tag without a value is left out. */
  get(texts: readonly (string | undefined)[]): SharedTags {
    let node = this.#root;
    for (const text of texts) {
      const next = node.next.get(text);
      if (!next) return this.#make(texts);
      node = next;
    }
    return (node.tags ??= this.#tagsOf(texts));
  }

  #make(texts: readonly (string | undefined)[]): SharedTags {
    for (const text of texts) if (text !== undefined && text.length > TEXT_LENGTH_MAX) return this.#tagsOf(texts);
    if (this.#nodes + texts.length > NODES_MAX) {
      this.#root = newNode();
      this.#nodes = 0;
    }
    let node = this.#root;
    const kept: (string | undefined)[] = [];
    for (const text of texts) {
      const key = text === undefined ? undefined : own(text);
      let next = node.next.get(key);
      if (!next) {
        next = newNode();
        node.next.set(key, next);
        this.#nodes += 1;
      }
      kept.push(key);
      node = next;
    }
    return (node.tags ??= this.#tagsOf(kept));
  }

  #tagsOf(texts: readonly (string | undefined)[]): SharedTags {
    const tags = new SharedTags();
    for (const [index, text] of texts.entries()) if (text !== undefined) tags.set(this.#names[index]!, text);
    return tags;
  }
}

function newNode(): Node {
  return { next: new Map(), tags: undefined };
}

// JSON objects that have fields besides their own members: those of a text batch into whose events JSON is merged
// (`. |= parse_json!(.message)`), those that a source puts into the JSON it reads. Their names come with the batches of a source, so what the
// kernel follows is made when they are first seen.

import { fieldsOf, type KnownFields, pathOf } from './fields.ts';
import { JsonBase, type JsonTools } from './json_base.ts';
import type { Others, PartialEvent } from './partial_event.ts';

/** Sets of names that are kept; a source has one, and few sources share a segment. */
const KEPT = 8;

export class JsonMerge {
  readonly #fields: KnownFields;
  readonly #tools: JsonTools;
  readonly #known = new Map<string, JsonBase | undefined>();
  #last: { readonly others: Others; readonly json: JsonBase | undefined } | undefined;

  /** `fields` are those that steps need. */
  constructor(fields: KnownFields, tools: JsonTools) {
    this.#fields = fields;
    this.#tools = tools;
  }

  /** As `JsonBase.read`. `others` are the same object for all events of a batch. */
  read(event: PartialEvent, start: number, end: number, others: Others | undefined): boolean {
    if (!others) return false;
    if (this.#last?.others !== others) this.#last = { others, json: this.#jsonFor(others) };
    return this.#last.json?.read(event, start, end, others) ?? false;
  }

  close(): void {
    for (const json of this.#known.values()) json?.close();
    this.#known.clear();
  }

  #jsonFor({ fields, messageKey }: Others): JsonBase | undefined {
    const names = [...fields.map(({ name }) => name), ...(messageKey === undefined ? [] : [messageKey])];
    const key = JSON.stringify(names);
    if (this.#known.has(key)) return this.#known.get(key);
    if (this.#known.size >= KEPT) this.close();
    const own = this.#fields.fields.map(({ names: path, ...field }) => ({
      reads: field.isRead ? [{ target: 'event' as const, segments: [...path] }] : [],
      writes: field.isWritten ? [{ target: 'event' as const, segments: [...path] }] : [],
    }));
    const json = JsonBase.of(fieldsOf([...own, { reads: [], writes: names.map(pathOf) }]), this.#tools);
    this.#known.set(key, json);
    return json;
  }
}

// JSON that is merged into the events of a text batch (`. |= parse_json!(.message)`): an object that has, besides its own
// members, those fields of the batch that it does not have. Their names come with the batches of a source, so what the
// kernel follows is made when they are first seen.

import { fieldsOf, type KnownFields, pathOf } from './fields.ts';
import { JsonBase, type JsonTools } from './json_base.ts';
import type { PartialEvent } from './partial_event.ts';
import type { TextBase } from './text_base.ts';

/** Sets of names that are kept; a source has one, and few sources share a segment. */
const KEPT = 8;

export class JsonMerge {
  readonly #fields: KnownFields;
  readonly #tools: JsonTools;
  readonly #known = new Map<string, JsonBase | undefined>();
  #last: { readonly base: TextBase; readonly json: JsonBase | undefined } | undefined;

  /** `fields` are those that steps need. */
  constructor(fields: KnownFields, tools: JsonTools) {
    this.#fields = fields;
    this.#tools = tools;
  }

  /** As `JsonBase.read`, for a frame of `base`. */
  read(event: PartialEvent, base: TextBase, start: number, end: number): boolean {
    const { others } = base;
    if (start < 0 || !others) return false;
    if (this.#last?.base !== base) this.#last = { base, json: this.#jsonFor(base) };
    return this.#last.json?.read(event, start, end, others) ?? false;
  }

  close(): void {
    for (const json of this.#known.values()) json?.close();
    this.#known.clear();
  }

  #jsonFor({ common: { fields, messageKey } }: TextBase): JsonBase | undefined {
    const names = [...Object.keys(fields), messageKey];
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

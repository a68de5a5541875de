// What stands around the captures of a regular expression that are merged into an event: the fields that the event had
// before, which are the same for a batch, and the text itself.

import { compareUtf8 } from '../../event/key_order.ts';
import type { Value } from '../../event/value.ts';
import type { Others } from './partial_event.ts';

/** Stands for the text among captures: what `indexOf` gives for a name that none of them has. */
export const WHOLE_TEXT = -1;

export interface Around {
  readonly others: Others;
  /** What is written between the texts. */
  readonly parts: readonly string[];
  /** The texts in the order in which they are written: indexes of names of captures, or `WHOLE_TEXT`. */
  readonly texts: readonly number[];
  /** Fields that are neither captures nor the text, by name. */
  readonly fields: ReadonlyMap<string, Value>;
  /** The name of the text, where there is such a field. */
  readonly messageKey: string | undefined;
}

/** `names` are those of the captures, sorted as they are written. */
export function textsAround(others: Others, names: readonly string[]): Around {
  const kept = others.fields.filter(({ name }) => !names.includes(name));
  const messageKey =
    others.messageKey !== undefined && !names.includes(others.messageKey) ? others.messageKey : undefined;
  const known = new Map(kept.map(({ name, json }) => [name, json]));
  const all = [...known.keys(), ...names, ...(messageKey === undefined ? [] : [messageKey])].sort(compareUtf8);
  const parts: string[] = [];
  const texts: number[] = [];
  let part = '{';
  let comma = '';
  for (const name of all) {
    const json = known.get(name);
    part += `${comma}${JSON.stringify(name)}:${json ?? '"'}`;
    comma = ',';
    if (json !== undefined) continue;
    parts.push(part);
    texts.push(names.indexOf(name));
    part = '"';
  }
  parts.push(`${part}}`);
  return { others, parts, texts, fields: new Map(kept.map(({ name, value }) => [name, value])), messageKey };
}

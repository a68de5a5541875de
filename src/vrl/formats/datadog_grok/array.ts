// The filter `array`: text such as `[a,b]` as an array, with brackets, delimiter and a filter for the items to choose.

import type { Value } from '../../../event/value.ts';
import { trimText } from '../utf8_text.ts';
import type { Filter } from './filters.ts';
import type { GrokFunction } from './placeholder.ts';
import { invalidArguments } from './problem.ts';

interface Shape {
  readonly open: string;
  readonly close: string;
  readonly delimiter: string;
}

/** `array("brackets", "delimiter", filter)`, where each may be left out but brackets without a delimiter. */
export function arrayFilter(call: GrokFunction, filterOf: (call: GrokFunction) => Filter): Filter {
  const args = [...(call.args ?? [])];
  const last = args.at(-1);
  const itemFilter = last?.kind === 'function' ? filterOf(last.function) : undefined;
  if (itemFilter) args.pop();
  const texts = args.map((arg) => {
    if (arg.kind !== 'value' || typeof arg.value !== 'string') throw invalidArguments(call.name);
    return arg.value;
  });
  if (texts.length > 2) throw invalidArguments(call.name);
  const shape: Shape = {
    ...bracketsOf(texts.length === 2 ? texts[0] : undefined, call),
    delimiter: texts.at(-1) ?? ',',
  };
  return (value) => {
    if (typeof value !== 'string') return undefined;
    const items = itemsOf(value, shape);
    return items && itemFilter ? filtered(items, itemFilter) : items;
  };
}

function bracketsOf(text: string | undefined, call: GrokFunction): { open: string; close: string } {
  if (text === undefined) return { open: '[', close: ']' };
  if (!/^[\0-\x7f]{0,2}$/.test(text)) throw invalidArguments(call.name);
  return { open: text.slice(0, 1), close: text.slice(-1) };
}

function filtered(items: readonly Value[], filter: Filter): Value[] | undefined {
  const result: Value[] = [];
  for (const item of items) {
    const value = filter(item);
    if (value === undefined) return undefined;
    result.push(value);
  }
  return result;
}

function itemsOf(text: string, { open, close, delimiter }: Shape): Value[] | undefined {
  if (!text.startsWith(open)) return undefined;
  const items: Value[] = [];
  let at = open.length;
  let end = itemEnd(text, at, open, close, delimiter);
  while (end !== -1) {
    items.push(text.slice(at, end));
    at = end;
    if (!text.startsWith(delimiter, at)) break;
    end = itemEnd(text, at + delimiter.length, open, close, delimiter);
    // An item that takes nothing behind a delimiter of nothing would go on for ever.
    if (delimiter === '' && end === at) return undefined;
    if (end !== -1) at += delimiter.length;
  }
  if (open !== '') {
    if (!text.startsWith(close, at)) return undefined;
    at += close.length;
  }
  return trimText(text.slice(at)) === '' ? items : undefined;
}

/** Where an item ends: before the next delimiter, else before the bracket or at the end of the text. */
function itemEnd(text: string, at: number, open: string, close: string, delimiter: string): number {
  const next = text.indexOf(delimiter, at);
  if (next !== -1) return next;
  if (open !== '') return text.indexOf(close, at);
  return /^[\0-\x7f]*$/.test(text.slice(at)) ? text.length : -1;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson, stringifyJson } from '../../event/json.ts';
import { Float, isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { Arena, type Slot } from '../arena/arena.ts';
import { fieldsOf } from './fields.ts';
import { EDIT_TEXT_BYTES, JsonBase, type JsonTools } from './json_base.ts';
import { PartialEvent, UNREAD } from './partial_event.ts';

const arena = new Arena(2);
const slot: Slot = arena.claim()!;

function toolsOf({ kernels, bytes }: Arena): JsonTools {
  const end = kernels.scratch.offset + kernels.scratch.bytes;
  return {
    kernel: kernels.json,
    text: kernels.text,
    bytes,
    editText: { start: end - EDIT_TEXT_BYTES, end },
    indexed: { base: undefined, start: 0 },
  };
}

const tools = toolsOf(arena);

/** Fields as `a.b`, by what is done to them. */
function baseOf(reads: readonly string[], writes: readonly string[]): JsonBase | undefined {
  const pathsOf = (names: readonly string[]) =>
    names.map((name) => ({ target: 'event', segments: name.split('.') }) as const);
  return JsonBase.of(fieldsOf([{ reads: pathsOf(reads), writes: pathsOf(writes) }]), tools);
}

interface Read {
  readonly base: JsonBase;
  readonly event: PartialEvent;
  readonly value: ObjectValue;
}

function read(json: string, reads: readonly string[], writes: readonly string[]): Read | undefined {
  const base = baseOf(reads, writes)!;
  const event = new PartialEvent();
  const length = slot.bytes.write(json);
  const isRead = base.read(event, slot.offset, slot.offset + length);
  if (isRead && isObject(event.value)) return { base, event, value: event.value };
  base.close();
  return undefined;
}

/** What is written of an event; undefined when that is for the ordinary way. */
function written({ base, event }: Read): string | undefined {
  const at = 100_000;
  const length = base.emit(event, slot.offset + at, 100_000);
  return length < 0 ? undefined : slot.bytes.toString('utf8', at, at + length);
}

test('reads what is needed and no more', () => {
  const one = read('{"b":{"c":1,"d":[2]},"a":"\\n","e":1.5,"f":-7,"g":true}', ['b.c', 'a', 'f', 'e', 'no'], [])!;
  assert.deepEqual(one.value, { b: { c: 1 }, a: '\n', f: -7, e: 1.5 });
  assert.equal(written(one), '{"a":"\\n","b":{"c":1,"d":[2]},"e":1.5,"f":-7,"g":true}');
  one.base.close();
});

test('a field that is only written is there, and unread', () => {
  const one = read('{"a":"long text","b":1}', [], ['a', 'c'])!;
  assert.deepEqual(Object.keys(one.value), ['a']);
  assert.equal(one.value['a'], UNREAD);
  assert.equal(written(one), '{"a":"long text","b":1}');
  one.base.close();
});

for (const [name, edit, expected] of [
  [
    'a value of every kind',
    { a: 'é"', c: new Float(1), d: { y: 1, x: null } },
    '{"a":"é\\"","b":{"x":1},"c":1.0,"d":{"x":null,"y":1}}',
  ],
  ['a number for a text', { a: 5 }, '{"a":5,"b":{"x":1}}'],
  ['a member that goes', { a: undefined }, '{"b":{"x":1}}'],
  ['a member of another', { b: { x: 'in place' } }, '{"a":"A","b":{"x":"in place"}}'],
] as const) {
  test(`writes ${name}`, () => {
    const one = read('{ "b": {"x": 1}, "a": "A" }', ['b.x', 'a'], ['a', 'b.x', 'c', 'd'])!;
    for (const [key, value] of Object.entries(edit as Readonly<Record<string, Value | undefined>>)) {
      if (value === undefined) delete one.value[key];
      else one.value[key] = value;
    }
    assert.equal(written(one), expected);
    one.base.close();
  });
}

test('what lies under an event is written again after something else was indexed', () => {
  const one = read('{"a":1,"z":2}', ['a'], ['a'])!;
  one.value['a'] = 3;
  const length = slot.bytes.write('{"other":1}', 50_000);
  const other = baseOf(['other'], [])!;
  assert.ok(other.read(new PartialEvent(), slot.offset + 50_000, slot.offset + 50_000 + length));
  assert.equal(written(one), '{"a":3,"z":2}');
  one.base.close();
  other.close();
});

test('the whole event is what the text says, with what was written', () => {
  const one = read('{"a":{"b":1,"c":2},"d":"text","e":null}', ['a.b'], ['a.b', 'd', 'e'])!;
  (one.value['a'] as ObjectValue)['b'] = [1];
  delete one.value['e'];
  one.event.complete();
  assert.deepEqual(one.event.value, { a: { b: [1], c: 2 }, d: 'text' });
  assert.equal(one.event.base, undefined);
  one.base.close();
});

test('names that all objects have are ordinary names', () => {
  const names = ['constructor', 'toString', 'hasOwnProperty'];
  const one = read('{"toString":1}', [], names)!;
  assert.equal(written(one), '{"toString":1}');
  one.value['constructor'] = 2;
  delete one.value['toString'];
  assert.equal(written(one), '{"constructor":2}');
  one.event.complete();
  assert.deepEqual(Object.entries(one.event.value as ObjectValue), [['constructor', 2]]);
  one.base.close();
});

test('more text than there is room for goes the ordinary way', () => {
  const one = read('{"a":1}', [], ['a', 'b'])!;
  one.value['a'] = 'x'.repeat(EDIT_TEXT_BYTES);
  assert.equal(written(one), undefined);
  one.value['a'] = 'x'.repeat(1000);
  assert.equal(written(one), `{"a":"${'x'.repeat(1000)}"}`);
  one.base.close();
});

for (const text of ['[1]', '5', 'no JSON', '{"a":1', '{"a":12345678901234567890}', '{"a":1e3}', '']) {
  test(`\`${text}\` goes the ordinary way`, () => {
    assert.equal(read(text, ['a'], []), undefined);
  });
}

for (const text of ['{"a":1.0}', '{"a":"\\u0041\\/"}', '{"b":{"d":1,"c":2},"a":-0.5}', '{"":[]}', '{"a":1,"a":2}']) {
  test(`\`${text}\` is written as the encoder writes it, or not at all`, () => {
    const one = read(text, ['a'], []);
    const output = one && written(one);
    if (output !== undefined) assert.equal(output, stringifyJson(parseJson(text)));
    if (one) assert.deepEqual(one.value['a'], (parseJson(text) as ObjectValue)['a']);
    one?.base.close();
  });
}

test('fields that the kernel cannot follow have no base', () => {
  assert.equal(baseOf(['__proto__'], []), undefined);
  assert.equal(baseOf([Array.from({ length: 20 }, () => 'a').join('.')], []), undefined);
  assert.equal(JsonBase.of({ whole: 'it reads the whole event' }, tools), undefined);
});

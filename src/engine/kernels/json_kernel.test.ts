// The JSON kernel against the ordinary parser and writer, on texts of every kind; and its limits.
//
//   SLUICE_KERNEL_CASES=1000000 node --test src/engine/kernels/json_kernel.test.ts    goes on for longer

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson, stringifyJson } from '../../event/json.ts';
import { getField, removeField, setField } from '../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { type Choose, chooser, jsonText, listed, NAMES } from '../../testing/json_texts.ts';
import { EMIT_COMPLEX, EMIT_FULL, JSON_COMPLEX, JSON_INVALID, JsonEdit, JsonKind } from './json_kernel.ts';
import { instantiate, KERNEL_BYTES, KERNEL_PADDING_BYTES, KERNEL_SCRATCH_BYTES } from './kernels.ts';
import type { TrackedNode, TrackedPaths } from './tracked_paths.ts';

const INPUT = KERNEL_BYTES + KERNEL_SCRATCH_BYTES;
const OUTPUT = INPUT + 262_144;
const VALUES = OUTPUT + 524_288;
const PAGES = Math.ceil((VALUES + 262_144) / 65_536) + 1;

const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
const bytes = Buffer.from(memory.buffer);
const { json } = instantiate(memory, { offset: KERNEL_BYTES, bytes: KERNEL_SCRATCH_BYTES });

const PATH_SETS: readonly (readonly (readonly string[])[])[] = [
  [],
  [['a'], ['level'], ['request', 'status'], ['request', 'a', 'b'], ['missing'], ['zzz', 'deep']],
  [[''], ['é'], ['\ud83d\ude00'], ['\uffff'], ['__proto__'], ['constructor', 'a'], ['with "quotes"']],
  [['exactly8'], ['exactly8x'], ['kubernetes.pod_namespace'], ['kubernetes.pod_labels_that_are_long', 'status'], ['0']],
  NAMES.slice(0, 22).map((name) => [name]),
  NAMES.slice(0, 7).flatMap((name) => NAMES.slice(0, 7).map((inner) => [name, inner])),
];
const plans = PATH_SETS.map((paths) => json.track(paths)!);

/** Text behind the input that must not be taken for a part of it. */
const BEHIND = ['', '"', '}', '":1}', ',"a":1}', '\\"}', '}}}}}}}}', '\n{"a":1}', '     ', '9', ']}'];

function place(text: Buffer, choose: Choose): { start: number; end: number } {
  const start = INPUT + choose(64);
  text.copy(bytes, start);
  const behind = BEHIND[choose(BEHIND.length)]!.padEnd(80, ' ');
  bytes.write(behind, start + text.length, 'latin1');
  return { start, end: start + text.length };
}

/** The value of a text; undefined when it is not JSON, after repairs that some callers make. */
function reference(text: Buffer): Value | undefined {
  try {
    return parseJson(text.toString('utf8'));
  } catch {
    return undefined;
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

function tokens(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** A token with what the kernel takes off: needless zeros, needless escapes. */
function asWritten(token: string): string {
  if (token.startsWith('"')) return JSON.stringify(JSON.parse(token));
  return /^-?\d+\.\d+$/.test(token) ? token.replace(/(?<!\.)0+$/, '') : token;
}

/** Whether the ordinary way was needed: something in the text is not as it would be written, or beyond a limit. */
function isComplex(text: Buffer, parsed: Value): boolean {
  const found = text.toString('utf8');
  if (!isObject(parsed) || Buffer.compare(Buffer.from(found), text) !== 0) return true;
  const list = tokens(found);
  if (tokens(stringifyJson(parsed)).sort().join('\n') !== list.map(asWritten).sort().join('\n')) return true;
  let depth = 0;
  for (const token of list) if ((depth += +'{['.includes(token) - +'}]'.includes(token)) > 64) return true;
  const doubts = list.filter((token) => /^-?[\d.]+(?:e.*)?$/.test(token) && token.length > 15).length;
  const isEscapedName = list.some((token, i) => token.includes('\\') && list[i + 1] === ':');
  return doubts > 16 || isEscapedName || list.some((token) => /^-?9\d{18}$/.test(token));
}

function countMembers(value: Value): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countMembers(item), 0);
  if (!isObject(value)) return 0;
  return Object.keys(value).reduce((sum, key) => sum + 1 + countMembers(value[key]!), 0);
}

function checkTable(children: readonly TrackedNode[], value: Value | undefined, text: Buffer, start: number): void {
  for (const { name, index, children: below } of children) {
    const found = isObject(value) ? getField(value, name) : undefined;
    const [kind, from, to] = json.table.subarray(3 * index, 3 * index + 3) as unknown as [number, number, number];
    const raw = text.toString('utf8', from - start, to - start);
    if (found === undefined) assert.equal(kind, JsonKind.ABSENT, name);
    else {
      const isText = kind >= JsonKind.ASCII && kind <= JsonKind.ESCAPED;
      assert.deepEqual(parseJson(isText ? `"${raw}"` : raw), found);
      assert.equal(kind, kindOf(found, raw), `${name}: ${raw}`);
    }
    checkTable(below, found, text, start);
  }
}

function kindOf(value: Value, raw: string): number {
  if (value === null) return JsonKind.NULL;
  if (typeof value === 'boolean') return value ? JsonKind.TRUE : JsonKind.FALSE;
  if (Array.isArray(value)) return JsonKind.ARRAY;
  if (typeof value === 'string') {
    if (raw.includes('\\')) return JsonKind.ESCAPED;
    return /^[\0-\x7f]*$/.test(raw) ? JsonKind.ASCII : JsonKind.UNICODE;
  }
  if (isObject(value)) return JsonKind.OBJECT;
  return /^-?\d{1,15}$/.test(raw) ? JsonKind.INTEGER : JsonKind.NUMBER;
}

const SET_VALUES = ['"set"', '1', 'null', '{"b":1}', `"${'long '.repeat(20)}"`, '[]'];

/** Chooses edits, gives them to the kernel and makes them to `object` as well. */
function edit(children: readonly TrackedNode[], object: ObjectValue | undefined, choose: Choose, mode: number): void {
  for (const { name, index, children: below } of children) {
    const action = mode === 0 ? choose(3) : choose(8) === 0 ? 1 + choose(2) : 0;
    const set = SET_VALUES[choose(SET_VALUES.length)]!;
    json.edits[3 * index] = action;
    if (action === JsonEdit.SET) {
      const address = VALUES + 256 * index;
      json.edits[3 * index + 1] = address;
      json.edits[3 * index + 2] = bytes.write(set, address);
    }
    const member = object && getField(object, name);
    // Edits of what is not there, or replaced, have no effect.
    edit(below, action === 0 && isObject(member!) ? member : undefined, choose, mode);
    if (!object) continue;
    if (action === JsonEdit.SET) setField(object, name, parseJson(set));
    else if (action === JsonEdit.REMOVE) removeField(object, name);
  }
}

interface Outcomes {
  indexed: number;
  complex: number;
  invalid: number;
  twice: number;
}

function check(choose: Choose, outcomes: Outcomes): void {
  const text = jsonText(choose);
  const plan = plans[choose(plans.length)]!;
  const { start, end } = place(text, choose);
  json.edits.fill(JsonEdit.SET);
  const result = json.index(plan, start, end);
  const parsed = reference(text);
  if (result === JSON_INVALID) {
    outcomes.invalid++;
    assert.equal(parsed, undefined, 'what is taken for no JSON cannot be parsed');
    return;
  }
  if (result === JSON_COMPLEX) {
    outcomes.complex++;
    if (parsed !== undefined && !isComplex(text, parsed)) {
      const colons = tokens(text.toString('utf8')).filter((token) => token === ':').length;
      assert.ok(colons > countMembers(parsed), 'only what has to is left to the ordinary way');
    }
    return;
  }
  assert.equal(result, 0);
  assert.ok(parsed !== undefined && isObject(parsed), 'what is indexed is an object');
  const colons = tokens(text.toString('utf8')).filter((token) => token === ':').length;
  const isTwice = colons > countMembers(parsed);
  if (isTwice) outcomes.twice++;
  else outcomes.indexed++;
  assert.equal(json.emit(OUTPUT, 262_144), isTwice ? EMIT_COMPLEX : Buffer.byteLength(stringifyJson(parsed)));
  if (isTwice) return;
  assert.equal(written(), stringifyJson(parsed));
  checkTable(plan.children, parsed, text, start);
  const mode = choose(2);
  edit(plan.children, parsed, choose, mode);
  checkEmit(stringifyJson(parsed));
}

let length = 0;

function written(): string {
  const size = json.emit(OUTPUT, 262_144);
  length = size;
  return bytes.toString('utf8', OUTPUT, OUTPUT + size);
}

/** What is written, and that nothing behind the capacity is touched. */
function checkEmit(expected: string): void {
  assert.equal(written(), expected);
  const capacity = length + 40;
  bytes.fill(0xaa, OUTPUT, OUTPUT + capacity + 128);
  const size = json.emit(OUTPUT, capacity);
  assert.ok(size === EMIT_FULL || size === length);
  for (let at = OUTPUT + capacity; at < OUTPUT + capacity + 128; at++) assert.equal(bytes[at], 0xaa);
}

test('agrees with the parser and the writer on texts of every kind', () => {
  const outcomes = { indexed: 0, complex: 0, invalid: 0, twice: 0 };
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 400, size: 'max' }), (decisions) => check(listed(decisions), outcomes)),
    { numRuns: 2000 },
  );
});

test('agrees with the parser and the writer on many texts', () => {
  const cases = Number(process.env['SLUICE_KERNEL_CASES'] ?? 10_000);
  const outcomes = { indexed: 0, complex: 0, invalid: 0, twice: 0 };
  const first = cases > 10_000 ? Date.now() % 1e9 : 0;
  for (let seed = first; seed < first + cases; seed++) {
    try {
      check(chooser(seed), outcomes);
    } catch (error) {
      throw new Error(`seed ${seed}: ${jsonText(chooser(seed)).toString('latin1', 0, 1000)}`, { cause: error });
    }
  }
  if (cases > 10_000) console.log(outcomes);
  for (const [name, count] of Object.entries(outcomes)) assert.ok(count > cases / 200, `${name}: ${count}`);
});

/** What the kernel says of a text, with nothing tracked or what `paths` name. */
function indexText(text: string, paths: readonly (readonly string[])[] = []): number {
  const plan = json.track(paths)!;
  const result = json.index(plan, INPUT, INPUT + bytes.write(text, INPUT));
  json.release(plan);
  return result;
}

const VERDICTS: readonly [name: string, text: string, verdict: number][] = [
  ['nothing', '', JSON_INVALID],
  ['whitespace', ' \n', JSON_INVALID],
  ['a word', 'hello', JSON_INVALID],
  ['another value', '[1]', JSON_COMPLEX],
  ['a byte order mark', '\ufeff{}', JSON_COMPLEX],
  ['64 levels', `${'{"a":'.repeat(63)}{}${'}'.repeat(63)}`, 0],
  ['65 levels', `${'{"a":'.repeat(64)}{}${'}'.repeat(64)}`, JSON_COMPLEX],
  ['4,096 values', `{"a":[${'1,'.repeat(4093)}1]}`, 0],
  ['4,097 values', `{"a":[${'1,'.repeat(4094)}1]}`, JSON_COMPLEX],
  ['a name with an escape', '{"a\\n":1}', JSON_COMPLEX],
  [
    'escapes that are written otherwise',
    '{"a":"\\/\\u00E9\\u4e2d\\ud83d\\uDE00\\u0022\\u005c\\u0041\\u000A\\u001F\\u007f","b":1}',
    0,
  ],
  ['half of a surrogate pair', '{"a":"\\ud83d"}', JSON_COMPLEX],
  ['the escapes that are written', '{"a":"\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f"}', 0],
  ['needless zeros', '{"a":[1.50,0.000,-10.00,1.0],"b":0.120}', 0],
  ['the largest whole number that is taken', '{"a":8999999999999999999}', 0],
  ['a float of 17 digits', '{"a":0.30000000000000004}', 0],
  ['a float of 17 digits that has fewer', '{"a":0.30000000000000003}', JSON_COMPLEX],
  ['exponents as they are written', '{"a":1e-6,"b":1e+16,"c":1.5e-300}', 0],
  ['an exponent that is written otherwise', '{"a":1e3}', JSON_COMPLEX],
  ['16 numbers to be looked at', `{"a":[${'1e-6,'.repeat(15)}1e-6]}`, 0],
  ['17 numbers to be looked at', `{"a":[${'1e-6,'.repeat(16)}1e-6]}`, JSON_COMPLEX],
];

for (const [name, text, verdict] of VERDICTS) {
  test(`${verdict === 0 ? 'takes' : verdict === JSON_INVALID ? 'refuses' : 'leaves to others'} ${name}`, () => {
    assert.equal(indexText(text), verdict);
    if (verdict === 0) assert.equal(written(), stringifyJson(parseJson(text)));
  });
}

test('finds a tracked member that is there twice at once, any other when it is written', () => {
  assert.equal(indexText('{"a":1,"b":2,"a":3}', [['a']]), JSON_COMPLEX);
  assert.equal(indexText('{"a":1,"b":2,"a":3}', [['b']]), 0);
  assert.equal(json.emit(OUTPUT, 1024), EMIT_COMPLEX);
});

test('writes nothing when nothing is indexed', () => {
  assert.equal(indexText('{"a":1'), JSON_INVALID);
  assert.equal(json.emit(OUTPUT, 1024), EMIT_COMPLEX);
});

test('counts edits and names that are added as part of what has to fit', () => {
  const plan = json.track([['b'], ['a']])!;
  const end = INPUT + bytes.write('{"b":1}', INPUT);
  const size = bytes.write('"long enough"', VALUES);
  const edit = 3 * plan.indexOf(['a']);
  const emit = (capacity: number): number => {
    assert.equal(json.index(plan, INPUT, end), 0);
    json.edits.set([JsonEdit.SET, VALUES, size], edit);
    return json.emit(OUTPUT, capacity);
  };
  const expected = '{"a":"long enough","b":1}';
  assert.equal(emit(expected.length + 63), EMIT_FULL);
  assert.equal(emit(expected.length + 64 + 4), expected.length);
  assert.equal(bytes.toString('utf8', OUTPUT, OUTPUT + expected.length), expected);
  json.release(plan);
});

test('sorts hundreds of members whose names differ late, and knows them again', () => {
  const names = Array.from({ length: 700 }, (_, i) => `a.long.common.beginning.${(i * 389) % 700}`);
  for (const count of [2, 15, 16, 17, 40, 128, 129, 300, 512, 700]) {
    const text = `{${names.slice(0, count).map((name, i) => `"${name}":${i}`)}}`;
    for (let round = 0; round < 2; round++) {
      assert.equal(indexText(text), 0);
      assert.equal(written(), stringifyJson(parseJson(text)));
    }
    assert.equal(indexText(`${text.slice(0, -1)},"${names[0]}":0}`), 0);
    assert.equal(json.emit(OUTPUT, 262_144), EMIT_COMPLEX);
  }
});

test('tracks no more than it can follow', () => {
  const names = (count: number): string[][] => Array.from({ length: count }, (_, i) => [`n${i}`]);
  const paths: readonly [paths: readonly (readonly string[])[], isTracked: boolean][] = [
    [names(64), true],
    [names(65), false],
    [[['x'.repeat(255)]], true],
    [[['x'.repeat(256)]], false],
    [[['é'.repeat(128)]], false],
    [[['1', '2', '3', '4', '5', '6', '7', '8']], true],
    [[['1', '2', '3', '4', '5', '6', '7', '8', '9']], false],
    [[[]], false],
    [[['\ud800']], false],
  ];
  for (const [tracked, isTracked] of paths) {
    const plan = json.track(tracked);
    assert.equal(plan !== undefined, isTracked);
    if (plan !== undefined) json.release(plan);
  }
});

test('has room for many plans, and uses what is given back', () => {
  const paths = Array.from({ length: 60 }, (_, i) => [`${'x'.repeat(240)}${i}`]);
  const taken: TrackedPaths[] = [];
  for (let plan = json.track(paths); plan !== undefined; plan = json.track(paths)) taken.push(plan);
  assert.ok(taken.length >= 1);
  const small = json.track([['a'], ['b', 'c']])!;
  assert.deepEqual([small.count, small.indexOf(['b', 'c']), small.indexOf(['c'])], [3, 2, -1]);
  json.release(taken[0]!);
  taken[0] = json.track(paths)!;
  assert.notEqual(taken[0], undefined);
  for (const plan of [...taken, small]) json.release(plan);
  // What was there before still works.
  assert.equal(json.index(plans[1]!, INPUT, INPUT + bytes.write('{"level":"info"}', INPUT)), 0);
  assert.equal(json.table[3 * plans[1]!.indexOf(['level'])], JsonKind.ASCII);
});

test('reads no further past the text than memory has padding', () => {
  const end = memory.buffer.byteLength - KERNEL_PADDING_BYTES;
  for (const fill of ['}', ']', '"', '\\', ' ', '1', ',', 'a', '{', '[', '\u0080']) {
    bytes.fill(fill, end, end + KERNEL_PADDING_BYTES, 'latin1');
    for (let seed = 0; seed < 2000; seed++) {
      const whole = jsonText(chooser(seed));
      const text = whole.subarray(0, Math.min(whole.length, 1 + ((seed * 7919) % (whole.length + 1))));
      text.copy(bytes, end - text.length);
      const result = json.index(plans[1]!, end - text.length, end);
      if (result === 0) assert.ok(isObject(reference(text)!));
    }
  }
});

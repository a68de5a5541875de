import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, bool, check, map, type Option, object, Substituted, string, uint, variants } from './schema.ts';

const messages = (option: Option<unknown>, raw: unknown): [string, string][] =>
  check(option, raw).problems.map(({ path, message }) => [path.join('.'), message]);

const limits = object('Limits.', {
  size: uint('How big.', { default: 10 }),
  deeper: object('Deeper.', { name: string('A name.', { default: 'none' }) }),
});

test('an absent group has the defaults of its members, at any depth', () => {
  const outer = object('Outer.', { limits });
  for (const raw of [{}, { limits: null }, { limits: {} }, { limits: { deeper: null } }]) {
    assert.deepEqual(structuredClone(check(outer, raw).value), { limits: { size: 10, deeper: { name: 'none' } } });
  }
  assert.deepEqual(structuredClone(check(limits, { size: 3 }).value), { size: 3, deeper: { name: 'none' } });
});

test('an absent optional group is undefined, and an empty one has its defaults', () => {
  const outer = object('Outer.', {
    tls: object('TLS.', { verify: bool('Verify.', { default: true }) }, { optional: true }),
  });
  assert.equal(check(outer, {}).value?.tls, undefined);
  assert.equal(check(outer, { tls: null }).value?.tls, undefined);
  assert.equal(check(outer, { tls: {} }).value?.tls?.verify, true);
});

test('a group that has to be written out is missed', () => {
  const outer = object('Outer.', {
    options: object('Options.', { a: bool('A.', { default: true }) }, { required: true }),
  });
  assert.deepEqual(messages(outer, {}), [['', '`options` is required']]);
  assert.deepEqual(messages(outer, { options: null }), [['options', 'expected an object, got nothing (null)']]);
  assert.deepEqual(messages(outer, { options: {} }), []);
});

test('a group with a required member says which member it misses, even where it is absent itself', () => {
  const outer = object('Outer.', { auth: object('Auth.', { user: string('Who.') }) });
  assert.deepEqual(messages(outer, {}), [['auth', '`user` is required']]);
  assert.deepEqual(messages(outer, { auth: {} }), [['auth', '`user` is required']]);
});

test('a variable is never an object, whatever its text and whatever members the object has', () => {
  const options = object('Options.', {
    text: string('A member called as a member of the class.', { optional: true }),
    secret: bool('Another.', { optional: true }),
  });
  for (const option of [options, object('Outer.', { inner: options })] as Option<unknown>[]) {
    const leaf = new Substituted('hunter2', true);
    const { value, problems } = check(option, option === options ? leaf : { inner: leaf });
    assert.equal(value, undefined);
    assert.deepEqual(
      problems.map(({ message }) => message),
      ['expected an object, got a secret'],
    );
  }
  assert.deepEqual(messages(options, new Substituted('{}', false)), [
    ['', 'expected an object, got the string "{}" (from an environment variable)'],
  ]);
});

test('members that an object’s prototype has are unknown like any other', () => {
  const raw = JSON.parse('{"size":1,"__proto__":{"size":2},"constructor":1,"toString":1}') as unknown;
  assert.deepEqual(
    check(limits, raw).problems.map(({ message }) => message),
    ['unknown option `__proto__`', 'unknown option `constructor`', 'unknown option `toString`'],
  );
});

test('an alias stands for its option, and for one only', () => {
  const aliased = object('O.', { size: uint('Size.', { aliases: ['length', 'count'], default: 1 }) });
  assert.equal(check(aliased, { count: 4 }).value?.size, 4);
  assert.deepEqual(messages(aliased, { count: 'x' }), [['count', 'expected a number, got the string "x"']]);
  const { value, problems } = check(aliased, { size: 1, length: 2 });
  assert.equal(value, undefined);
  assert.deepEqual(
    problems.map(({ path, message, hint }) => [path, message, hint]),
    [[['length'], '`length` is another name of `size`, which is there too', 'keep one of them']],
  );
  assert.deepEqual(messages(object('O.', { size: uint('Size.', { aliases: ['length'] }) }), {}), [
    ['', '`size` is required'],
  ]);
});

test('a shorthand is expanded before it is checked, and errors stand where it was written', () => {
  const stage = object('A stage.', { type: string('Type.'), size: uint('Size.', { default: 1 }) });
  const stages = array(stage, 'Stages.', { expand: (raw) => (Array.isArray(raw) ? raw : [raw]) });
  assert.deepEqual(structuredClone(check(stages, { type: 'disk' }).value), [{ type: 'disk', size: 1 }]);
  const outer = object('O.', { buffer: stages });
  assert.deepEqual(messages(outer, { buffer: { type: 'disk', size: 'x', sise: 1 } }), [
    ['buffer.sise', 'unknown option `sise`'],
    ['buffer.size', 'expected a number, got the string "x"'],
  ]);
  assert.deepEqual(messages(outer, { buffer: [{ type: 'disk', size: 'x' }] }), [
    ['buffer.0.size', 'expected a number, got the string "x"'],
  ]);
});

test('a check across members may point at one that is not there', () => {
  const pair = object(
    'A pair.',
    { a: uint('A.', { optional: true }), b: uint('B.', { optional: true }) },
    {
      checkAll: ({ a, b }: { a?: number; b?: number }) =>
        a !== undefined && b === undefined ? [[['b'], '`a` needs `b` beside it']] : [],
    },
  );
  assert.deepEqual(messages(object('O.', { pair }), { pair: { a: 1 } }), [['pair', '`a` needs `b` beside it']]);
  assert.deepEqual(messages(pair, { a: 1, b: 2 }), []);
});

const socket = variants(
  'A socket.',
  'mode',
  {
    tcp: { address: string('Where.'), tls: object('TLS.', { ca_file: string('File.') }, { optional: true }) },
    unix: { path: string('File.') },
  },
  { size: uint('Size.', { default: 1 }), labels: map(uint('N.'), 'Labels.', { optional: true }) },
  { tagAliases: { stream: 'unix' }, notYet: ['quic'] },
);

test('errors in members of a variant stand where they were written, at any depth', () => {
  const outer = object('Outer.', { list: array(map(socket, 'Sockets.'), 'Maps.') });
  const raw = { list: [{ one: { mode: 'tcp', address: 'a', tls: {}, size: -1, labels: { x: 'y' } } }] };
  assert.deepEqual(messages(outer, raw).sort(), [
    ['list.0.one.labels.x', 'expected a number, got the string "y"'],
    ['list.0.one.size', 'expected a whole number from 0, got -1'],
    ['list.0.one.tls', '`ca_file` is required'],
  ]);
});

test('the tag may come from a variable and under another spelling', () => {
  const { value, problems } = check(socket, { mode: new Substituted('stream', false), path: '/s' });
  assert.deepEqual(problems, []);
  assert.equal(value?.mode, 'unix');
});

test('a tag that is missing, unknown, not built yet or of another type is said once', () => {
  assert.deepEqual(messages(socket, {}), [['', '`mode` is required']]);
  assert.deepEqual(messages(socket, { mode: 'tpc', address: 'a' }), [['mode', 'unknown value `tpc`']]);
  assert.deepEqual(messages(socket, { mode: 'constructor' }), [['mode', 'unknown value `constructor`']]);
  assert.match(messages(socket, { mode: 'quic' })[0]![1], /one of Vector's values/);
  assert.deepEqual(messages(socket, { mode: 5 }), [['mode', 'expected one of `tcp`, `unix`, got the number 5']]);
  for (const raw of [[], 'tcp', 5])
    assert.match(messages(socket, raw)[0]![1], /^expected an object, got (a list|the string "tcp"|the number 5)$/);
});

test('with a default, no tag and null choose that variant, and members of others are out of place', () => {
  const buffer = variants(
    'B.',
    'type',
    { memory: { events: uint('E.', { default: 5 }) }, disk: { bytes: uint('B.') } },
    {},
    {
      default: 'memory',
    },
  );
  for (const raw of [undefined, null, {}, { type: null }, { events: 5 }])
    assert.deepEqual(structuredClone(check(buffer, raw).value), { events: 5, type: 'memory' });
  for (const raw of [{ bytes: 1 }, { type: null, bytes: 1 }]) {
    const { problems } = check(buffer, raw);
    assert.deepEqual(
      problems.map(({ message, hint }) => [message, hint]),
      [['unknown option `bytes`', 'it belongs to type `disk`']],
    );
  }
});

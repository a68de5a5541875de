import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Interpolation, interpolate } from './interpolate.ts';

const env = { FOO: 'dogs', 'FOO.BAR': 'turtles', EMPTY: '', NESTED: '${FOO}', LINES: 'a\nb', GONE: undefined };

type Case = readonly [text: string, result: string, ...notes: string[]];

const check = (mode: Interpolation, cases: readonly Case[]): void => {
  for (const [text, result, ...notes] of cases) {
    test(`${mode}: ${JSON.stringify(text)}`, () => {
      const { text: actual, problems, unset } = interpolate(text, env, mode);
      assert.deepEqual([actual, ...problems, ...unset], [result, ...notes]);
    });
  }
};

check('default', [
  ['${FOO}', 'dogs'],
  ['x${FOO}y${FOO.BAR}', 'xdogsyturtles'],
  ['$FOO and $$', '$FOO and $$'],
  ['$${FOO}', '$${FOO}'],
  ['${NO}', '${NO}', 'NO'],
  ['${GONE}', '${GONE}', 'GONE'],
  ['${NO:-cats}', 'cats'],
  ['${NO-cats}', 'cats'],
  ['${EMPTY:-cats}', 'cats'],
  ['${EMPTY-cats}', ''],
  ['${EMPTY}', ''],
  ['${NO:?please}', '${NO:?please}', 'the environment variable `NO` is not set: please'],
  ['${EMPTY:?please}', '${EMPTY:?please}', 'the environment variable `EMPTY` is empty: please'],
  ['${EMPTY?please}', ''],
  ['${:-cats}', '${:-cats}'],
  ['${NESTED}', '${FOO}'],
  ['${NO:-${FOO}}', '${FOO}'],
  ['${LINES}', 'a\nb'],
  ['${constructor}', '${constructor}', 'constructor'],
]);

check('dangerous', [
  ['$FOO', 'dogs'],
  ['${FOO} $FOO.BAR', 'dogs turtles'],
  ['$$FOO', '$FOO'],
  ['$ x', '$ x'],
  ['$NO-FOO', '$NO-FOO', 'the environment variable `NO` is not set'],
  ['${NO}', '${NO}', 'the environment variable `NO` is not set'],
  ['${NO:-cats}', 'cats'],
  ['${EMPTY-cats}', ''],
  ['${NO?please}', '${NO?please}', 'the environment variable `NO` is not set: please'],
  ['$LINES', '$LINES', 'the value of the environment variable `LINES` has more than one line'],
]);

check('off', [['${FOO} $FOO $$ ${NO?x}', '${FOO} $FOO $$ ${NO?x}']]);

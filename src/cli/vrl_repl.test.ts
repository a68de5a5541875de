import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programEnvironment } from '../component/program_environment.ts';
import type { Value } from '../event/value.ts';
import { Session } from './vrl_repl.ts';

const environment = programEnvironment({ timezone: 'UTC', now: Date.now, random: Math.random, log: () => {} });

function session(...events: Value[]): (line: string) => string | undefined {
  const made = new Session({ events: events.length > 0 ? events : [{}], environment, quiet: true, colour: false });
  return (line) => made.answer(line);
}

test('keeps the event and variables from line to line', () => {
  const answer = session({ a: 1 });
  assert.equal(answer('x = 2'), '2');
  assert.equal(answer('.b = x + 1'), '3');
  assert.equal(answer('.'), '{ "a": 1, "b": 3 }');
  assert.equal(answer('x = "now text"'), '"now text"');
  assert.equal(answer('x'), '"now text"');
});

test('shows what is wrong with a line and goes on', () => {
  const answer = session();
  assert.match(answer('y')!, /^error\[E701\]/);
  assert.match(answer('to_int!("z")')!, /^function call error for "to_int"/);
  assert.equal(answer('abort'), 'aborted');
  assert.equal(answer('1'), '1');
});

test('goes to the next event and back, and makes a new one at the end', () => {
  const answer = session({ n: 1 }, { n: 2 });
  assert.equal(answer('next'), '{ "n": 2 }');
  assert.equal(answer('next'), 'null');
  assert.equal(answer('next'), 'null');
  assert.equal(answer('prev'), '{ "n": 2 }');
  assert.equal(answer('prev'), '{ "n": 1 }');
  assert.equal(answer('prev'), '{ "n": 1 }');
});

test('knows when a program is not finished yet', () => {
  const one = new Session({ events: [{}], environment, quiet: true, colour: false });
  assert.ok(one.isUnfinished('if true {'));
  assert.ok(!one.isUnfinished('if true { 1 }'));
  assert.ok(!one.isUnfinished('1 + "x" +'.slice(0, 7)));
});

test('explains itself, functions and codes', () => {
  const answer = session();
  assert.match(answer('help')!, /help functions/);
  assert.match(answer('help fs')!, /to_int/);
  assert.match(answer('help docs to_int')!, /^to_int\(value\) -> integer, fallible/);
  assert.match(answer('help to_imt')!, /did you mean to_int/);
  assert.notEqual(answer('help error 103'), answer('help error 100'));
  assert.match(answer('help error 7')!, /not recognized/);
});

test('ends when told to', () => {
  assert.equal(session()('exit'), undefined);
  assert.equal(session()('quit'), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testContext } from '../testing/component.ts';
import { builtProgram, compileProgram } from './programs.ts';

test('the ledger knows of the programs of a component, each once, until the component has ended', () => {
  const { context, ledger } = testContext('transform', 'remap');
  builtProgram('.a = 1', context);
  const one = ledger.bytesOf('programs');
  assert.ok(one > 1_000);
  compileProgram('.a = 1', context);
  assert.equal(ledger.bytesOf('programs'), one, 'it takes the place of the one before');
  compileProgram(`.b = "${'x'.repeat(1_000)}"`, context);
  assert.ok(ledger.bytesOf('programs') > one + 50_000);
  compileProgram('.c = ', context);
  context.disown();
  assert.equal(ledger.bytesOf('programs'), 0);
});

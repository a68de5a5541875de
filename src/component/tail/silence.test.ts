import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../std/clock.ts';
import { testContext } from '../../testing/component.ts';
import { SILENT_MS, SilenceCheck } from './silence.ts';

/** One look at a file with content behind `place`. */
function look(check: SilenceCheck, place: number | undefined): boolean {
  check.begin();
  const isSilent = place !== undefined && check.suspect('/a.log', place, 100);
  check.end();
  return isSilent;
}

test('a file whose place does not move for long is silent, and recovered when it is read', async () => {
  const clock = new FakeClock();
  const { context, recorder, records } = testContext('source', 'file', { clock });
  const check = new SilenceCheck(context);
  for (let i = 0; i < 10; i++) {
    assert.equal(look(check, 7), false);
    await clock.advance(SILENT_MS / 10);
  }
  assert.equal(look(check, 7), true);
  assert.equal(look(check, 7), true);
  assert.equal(recorder.read('sluice_silent_files'), 1);
  assert.equal(records.filter(({ level }) => level === 'warn').length, 1);
  look(check, undefined);
  assert.equal(recorder.read('sluice_silent_files'), 0);
  assert.equal(recorder.read('sluice_silent_files_recovered_total'), 1);
});

test('a file that is read, or was not looked at while a sink held everything up, is not silent', async () => {
  const clock = new FakeClock();
  const { context, recorder } = testContext('source', 'file', { clock });
  const check = new SilenceCheck(context);
  for (let place = 0; place < 20; place++) {
    assert.equal(look(check, place), false);
    await clock.advance(SILENT_MS);
  }
  assert.equal(look(check, 19), false);
  await clock.advance(10 * SILENT_MS);
  assert.equal(look(check, 19), false);
  assert.equal(recorder.read('sluice_silent_files_recovered_total'), 0);
});

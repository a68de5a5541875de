// Files meant to fill the memory of the process.

import { appendFileSync, closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { attackOn, survives } from './hostile.ts';
import { sluice } from './process.ts';

const GIBIBYTE = 1 << 30;

/** Makes a file longer by a hole, which costs no disk and reads as NUL bytes. */
function addHole(path: string, toBytes: number): void {
  const file = openSync(path, 'r+');
  ftruncateSync(file, toBytes);
  closeSync(file);
}

test('a gibibyte without a line break in a file is dropped, and the next line arrives', async () => {
  await using process = sluice({
    config: (folder: string) => ({
      sources: { files: { type: 'file', include: [join(folder, '*.log')], glob_minimum_cooldown_ms: 50 } },
      sinks: { out: { type: 'console', inputs: ['files'], encoding: { codec: 'text' } } },
    }),
  });
  await process.started();
  const other = join(process.folder, 'other.log');
  const attack = attackOn(process, async (text) => appendFileSync(other, `${text}\n`));
  const dropped = { component_id: 'files', level: 'ERROR', message: /^Found line that exceeds max_line_bytes/ };
  const printed = (text: string) => process.until(`${text} in the output`, () => process.lines.includes(text));

  await survives(attack, [dropped], async () => {
    const path = join(process.folder, 'long.log');
    writeFileSync(path, 'before the hole\n');
    await printed('before the hole');
    addHole(path, GIBIBYTE);
    appendFileSync(path, '\nbehind the hole\n');
    await printed('behind the hole');
  });

  // The first line of a file is what it is known by.
  await survives(attack, [dropped], async () => {
    const path = join(process.folder, 'first.log');
    writeFileSync(path, '');
    addHole(path, GIBIBYTE / 8);
    appendFileSync(path, '\nbehind the first line\n');
    await printed('behind the first line');
  });
});

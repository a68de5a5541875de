// Programs of ours and what the original does with them: values, events afterwards, messages, codes and places.
// test/vrl/record.ts makes more; the fuzzer prints what it finds in the same form.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { Case } from './generate.ts';
import { oursReply } from './ours.ts';
import { difference, type Reply } from './reply.ts';

type Recorded = Omit<Case, 'id'> & { readonly expect: Omit<Reply, 'id'> };

for (const path of globSync(join(import.meta.dirname, 'cases/*.jsonl')).sort()) {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  test(`does what the original does: ${basename(path, '.jsonl')}, ${lines.length} programs`, () => {
    for (const line of lines) {
      const { expect, ...request } = JSON.parse(line) as Recorded;
      const ours = oursReply({ ...request, id: '' } as Case);
      const found = difference(ours, { ...expect, id: '' }, { varies: false, text: false });
      assert.equal(found, undefined, `${request.source}\n${JSON.stringify(found, undefined, 2)}`);
    }
  });
}

// Programs of ours and what the original does with them: values, events afterwards, messages, codes and places.
// test/vrl/record.ts makes more.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { vrlReply } from '../../src/cli/vrl_batch.ts';

interface Case {
  readonly source: string;
  readonly event: unknown;
  readonly expect: { readonly compile_error?: { readonly codes: number[]; readonly spans: unknown[] } };
  readonly warnings?: readonly number[];
}

interface Reply {
  readonly compile_error?: { readonly codes: number[]; readonly labels: [number, number, boolean][][] };
  readonly warnings?: { readonly codes: readonly number[] };
  readonly [key: string]: unknown;
}

/** What is compared of a reply. */
function seen({ compile_error: error, warnings, ...rest }: Reply): Record<string, unknown> {
  const { id: _, ...outcome } = rest;
  const spans = error?.labels.map((labels) => labels.find(([, , primary]) => primary)?.slice(0, 2));
  return {
    expect: error ? { compile_error: { codes: error.codes, spans } } : outcome,
    warnings: warnings?.codes ?? [],
  };
}

for (const path of globSync(join(import.meta.dirname, 'cases/*.jsonl')).sort()) {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  test(`does what the original does: ${basename(path, '.jsonl')}, ${lines.length} programs`, () => {
    for (const line of lines) {
      const { source, event, expect, warnings = [] } = JSON.parse(line) as Case;
      const reply = vrlReply(JSON.stringify({ id: '', source, event })) as Reply;
      assert.deepEqual(seen(reply), { expect, warnings }, source);
    }
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../std/clock.ts';
import { testContext } from '../../testing/component.ts';
import type { ApiClient } from './api_client.ts';
import { ApiError } from './failures.ts';
import { NAMESPACES } from './objects.ts';
import { Reflector } from './reflector.ts';

test('a server that is back is listed at once when history is gone, and not again and again', async () => {
  const clock = new FakeClock();
  const { context } = testContext('source', 'kubernetes_logs', { clock });
  const calls: { readonly what: string; readonly atMs: number }[] = [];
  const called = (what: string): number => calls.push({ what, atMs: clock.monotonic() });
  const watches = ['away', 'away', 'expired', 'expired', 'expired', 'expired'];
  const client = {
    list: async () => {
      called('list');
      return { items: [{ metadata: { name: 'a', uid: '1' } }], metadata: { resourceVersion: '7' } };
    },
    watch: async (...[, , , , stop]: Parameters<ApiClient['watch']>) => {
      const next = watches.shift();
      called(next ?? 'watch');
      if (next === 'expired') throw new ApiError(410, 'too old');
      if (next === 'away') throw new Error('nobody there');
      await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()));
    },
  } as unknown as ApiClient;
  const { log } = context;
  const options = { kind: NAMESPACES, fieldSelector: undefined, usesCache: false, client, clock, log };
  const reflector = new Reflector({ ...options, random: () => 1, recorder: context });
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  for (let i = 0; i < 400 && calls.at(-1)?.what !== 'watch'; i++) await clock.advance(100);
  assert.equal(reflector.isCurrent, true);
  stop.abort();
  await running;
  const names = calls.map(({ what }) => what);
  const again = ['list', 'expired', 'list', 'expired', 'list', 'expired', 'list', 'watch'];
  assert.deepEqual(names, ['list', 'away', 'away', 'expired', ...again]);
  const waits = calls.slice(1).map(({ atMs }, index) => atMs - calls[index]!.atMs);
  assert.deepEqual(waits.slice(0, 4), [0, 500, 1000, 500]);
  assert.ok(waits.slice(4).every((ms, index) => index % 2 === 0 || ms >= 500));
});

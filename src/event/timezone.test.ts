import assert from 'node:assert/strict';
import test from 'node:test';
import { namedZone } from './timezone.ts';

const QUARTER_SECONDS = 900;

/** Runs `body` as a machine of that zone. */
function inZone(name: string, body: () => void): void {
  const before = process.env['TZ'];
  process.env['TZ'] = name;
  try {
    body();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}

for (const name of ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'])
  test(`local time in ${name} is that of the zone of this name`, () => {
    const named = namedZone(name)!;
    inZone(name, () => {
      const local = namedZone('local')!;
      const year = Date.UTC(2026, 0) / 1000;
      const quarters = Array.from({ length: 366 * 96 }, (_, index) => year + index * QUARTER_SECONDS);
      for (const seconds of [...quarters, 1.1e8, 5e8, 4e9, 1e15])
        assert.equal(local.offsetAt(seconds), named.offsetAt(seconds), String(seconds));
    });
  });

test('offsets of local time do without Intl, which takes megabytes', (t) => {
  t.mock.method(Intl, 'DateTimeFormat', () => assert.fail('Intl was asked'));
  inZone('Asia/Tokyo', () => assert.equal(namedZone('local')!.offsetAt(1_800_000_000), 9 * 3_600));
});
